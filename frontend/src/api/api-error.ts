import { ColloquyError } from '@colloquy/sdk';
import { texts } from '../texts.ts';

/** What to tell a person of a failure. */
export function messageOf(error: unknown): string {
  if (!(error instanceof ColloquyError)) return texts.errors.unknown;
  if (error.code === 'UNREACHABLE') return texts.errors.network;
  const wait = error.retryAfterSeconds;
  return wait === undefined ? error.message : `${error.message} ${texts.errors.retryAfter(wait)}`;
}

export const isCode = (error: unknown, code: ColloquyError['code']): boolean =>
  error instanceof ColloquyError && error.code === code;
