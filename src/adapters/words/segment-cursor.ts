import type { SqlRunner } from '../../ports/sql.ts';
import { BLOCK_BYTES, type BlockTerm, bucketOf, type LargeTerms, termsOfBlock } from './blocks.ts';
import { fromHex } from './segment-state.ts';
import type { TermHash } from './terms.ts';

export type CursorSegment = { id: string; buckets: number; large: LargeTerms };

/** Goes through the terms of a segment in the order of their hashes, and holds about `readAhead` bytes of it. */
export function createSegmentCursor(sql: SqlRunner, segment: CursorSegment, readAhead: number) {
  const { id, buckets, large } = segment;
  let largeBytes = 0;
  for (const count of large.counts) largeBytes += count * 1.5;
  const stretch = Math.max(1, Math.floor((readAhead * buckets) / (buckets * BLOCK_BYTES + largeBytes)));
  let terms: BlockTerm[] = [];
  let blocks: Uint8Array[] = [];
  let at = -1;
  let nextBucket = 0;
  let nextLarge = 0;

  async function read(): Promise<void> {
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
    const found = rows.flatMap(({ key, data }) => {
      const block = fromHex(data);
      if (key >= 0) return termsOfBlock(block).map((term) => ({ term, block }));
      const hash = large.hashes[-1 - key] as number;
      return [{ term: { hash, start: 0, end: block.length }, block }];
    });
    found.sort((left, right) => left.term.hash - right.term.hash);
    terms = found.map(({ term }) => term);
    blocks = found.map(({ block }) => block);
    at = -1;
    nextBucket = lastBucket;
    nextLarge = lastLarge;
  }

  return {
    /** Its postings. */
    term: () => terms[at] as BlockTerm,
    block: () => blocks[at] as Uint8Array,
    /** Goes to the next term and says its hash: infinite at the end, undefined where more has to be read first. */
    next(): TermHash | undefined {
      at += 1;
      const term = terms[at];
      if (term) return term.hash;
      return nextBucket < buckets ? undefined : Number.POSITIVE_INFINITY;
    },
    /** As `next`, and reads. */
    async advance(): Promise<TermHash> {
      let hash = this.next();
      while (hash === undefined) {
        await read();
        hash = this.next();
      }
      return hash;
    },
  };
}

export type SegmentCursor = ReturnType<typeof createSegmentCursor>;
