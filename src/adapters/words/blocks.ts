import { type ByteWriter, createByteReader, createByteWriter } from './bytes.ts';
import { HASH_RANGE, type TermHash } from './terms.ts';

/**
 * What a question reads of a segment are whole blocks, so they are small: one for each of its terms and segments. Terms
 * that are larger than a block would be mostly theirs have one each.
 */
export const BLOCK_BYTES = 1_024;
export const LARGE_TERM_BYTES = 768;

/** Blocks follow each other in the order of their terms, each with an equal share of all numbers. */
export function bucketOf(hash: TermHash, buckets: number): number {
  return Math.floor((hash / HASH_RANGE) * buckets);
}

export type BlockTerm = { hash: TermHash; start: number; end: number };

/**
 * Collects the terms of one block, in their order. The block: the length of its head; the head, with the distance of
 * each term from the one before and the length of its postings; all postings.
 */
export function createBlockWriter() {
  const heads = createByteWriter();
  const postings = createByteWriter(BLOCK_BYTES * 2);
  const block = createByteWriter(BLOCK_BYTES * 2);
  let last = 0;
  return {
    add(hash: TermHash, bytes: Uint8Array, length = bytes.length): void {
      heads.number(hash - last);
      heads.number(length);
      postings.bytes(bytes, length);
      last = hash;
    },
    /** The finished block, or undefined when it has no terms. Begins the next one. */
    take(): Uint8Array | undefined {
      if (heads.length === 0) return undefined;
      block.clear();
      block.number(heads.length);
      block.bytes(heads.view());
      block.bytes(postings.view());
      heads.clear();
      postings.clear();
      last = 0;
      return block.view();
    },
  };
}

/** Where the postings of a term are in a block. A question does this for each of its terms and segments. */
export function findInBlock(block: Uint8Array, hash: TermHash): BlockTerm | undefined {
  const reader = createByteReader(block);
  const head = reader.number();
  const end = reader.at + head;
  let at = reader.at;
  let current = 0;
  let start = end;
  while (at < end) {
    let scale = 1;
    let byte = block[at++] as number;
    for (; byte > 127; byte = block[at++] as number) {
      current += (byte & 127) * scale;
      scale *= 128;
    }
    current += byte * scale;
    let length = 0;
    byte = block[at++] as number;
    for (scale = 1; byte > 127; byte = block[at++] as number) {
      length += (byte & 127) * scale;
      scale *= 128;
    }
    length += byte * scale;
    if (current === hash) return { hash, start, end: start + length };
    if (current > hash) return undefined;
    start += length;
  }
  return undefined;
}

/** All terms of a block, in their order. */
export function termsOfBlock(block: Uint8Array): BlockTerm[] {
  const reader = createByteReader(block);
  const head = reader.number();
  const end = reader.at + head;
  const terms: BlockTerm[] = [];
  let hash = 0;
  let start = end;
  while (reader.at < end) {
    hash += reader.number();
    const length = reader.number();
    terms.push({ hash, start, end: start + length });
    start += length;
  }
  return terms;
}

/** Terms with a block each, by their hashes in order. The block of the first has the key -1, and so on down. */
export type LargeTerms = { hashes: Float64Array; counts: Uint32Array };

export function writeLargeTerms(writer: ByteWriter, terms: { hash: TermHash; count: number }[]): void {
  writer.number(terms.length);
  let last = 0;
  for (const { hash, count } of terms) {
    writer.number(hash - last);
    writer.number(count);
    last = hash;
  }
}

export function readLargeTerms(bytes: Uint8Array): LargeTerms {
  const reader = createByteReader(bytes);
  const length = reader.number();
  const terms = { hashes: new Float64Array(length), counts: new Uint32Array(length) };
  let hash = 0;
  for (let index = 0; index < length; index += 1) {
    hash += reader.number();
    terms.hashes[index] = hash;
    terms.counts[index] = reader.number();
  }
  return terms;
}

/** Its place in the list, or -1. */
export function findLargeTerm({ hashes }: LargeTerms, hash: TermHash): number {
  let low = 0;
  let high = hashes.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = hashes[middle] as number;
    if (found === hash) return middle;
    if (found < hash) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
