import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { finished, type Readable, Writable } from 'node:stream';
import { AppError } from '../../errors.ts';

export type ReceiveOptions = { maxBytes: number; signal?: AbortSignal | undefined };

/**
 * Writes a stream into a new file, that only this account can read, and counts and hashes it on the way. The promise
 * settles when the file is safe on the disk, or gone again.
 */
export async function receiveToDisk(
  source: Readable,
  path: string,
  options: ReceiveOptions,
): Promise<{ size: number; sha256: string }> {
  options.signal?.throwIfAborted();
  const handle = await open(path, 'wx', 0o600);
  try {
    const received = await write(source, handle, options);
    await handle.sync();
    await handle.close();
    return received;
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(path, { force: true });
    throw isFull(error) ? noRoom(error) : error;
  }
}

async function write(source: Readable, handle: FileHandle, { maxBytes, signal }: ReceiveOptions) {
  const hash = createHash('sha256');
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxBytes) return done(tooLarge(maxBytes));
      hash.update(chunk);
      writeAll(handle, chunk).then(() => done(), done);
    },
  });
  const onAbort = () => sink.destroy(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  // A source that ends before its end, as a connection does that is cut, tells it nowhere else.
  const release = finished(source, { writable: false }, (error) => {
    if (error) sink.destroy(error);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      finished(sink, (error) => (error ? reject(error) : resolve()));
      if (signal?.aborted) onAbort();
      else source.pipe(sink);
    });
  } finally {
    release();
    source.unpipe(sink);
    signal?.removeEventListener('abort', onAbort);
  }
  return { size, sha256: hash.digest('hex') };
}

/** The system may take less than it is given at a time. */
async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  let written = 0;
  while (written < chunk.length) {
    written += (await handle.write(chunk, written, chunk.length - written)).bytesWritten;
  }
}

function tooLarge(maxBytes: number): AppError {
  const most = maxBytes >= 1_048_576 ? `${Math.floor(maxBytes / 1_048_576)} MB` : `${maxBytes} bytes`;
  return new AppError({ code: 'PAYLOAD_TOO_LARGE', message: `A file may have at most ${most}.` });
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function noRoom(cause: unknown): AppError {
  return new AppError({
    code: 'UNAVAILABLE',
    message: 'The server has no room left for files. Tell its administrator.',
    cause,
  });
}
