import { query } from 'virtual:first-question';
import { storedTokens } from '../api/stored-tokens.ts';
import { PAGE } from '../thread/page-size.ts';
import type { FirstAnswer, FirstQuestion } from '../thread/thread-state.ts';

/**
 * The conversation that the address names, asked for on import: the build runs this module before the browser has read
 * the rest of the page. It imports next to nothing, therefore, and leaves all that can go wrong to who asks afterwards.
 */

type Asked = { id: string; accessToken: string; answer: Promise<FirstAnswer>; found: FirstAnswer };

const CONVERSATION = /^\/c\/([\w-]+)\/?$/;
/** A sign-in that ends within this time is renewed first, which is the SDK's business. */
const MARGIN_MS = 60_000;
const PATIENCE_MS = 15_000;
/** What comes within this time is worth waiting for: drawing the frame alone first takes about as long. */
const SOON_MS = 100;

let asked: Asked | null = begin();

function begin(): Asked | null {
  const id = CONVERSATION.exec(location.pathname)?.[1];
  const tokens = storedTokens();
  if (!id || !tokens || !(Date.parse(tokens.expiresAt) > Date.now() + MARGIN_MS)) return null;
  const { accessToken } = tokens;
  const first: Asked = { id, accessToken, answer: ask(id, accessToken), found: undefined };
  void first.answer.then((found) => {
    first.found = found;
  });
  return first;
}

async function ask(id: string, accessToken: string): Promise<FirstAnswer> {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ query, operationName: 'Conversation', variables: { id, last: PAGE, leaf: null } }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { data, errors } = await response.json();
    return errors ? undefined : data?.conversation;
  } catch {
    return undefined;
  }
}

/** What was asked, if it is this conversation, and by who is signed in now. */
const askedFor = (id: string): Asked | null =>
  asked?.id === id && asked.accessToken === storedTokens()?.accessToken ? asked : null;

export const firstQuestion: FirstQuestion & { soon: () => Promise<void> } = {
  /** Returns when the answer is there, or when it takes longer than anybody should look at nothing. */
  async soon(): Promise<void> {
    if (asked) await Promise.race([asked.answer, new Promise((resolve) => setTimeout(resolve, SOON_MS))]);
  },
  peek: (id: string): FirstAnswer => askedFor(id)?.found,
  async take(id: string): Promise<FirstAnswer> {
    const taken = askedFor(id);
    asked = null;
    return taken?.answer;
  },
};
