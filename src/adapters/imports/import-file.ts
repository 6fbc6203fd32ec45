import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Entry, openPromise } from 'yauzl';
import { AppError } from '../../errors.ts';
import type { ImportText, OpenImportFile } from '../../ports/import-file.ts';

/** Of a zip, whose images and the like are not read, but have names. */
const MAX_ENTRIES = 200_000;
const WANTED = /(^|\/)conversations([-_]?\d+)?\.json$/i;
const ZIP = 'PK\u0003\u0004';

export const openImportFile: OpenImportFile = async function* (path, maxBytes) {
  if (await isZip(path)) yield* textsOfZip(path, maxBytes);
  else yield { name: null, chunks: decoded(createReadStream(path)) };
};

async function* textsOfZip(path: string, maxBytes: number): AsyncGenerator<ImportText> {
  const zip = await openPromise(path, { autoClose: false }).catch((cause: unknown) => {
    throw damaged(cause);
  });
  try {
    if (zip.entryCount > MAX_ENTRIES) throw tooLarge(`An archive may hold at most ${MAX_ENTRIES} files.`);
    const entries = await wantedEntries(zip.eachEntry());
    if (entries.length === 0) throw unsupported('The archive has no conversations.json.');
    let left = maxBytes;
    for (const entry of entries) {
      const bytes = await zip.openReadStreamPromise(entry).catch((cause: unknown) => {
        throw damaged(cause);
      });
      // What an archive says of sizes need not be true, so what comes out is counted.
      const counted = count(bytes as AsyncIterable<Buffer>, (length) => {
        left -= length;
        if (left < 0) throw tooLarge(`Its conversations may have at most ${Math.floor(maxBytes / 1_048_576)} MB.`);
      });
      try {
        yield { name: entry.fileName, chunks: decoded(counted) };
      } finally {
        bytes.destroy();
      }
    }
  } finally {
    zip.close();
  }
}

async function wantedEntries(all: AsyncIterable<Entry>): Promise<Entry[]> {
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of all) {
      // Of two with one name the first counts, as in most programs.
      if (WANTED.test(entry.fileName) && !entries.has(entry.fileName)) entries.set(entry.fileName, entry);
    }
  } catch (cause) {
    throw damaged(cause);
  }
  const found = [...entries.values()];
  if (found.some((entry) => entry.isEncrypted())) throw unsupported('The archive has a password.');
  return found.sort((one, other) => (one.fileName < other.fileName ? -1 : 1));
}

async function* count(chunks: AsyncIterable<Buffer>, add: (length: number) => void): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of chunks) {
      add(chunk.length);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof AppError ? error : damaged(error);
  }
}

async function* decoded(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  // Drops the mark at the beginning, and keeps a character together that lies across two chunks.
  const decoder = new TextDecoder();
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

async function isZip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1') === ZIP;
  } finally {
    await handle.close();
  }
}

function damaged(cause: unknown): AppError {
  return new AppError({ code: 'BAD_USER_INPUT', message: 'The archive is damaged or incomplete.', cause });
}

function unsupported(message: string): AppError {
  return new AppError({ code: 'UNSUPPORTED_MEDIA_TYPE', message });
}

function tooLarge(message: string): AppError {
  return new AppError({ code: 'PAYLOAD_TOO_LARGE', message });
}
