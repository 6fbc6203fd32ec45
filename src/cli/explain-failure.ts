import { inspect } from 'node:util';
import { ConfigError } from '../config.ts';
import { AppError } from '../errors.ts';
import { EXIT, exitCodeFor } from './exit-codes.ts';

/** What a person is told of what ended a command, and its exit code. */
export function explainFailure(error: unknown): { message: string; exitCode: number } {
  if (error instanceof ConfigError) return { message: error.faults.join('\n'), exitCode: EXIT.failed };
  if (error instanceof AppError) return { message: error.message, exitCode: exitCodeFor(error.code) };
  // Nobody expected it: whoever mends it wants all of it.
  return { message: inspect(error), exitCode: EXIT.failed };
}
