import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../../errors.ts';
import type { Delay } from '../../../util/delay.ts';
import { unreachable } from './hub-api.ts';

export type DownloadOptions = {
  /** Where it comes from: what there is of another source is not gone on with. */
  source: string;
  /** Where the whole file is put, at once. Until then it is beside, as `.part`. */
  path: string;
  /** One request, from a byte on. Throws AppError where there is no answer. */
  open: (headers: Record<string, string>) => Promise<Response>;
  refusal: (status: number) => AppError;
  /** What the file is known to be. */
  expected: { sizeBytes: number | null; sha256: string | null };
  /** Longest silence. */
  idleMs: number;
  onProgress: (completedBytes: number, totalBytes: number | null, status: string) => void;
  delay: Delay;
  signal: AbortSignal;
};

/** Of what an earlier attempt has left, so that it goes on with the same file. */
type Part = { source: string; etag: string; totalBytes: number };

/** Attempts in a row that bring nothing. */
const MOST_FAILURES = 5;
const FIRST_RETRY_MS = 500;
/** Beside the file itself: the database and its log need room too. */
const SPARE_BYTES = 256 * 1_048_576;

/**
 * Gets a file. What broke off goes on where it broke off, if the server can do that and still has the same file. Throws
 * AppError; the signal's reason when it aborts: what there is by then is kept for the next attempt.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { path, delay, signal } = options;
  await mkdir(dirname(path), { recursive: true });
  if (await isThere(options)) return;
  let most = await sizeOf(partOf(path));
  for (let failures = 0; ; failures++) {
    try {
      await attempt(options);
      break;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError) || !error.retryable) throw error;
      // A connection that breaks again and again, but brings something each time, is only slow.
      const size = await sizeOf(partOf(path));
      if (size > most) failures = 0;
      most = Math.max(most, size);
      if (failures + 1 >= MOST_FAILURES) throw error;
      await delay(FIRST_RETRY_MS * 2 ** failures, signal);
      signal.throwIfAborted();
    }
  }
  await verify(options);
  await rename(partOf(path), path);
  await rm(noteOf(path), { force: true });
}

async function attempt(options: DownloadOptions): Promise<void> {
  const { path, expected, signal } = options;
  const note = await readNote(path);
  const known = note?.source === options.source ? note : null;
  const have = known ? await sizeOf(partOf(path)) : 0;
  if (known && have === known.totalBytes) return;
  // With another file in its place the server sends all of that, not the rest of what we have.
  const resume: Record<string, string> = have > 0 && known ? { range: `bytes=${have}-`, 'if-range': known.etag } : {};
  const response = await options.open(resume);
  const isSame = response.headers.get('etag') === known?.etag;
  const continues = response.status === 206 && startOf(response) === have && have > 0 && isSame;
  if (response.status !== 200 && !continues) {
    await response.body?.cancel();
    // It has less than we have: what we have is of another file.
    if (response.status === 416 || response.status === 206) {
      await forgetPart(path);
      throw unreachable('it does not have the file that it had', true);
    }
    throw options.refusal(response.status);
  }
  const begin = continues ? have : 0;
  const totalBytes = totalOf(response, begin) ?? expected.sizeBytes;
  await checkSpace(path, totalBytes === null ? null : totalBytes - begin, response);
  const file = await open(partOf(path), continues ? 'r+' : 'w');
  try {
    // After what it is about: a note on another file would make one of two.
    await writeNote(path, options.source, response.headers.get('etag'), totalBytes);
    const end = await receive(options, response, file, begin, totalBytes);
    await file.truncate(end);
    await file.sync();
    if (totalBytes !== null && end < totalBytes) throw unreachable('the connection broke', true);
  } finally {
    await file.close();
  }
  signal.throwIfAborted();
}

/** Returns the size that the file has then. */
async function receive(
  { onProgress, idleMs, signal }: DownloadOptions,
  response: Response,
  file: FileHandle,
  begin: number,
  totalBytes: number | null,
): Promise<number> {
  let at = begin;
  const reader = response.body?.getReader();
  const leave = () => void reader?.cancel().catch(() => {});
  let isLate = false;
  let timer: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isLate = true;
      leave();
    }, idleMs);
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    onProgress(at, totalBytes, 'downloading');
    for (;;) {
      watch();
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      if (done || signal.aborted) break;
      if (totalBytes !== null && at + value.length > totalBytes) throw unreachable('it sends more than it said', false);
      for (let written = 0; written < value.length; ) {
        const { bytesWritten } = await file.write(value, written, value.length - written, at + written);
        written += bytesWritten;
      }
      at += value.length;
      onProgress(at, totalBytes, 'downloading');
    }
    if (isLate) throw unreachable(`it sent nothing for ${Math.round(idleMs / 1_000)} s`, true);
    signal.throwIfAborted();
    return at;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError) throw error;
    if ((error as NodeJS.ErrnoException).syscall === 'write') throw diskFailed(error);
    throw unreachable('the connection broke', true);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
    leave();
  }
}

async function verify({ path, expected, onProgress, signal }: DownloadOptions): Promise<void> {
  if (expected.sha256 === null) return;
  const size = await sizeOf(partOf(path));
  const tell = (bytes: number) => onProgress(bytes, size, 'verifying');
  if ((await checksum(partOf(path), tell, signal)) === expected.sha256) return;
  await forgetPart(path);
  throw unreachable('what it sent is not the file that it lists', false);
}

/** Of a model in several files this one may be whole already. */
async function isThere({ path, expected, onProgress, signal }: DownloadOptions): Promise<boolean> {
  const { sizeBytes, sha256 } = expected;
  if (sha256 === null || (await sizeOf(path)) !== sizeBytes) return false;
  return (await checksum(path, (bytes) => onProgress(bytes, sizeBytes, 'verifying'), signal)) === sha256;
}

async function checksum(path: string, tell: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576, signal })) {
    hash.update(chunk);
    bytes += chunk.length;
    tell(bytes);
  }
  return hash.digest('hex');
}

async function checkSpace(path: string, needed: number | null, response: Response): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  const free = bavail * bsize;
  if (free >= (needed ?? 0) + SPARE_BYTES) return;
  await response.body?.cancel();
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const message = `There is not enough room on the disk: ${gigabytes((needed ?? 0) + SPARE_BYTES)} are needed, ${gigabytes(free)} are free.`;
  throw new AppError({ code: 'QUOTA_EXCEEDED', message });
}

function diskFailed(cause: unknown): AppError {
  return new AppError({ code: 'UNAVAILABLE', message: 'The file cannot be written to the disk.', cause });
}

function totalOf(response: Response, begin: number): number | null {
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (range !== undefined) return Number(range);
  const length = response.headers.get('content-length');
  return length === null ? null : begin + Number(length);
}

function startOf(response: Response): number | null {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return start === undefined ? null : Number(start);
}

export const partOf = (path: string) => `${path}.part`;
export const noteOf = (path: string) => `${path}.part.json`;

/** Null: what there is cannot be gone on with. */
async function readNote(path: string): Promise<Part | null> {
  try {
    const { source, etag, totalBytes } = JSON.parse(await readFile(noteOf(path), 'utf8')) as Partial<Part>;
    if (typeof source !== 'string' || typeof etag !== 'string' || typeof totalBytes !== 'number') return null;
    return { source, etag, totalBytes };
  } catch {
    return null;
  }
}

/** A weak tag says that two files are much alike, which is not enough. */
async function writeNote(path: string, source: string, etag: string | null, totalBytes: number | null): Promise<void> {
  if (!etag || etag.startsWith('W/') || totalBytes === null) await rm(noteOf(path), { force: true });
  else await writeFile(noteOf(path), JSON.stringify({ source, etag, totalBytes } satisfies Part));
}

/** What there is of a file, and when the last of it came. Null: nothing. */
export async function fetchedOf(path: string) {
  const part = await stat(partOf(path)).catch(() => null);
  const file = part ?? (await stat(path).catch(() => null));
  if (!file) return null;
  const totalBytes = part ? ((await readNote(path))?.totalBytes ?? null) : file.size;
  return { isWhole: !part, completedBytes: file.size, totalBytes, writtenAt: file.mtimeMs };
}

export async function forgetPart(path: string): Promise<void> {
  await Promise.all([partOf(path), noteOf(path)].map((file) => rm(file, { force: true })));
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
