import type { SqlRunner } from '../../ports/sql.ts';
import { bucketOf, createBlockWriter, LARGE_TERM_BYTES, writeLargeTerms } from './blocks.ts';
import { createByteWriter } from './bytes.ts';
import type { TermTarget } from './segment-builder.ts';
import type { TermHash } from './terms.ts';

/** So much goes to the database in one statement. The embedded one runs it in this process: 5 ms. */
const BATCH_BYTES = 262_144;
const BATCH_BLOCKS = 512;

export type NewSegment = {
  id: string;
  scopeId: string;
  documents: number;
  buckets: number;
  lengths: Uint8Array;
  /** The merge that writes it; it is not searched until this is taken away. */
  mergeId: string | null;
};

/**
 * Writes a segment, whose terms come in the order of their hashes, with the runner of the caller. Bytes travel as
 * base64: the embedded database would take them apart one by one.
 */
export function createSegmentWriter(sql: SqlRunner, segment: NewSegment): TermTarget & { finish(): Promise<void> } {
  const bucket = createBlockWriter();
  const batch = createByteWriter(BATCH_BYTES + 4_096);
  let keys: number[] = [];
  let ends: number[] = [];
  const large: { hash: TermHash; count: number }[] = [];
  let current = 0;
  let inserted = false;

  const append = (key: number, block: Uint8Array | undefined) => {
    if (!block) return;
    batch.bytes(block);
    keys.push(key);
    ends.push(batch.length);
  };

  async function writeSegment(): Promise<void> {
    const { id, scopeId, documents, buckets, lengths, mergeId } = segment;
    const writer = createByteWriter();
    writeLargeTerms(writer, large);
    const written = base64(writer.view());
    if (inserted) {
      await sql.query(`UPDATE word_segments SET large = decode($2, 'base64') WHERE id = $1::uuid`, [id, written]);
      return;
    }
    await sql.query(
      `INSERT INTO word_segments (id, scope_id, doc_count, buckets, lengths, large, merge_id)
       VALUES ($1::uuid, $2::uuid, $3::int, $4::int, decode($5, 'base64'), decode($6, 'base64'), $7::uuid)`,
      [id, scopeId, documents, buckets, base64(lengths), written, mergeId],
    );
    inserted = true;
  }

  async function flush(): Promise<void> {
    if (!inserted) await writeSegment();
    if (keys.length === 0) return;
    const bytes = base64(batch.view());
    const sent = [segment.id, bytes, keys, [0, ...ends.slice(0, -1)], ends];
    batch.clear();
    keys = [];
    ends = [];
    await sql.query(
      `INSERT INTO word_blocks (segment_id, key, data)
       SELECT $1::uuid, part.key, substring(batch.data FROM part.first + 1 FOR part.last - part.first)
       FROM (SELECT decode($2, 'base64') AS data OFFSET 0) AS batch,
         unnest($3::int[], $4::int[], $5::int[]) AS part(key, first, last)`,
      sent,
    );
  }

  return {
    add(hash, count, postings) {
      if (postings.length > LARGE_TERM_BYTES) {
        large.push({ hash, count });
        append(-large.length, postings.bytes.subarray(0, postings.length));
      } else {
        const place = bucketOf(hash, segment.buckets);
        if (place !== current) {
          append(current, bucket.take());
          current = place;
        }
        bucket.add(hash, postings.bytes, postings.length);
      }
      return batch.length >= BATCH_BYTES || keys.length >= BATCH_BLOCKS;
    },
    flush,
    async finish() {
      append(current, bucket.take());
      // Known by now: where all fits into one batch, the segment is inserted with them.
      if (inserted || large.length > 0) await writeSegment();
      await flush();
    },
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
