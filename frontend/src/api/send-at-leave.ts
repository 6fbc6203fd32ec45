import { type DocumentNode, print } from 'graphql';
import { storedTokens } from './stored-tokens.ts';

/**
 * Sends a mutation from a page that is being closed. The browser carries it out after the page is gone, so its answer is
 * never heard, and a token that has run out is not renewed.
 */
export function sendAtLeave(document: DocumentNode, variables: Record<string, unknown>): void {
  const tokens = storedTokens();
  if (!tokens) return;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${tokens.accessToken}` };
  const body = JSON.stringify({ query: print(document), variables });
  // Nobody is left to tell what went wrong.
  fetch('/graphql', { method: 'POST', keepalive: true, headers, body }).catch(() => {});
}
