import { ColloquyError } from '@colloquy/sdk';
import { AppError } from '../errors.ts';
import { plainText } from './plain-text.ts';

export function keyRefused(server: string): string {
  return `The API key is none of ${server}, or does not hold any more.`;
}

/** What a person is told of a failure. Null: it is none that is expected. */
export function explain(error: unknown, server: string): string | null {
  if (error instanceof AppError) return error.message;
  if (!(error instanceof ColloquyError)) return null;
  const { code, fields, retryAfterSeconds } = error;
  const message = plainText(error.message);
  if (code === 'UNREACHABLE') {
    return `No answer from ${server}. Is the server running there? \`npm start\` starts one on this machine.`;
  }
  if (code === 'UNAUTHENTICATED') return 'The sign-in has ended. Start again to sign in.';
  const faults = Object.values(fields).map(plainText);
  if (faults.length > 0) return [...new Set(faults)].join('\n');
  return retryAfterSeconds === undefined ? message : `${message} Try again in ${retryAfterSeconds} seconds.`;
}
