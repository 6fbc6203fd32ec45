import { memory } from '../util/memory.ts';

export const TOKENS_KEY = 'colloquy.tokens';

export type StoredTokens = { accessToken: string; expiresAt: string };

/** The sign-in as the SDK has written it down, in this tab or in another one. */
export const storedTokens = (): StoredTokens | null => memory.read(TOKENS_KEY, isTokens);

function isTokens(value: unknown): value is StoredTokens {
  return typeof value === 'object' && value !== null && 'accessToken' in value && 'expiresAt' in value;
}
