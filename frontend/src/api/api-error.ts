import { ColloquyError, type ErrorCode } from '@colloquy/sdk';
import { translated } from '../texts/server-words.ts';
import { texts } from '../texts/texts.ts';

/** What to tell a person of a failure, and how long to wait where that is known. */
export function messageOf(error: unknown): string {
  if (!(error instanceof ColloquyError)) return texts.errors.unknown;
  const reason = reasonOf(error);
  const wait = error.retryAfterSeconds;
  return wait === undefined ? reason : `${reason} ${texts.errors.retryAfter(wait)}`;
}

/** As `messageOf`, without the wait: for whoever counts it down. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof ColloquyError)) return texts.errors.unknown;
  if (error.code === 'UNREACHABLE') return texts.errors.network;
  // Tokens come back with the day, room for files does not.
  if (error.code === 'QUOTA_EXCEEDED' && error.retryAfterSeconds === undefined) return texts.errors.noRoom;
  return textOfCode(error.code, error.message);
}

/** Codes that stand for many things: what the server says of it tells which. */
const MANY: ReadonlySet<ErrorCode> = new Set(['BAD_USER_INPUT', 'CONFLICT', 'FORBIDDEN', 'PROVIDER_UNAVAILABLE']);

/** `message`: the server's. Its own words, which are English, are the last resort. */
export function textOfCode(code: ErrorCode, message: string): string {
  const text = texts.errors.codes[code];
  if (!MANY.has(code) || !message) return text;
  return translated(message, texts.serverWords) ?? texts.errors.inDetail(text, message);
}

export const isCode = (error: unknown, code: ColloquyError['code']): boolean =>
  error instanceof ColloquyError && error.code === code;

/** Whether the same request may succeed later. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ColloquyError) || PASSING.has(error.code);
}

const PASSING: ReadonlySet<ColloquyError['code']> = new Set([
  'INTERNAL',
  'PROVIDER_UNAVAILABLE',
  'QUOTA_EXCEEDED',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'UNREACHABLE',
]);
