import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ColloquyError, type FileFieldsFragment } from '@colloquy/sdk';
import { delay } from '../util/delay.ts';
import { findCollection } from './collections.ts';
import { EXIT, exitCodeFor, Failure } from './exit-codes.ts';
import { explain } from './explain.ts';
import { plainText } from './plain-text.ts';
import { createProgressBar } from './progress-bar.ts';
import type { Remote } from './remote.ts';
import { stateOf } from './run-files.ts';

export type UploadFilesOptions = {
  collection?: string | undefined;
  /** Folders too, with all that is in them. */
  recursive?: true | undefined;
  /** Until each has been read, or could not be. */
  wait?: true | undefined;
};

/** What is wrong with one file, and with none of the others. */
const OF_ONE_FILE = new Set(['BAD_USER_INPUT', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'CONFLICT']);

/**
 * Uploads files one after another. One that cannot be uploaded, or be read, is told, and the others go on. Returns the
 * exit code.
 */
export async function uploadFiles(remote: Remote, paths: string[], options: UploadFilesOptions): Promise<number> {
  const { collection, recursive, wait } = options;
  const collectionId = collection === undefined ? undefined : await findCollection(remote, collection);
  const files = (await Promise.all(paths.map((path) => filesIn(path, recursive ?? false)))).flat();
  if (files.length === 0) throw new Failure('There are no files in there.', EXIT.missing);
  let code: number = EXIT.done;
  const uploaded: FileFieldsFragment[] = [];
  for (const path of files) {
    try {
      const file = await inTime(remote, () => upload(remote, path, collectionId));
      uploaded.push(file);
      if (!wait) tell(remote, file);
    } catch (error) {
      code = told(remote, path, error);
    }
  }
  if (!wait) return code;
  for (const file of uploaded) {
    const read = await inTime(remote, () => untilRead(remote, file));
    tell(remote, read);
    if (read.status === 'FAILED') code = EXIT.failed;
  }
  return code;
}

/** A folder may have more files than one may send in a minute: then it takes some. */
async function inTime<Result>({ shell, signal }: Remote, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const wait =
        error instanceof ColloquyError && error.code === 'RATE_LIMITED' ? error.retryAfterSeconds : undefined;
      if (wait === undefined) throw error;
      shell.writeError(`The server takes no more for now. Going on in ${wait} seconds.\n`);
      await delay(wait * 1_000, signal);
      signal.throwIfAborted();
    }
  }
}

async function upload({ client, shell, output, signal }: Remote, path: string, collectionId: string | undefined) {
  const blob = await openAsBlob(path);
  const bar = output.json
    ? null
    : createProgressBar({ write: shell.writeError, columns: shell.columns, now: () => performance.now() });
  // What is over in a moment needs no bar.
  const isShown = shell.columns !== null && blob.size > 1_000_000;
  try {
    return await client.uploadFile(blob, {
      name: basename(path),
      collectionId,
      signal,
      ...(bar &&
        isShown && {
          onProgress: ({ sent, total }) =>
            bar.show({ status: basename(path), completedBytes: sent, totalBytes: total }),
        }),
    });
  } finally {
    if (isShown) bar?.end();
  }
}

async function untilRead({ client, signal }: Remote, file: FileFieldsFragment): Promise<FileFieldsFragment> {
  let newest = file;
  for await (const event of client.fileProgress(file.id, { signal })) newest = event;
  signal.throwIfAborted();
  return newest;
}

function tell({ output }: Remote, file: FileFieldsFragment): void {
  output.show(file, `${plainText(file.name)}: ${plainText(stateOf(file))} (${file.id})\n`);
}

/** Returns the exit code. Throws what is no fault of this one file. */
function told({ shell, url }: Remote, path: string, error: unknown): number {
  const isOfFile = error instanceof ColloquyError ? OF_ONE_FILE.has(error.code) : isSystemError(error);
  if (!isOfFile) throw error;
  const reason = explain(error, url) ?? (error instanceof Error ? error.message : String(error));
  shell.writeError(`${plainText(path)}: ${reason}\n`);
  return error instanceof ColloquyError ? exitCodeFor(error.code) : EXIT.failed;
}

/** A file, or those in a folder and in the folders in it; without what is hidden. */
async function filesIn(path: string, recursive: boolean): Promise<string[]> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new Failure(`There is no ${path}.`, EXIT.missing);
  if (!found.isDirectory()) return [path];
  if (!recursive) throw new Failure(`${path} is a folder: add --recursive.`, EXIT.usage);
  const entries = await readdir(path, { withFileTypes: true });
  const shown = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => a.name.localeCompare(b.name));
  const deeper = shown.map(async (entry) => {
    if (entry.isDirectory()) return filesIn(join(path, entry.name), true);
    return entry.isFile() ? [join(path, entry.name)] : [];
  });
  return (await Promise.all(deeper)).flat();
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
