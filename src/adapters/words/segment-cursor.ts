import type { SqlRunner } from '../../ports/sql.ts';
import { BLOCK_BYTES, bucketOf, type LargeTerms, termsOfBlock } from './blocks.ts';
import { fromHex } from './segment-state.ts';
import type { TermHash } from './terms.ts';

export type CursorTerm = { hash: TermHash; bytes: Uint8Array; start: number; end: number };

export type CursorSegment = { id: string; buckets: number; large: LargeTerms };

/** Goes through the terms of a segment in the order of their hashes, and holds about `readAhead` bytes of it. */
export function createSegmentCursor(sql: SqlRunner, segment: CursorSegment, readAhead: number) {
  const { id, buckets, large } = segment;
  let largeBytes = 0;
  for (const count of large.counts) largeBytes += count * 1.5;
  const stretch = Math.max(1, Math.floor((readAhead * buckets) / (buckets * BLOCK_BYTES + largeBytes)));
  let terms: CursorTerm[] = [];
  let at = 0;
  let nextBucket = 0;
  let nextLarge = 0;

  return {
    /** Undefined: `fill` first, or the end is reached when that says so. */
    get current(): CursorTerm | undefined {
      return terms[at];
    },
    advance(): void {
      at += 1;
    },
    /** Reads on when all that was read has been passed. False: there is no more. */
    async fill(): Promise<boolean> {
      while (at >= terms.length && nextBucket < buckets) {
        const lastBucket = Math.min(buckets, nextBucket + stretch);
        let lastLarge = nextLarge;
        while (lastLarge < large.hashes.length && bucketOf(large.hashes[lastLarge] as number, buckets) < lastBucket) {
          lastLarge += 1;
        }
        const rows = await sql.query<{ key: number; data: string }>(
          `SELECT key, encode(data, 'hex') AS data FROM word_blocks
           WHERE segment_id = $1::uuid AND key >= $2::int AND key < $3::int
           UNION ALL
           SELECT key, encode(data, 'hex') FROM word_blocks
           WHERE segment_id = $1::uuid AND key >= $4::int AND key < $5::int`,
          [id, nextBucket, lastBucket, -lastLarge, -nextLarge],
        );
        terms = rows.flatMap(({ key, data }) => termsOf(large, key, fromHex(data)));
        terms.sort((left, right) => left.hash - right.hash);
        at = 0;
        nextBucket = lastBucket;
        nextLarge = lastLarge;
      }
      return at < terms.length;
    },
  };
}

export type SegmentCursor = ReturnType<typeof createSegmentCursor>;

function termsOf(large: LargeTerms, key: number, bytes: Uint8Array): CursorTerm[] {
  if (key < 0) return [{ hash: large.hashes[-1 - key] as number, bytes, start: 0, end: bytes.length }];
  return termsOfBlock(bytes).map(({ hash, start, end }) => ({ hash, bytes, start, end }));
}
