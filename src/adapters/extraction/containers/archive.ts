import { open } from 'node:fs/promises';
import { type Entry, openPromise } from 'yauzl';
import { MAX_ENTRIES, MAX_INFLATED_BYTES, MAX_RATIO, RATIO_COUNTS_FROM_BYTES } from '../limits.ts';
import { DAMAGED, HAS_PASSWORD, Refusal, TOO_LARGE_INSIDE } from '../refusal.ts';

export type Archive = {
  names: string[];
  has(name: string): boolean;
  /** What it says to hold when unpacked: for progress only, it need not be true. */
  claimedSize(name: string): number;
  /** The bytes of an entry, unpacked. They are counted: past the limits it throws. */
  read(name: string): AsyncGenerator<Buffer>;
  close(): void;
};

/**
 * A zip file, of which nothing is written anywhere: names are only looked up. Entries that overlap or lie about their
 * size gain nothing, because what is unpacked is counted.
 */
export async function openArchive(path: string): Promise<Archive> {
  if (await isCompound(path)) throw new Refusal(HAS_PASSWORD);
  const zip = await openPromise(path, { autoClose: false });
  try {
    if (zip.entryCount > MAX_ENTRIES) throw new Refusal(TOO_LARGE_INSIDE);
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) {
      // Of two with one name the first counts, as in most programs.
      if (!entry.fileName.endsWith('/') && !entries.has(entry.fileName)) entries.set(entry.fileName, entry);
    }
    let inflated = 0;
    let packed = 0;
    return {
      names: [...entries.keys()],
      has: (name) => entries.has(name),
      claimedSize: (name) => entries.get(name)?.uncompressedSize ?? 0,
      async *read(name) {
        const entry = entries.get(name);
        if (!entry) throw new Refusal(DAMAGED);
        if (entry.isEncrypted()) throw new Refusal(HAS_PASSWORD);
        packed += entry.compressedSize;
        const stream = await zip.openReadStreamPromise(entry);
        try {
          for await (const chunk of stream as AsyncIterable<Buffer>) {
            inflated += chunk.length;
            const isBomb = inflated > RATIO_COUNTS_FROM_BYTES && inflated > packed * MAX_RATIO;
            if (isBomb || inflated > MAX_INFLATED_BYTES) throw new Refusal(TOO_LARGE_INSIDE);
            yield chunk;
          }
        } finally {
          stream.destroy();
        }
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** Office puts what it encrypts into an OLE container; whoever detected the kind has seen that it is one of these. */
async function isCompound(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.readUInt32BE(0) === 0xd0cf11e0;
  } finally {
    await handle.close();
  }
}
