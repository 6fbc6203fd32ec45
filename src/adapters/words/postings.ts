/** In which documents a term is, and how often; as many bytes as `length` says. */
export type EncodedPostings = { bytes: Uint8Array; length: number };

export function createEncodedPostings(): EncodedPostings {
  return { bytes: new Uint8Array(4_096), length: 0 };
}

/** The longest that two numbers of 32 bits can be. */
const MOST_BYTES = 10;

/**
 * Writes the postings from `start` to `end` of two arrays, whose documents rise, in place of what was there. Each
 * document is the distance from the one before, doubled; the lowest bit says that the term is there once, else the
 * number of times follows, less two.
 */
export function encodePostings(
  target: EncodedPostings,
  documents: Uint16Array | Uint32Array,
  times: Uint16Array | Uint32Array,
  start: number,
  end: number,
): void {
  const most = (end - start) * MOST_BYTES;
  if (target.bytes.length < most) target.bytes = new Uint8Array(most * 2);
  const { bytes } = target;
  let length = 0;
  let last = -1;
  for (let at = start; at < end; at += 1) {
    const document = documents[at] as number;
    const found = times[at] as number;
    let value = (document - last) * 2 + (found === 1 ? 1 : 0);
    last = document;
    for (; value > 127; value >>>= 7) bytes[length++] = (value & 127) | 128;
    bytes[length++] = value;
    if (found === 1) continue;
    value = found - 2;
    for (; value > 127; value >>>= 7) bytes[length++] = (value & 127) | 128;
    bytes[length++] = value;
  }
  target.length = length;
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
