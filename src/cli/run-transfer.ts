import { createWriteStream, openAsBlob } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Client } from '@colloquy/sdk';
import { AppError } from '../errors.ts';
import { formatBytes } from '../util/format-bytes.ts';
import { plainText } from './plain-text.ts';

type Run = {
  client: Pick<Client, 'exportConversations' | 'importConversations'>;
  write: (text: string) => void;
  /** Aborts when the person has had enough. */
  signal: AbortSignal;
};

export type RunExport = Run & {
  /** Null: to `output`, and nothing else is said. */
  path: string | null;
  output: NodeJS.WritableStream;
  /** An existing file is replaced. */
  force: boolean;
};

export type RunImport = Run & { path: string; json: boolean };

/**
 * Writes one's conversations into a file, which has its name once it is whole. Returns the exit code. Throws AppError and
 * ColloquyError.
 */
export async function runExport({ client, path, output, force, write, signal }: RunExport): Promise<number> {
  if (path !== null && !force && (await exists(path))) {
    throw new AppError({ code: 'CONFLICT', message: `${path} exists already.` });
  }
  const { body } = await client.exportConversations({ signal });
  if (!body) throw new AppError({ code: 'INTERNAL', message: 'The server has sent nothing.' });
  const source = Readable.fromWeb(body as ReadableStream<Uint8Array>);
  if (path === null) {
    try {
      await pipeline(source, output, { end: false, signal });
    } catch (error) {
      // Whoever reads it has enough.
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') {
        throw isAbrupt(error) ? brokenOff('It is not whole; start it again.', error) : error;
      }
    }
    return 0;
  }
  const part = `${path}.part`;
  try {
    // Nobody else's: it holds all that somebody has said.
    // A file that is there may be anybody's.
    await rm(part, { force: true });
    await pipeline(source, createWriteStream(part, { mode: 0o600, flags: 'wx' }), { signal });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw isAbrupt(error) ? brokenOff('Nothing is left of it; start it again.', error) : error;
  }
  write(`${path}: ${formatBytes((await stat(path)).size)}\n`);
  return 0;
}

/** Returns the exit code: 1 where some conversations could not be imported. Throws AppError and ColloquyError. */
export async function runImport({ client, path, json, write, signal }: RunImport): Promise<number> {
  if (!(await exists(path))) throw new AppError({ code: 'NOT_FOUND', message: `There is no file ${path}.` });
  const summary = await client.importConversations(await openAsBlob(path), { signal });
  const { imported, skipped, failedCount, failed } = summary;
  const code = failedCount > 0 ? 1 : 0;
  if (json) {
    write(`${JSON.stringify(summary)}\n`);
    return code;
  }
  const there = skipped > 0 ? `, ${skipped} were there already` : '';
  write(`${imported} ${imported === 1 ? 'conversation' : 'conversations'} imported${there}.\n`);
  for (const { index, title, message } of failed) {
    write(`Not imported: number ${index + 1}${title === null ? '' : `, ${plainText(title)}`}. ${plainText(message)}\n`);
  }
  if (failedCount > failed.length) write(`… and ${failedCount - failed.length} more.\n`);
  return code;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** As fetch tells of a connection that was cut. */
function isAbrupt(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'terminated';
}

function brokenOff(then: string, cause: unknown): AppError {
  const message = `The export was broken off. ${then}`;
  return new AppError({ code: 'UNAVAILABLE', message, retryable: true, cause });
}
