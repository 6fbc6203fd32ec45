import type { ByteWriter } from './bytes.ts';

/**
 * In which documents a term is, and how often. Each document is the distance from the one before, doubled; the lowest
 * bit says that the term is there once, else the number of times follows, less two.
 */
export function writePosting(writer: ByteWriter, distance: number, times: number): void {
  writer.number(distance * 2 + (times === 1 ? 1 : 0));
  if (times > 1) writer.number(times - 2);
}

/** Documents and times side by side; it grows, and is filled anew for each term. */
export type PostingList = { count: number; documents: Uint32Array; times: Uint32Array };

export function createPostingList(): PostingList {
  return { count: 0, documents: new Uint32Array(1024), times: new Uint32Array(1024) };
}

/** Appends what `bytes` hold from `start` to `end`, numbered from `base`. With `live`, only those documents. */
export function readPostings(
  list: PostingList,
  bytes: Uint8Array,
  start: number,
  end: number,
  base: number,
  live: Uint8Array | undefined,
): void {
  // Each takes a byte at least.
  provide(list, end - start);
  const { documents, times } = list;
  let { count } = list;
  let document = -1;
  let at = start;
  while (at < end) {
    let byte = bytes[at++] as number;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++] as number;
      value |= (byte & 127) << shift;
    }
    document += value >>> 1;
    let found = 1;
    if ((value & 1) === 0) {
      byte = bytes[at++] as number;
      found = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[at++] as number;
        found |= (byte & 127) << shift;
      }
      found += 2;
    }
    if (live !== undefined && live[document] === 0) continue;
    documents[count] = base + document;
    times[count] = found;
    count += 1;
  }
  list.count = count;
}

function provide(list: PostingList, more: number): void {
  const needed = list.count + more;
  if (needed <= list.documents.length) return;
  const grow = (old: Uint32Array) => {
    const larger = new Uint32Array(Math.max(old.length * 2, needed));
    larger.set(old.subarray(0, list.count));
    return larger;
  };
  list.documents = grow(list.documents);
  list.times = grow(list.times);
}
