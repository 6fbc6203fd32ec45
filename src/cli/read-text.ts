import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { EXIT, Failure } from './exit-codes.ts';

/** `pipe`: what comes from one is it as well. */
export type TextOptions = { text?: string | undefined; file?: string | undefined; pipe: boolean };

/** From where it was said to be; null where nothing was said. */
export async function readText({ text: given, file, pipe }: TextOptions): Promise<string | null> {
  if (given !== undefined && file !== undefined) throw new Failure('Give one of --text and --file.', EXIT.usage);
  if (given !== undefined) return given;
  if (file === '-' || (file === undefined && pipe && !process.stdin.isTTY)) return (await text(process.stdin)) || null;
  if (file === undefined) return null;
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${error instanceof Error ? error.message : error}`, EXIT.failed, error);
  }
}
