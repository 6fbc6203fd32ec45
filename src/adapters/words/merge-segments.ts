import type { SqlRunner } from '../../ports/sql.ts';
import { readLargeTerms } from './blocks.ts';
import type { Breaths } from './breaths.ts';
import { type Lengths, readLengths, writeLengths } from './lengths.ts';
import {
  createEncodedPostings,
  createPostingList,
  encodePostings,
  type PostingList,
  readPostings,
} from './postings.ts';
import type { TermTarget } from './segment-builder.ts';
import { createSegmentCursor, type SegmentCursor } from './segment-cursor.ts';
import { fromHex } from './segment-state.ts';
import { createSegmentWriter } from './segment-writer.ts';
import { FIELD_COUNT } from './terms.ts';

/** All that the cursors of a merge read ahead. */
const READ_AHEAD_BYTES = 4_000_000;
const LEAST_READ_AHEAD = 65_536;
const MOST_READ_AHEAD = 524_288;
/** What becomes of blocks: terms that were in several segments are in one now. */
const SHRINKAGE = 0.8;

/** Old number of a document to its new one; -1: left out. */
export type DocumentMap = Int32Array;

export type MergeInput = { segmentIds: string[] /** Of each segment. */; maps: DocumentMap[]; documents: number };
export type MergeOutput = { id: string; scopeId: string; mergeId: string };

type SourceRow = { id: string; doc_count: number; buckets: number; lengths: string; large: string };

/**
 * Writes the documents that are kept of several segments as one, term by term, so that memory does not grow with their
 * size. False: a segment is gone, so somebody else has taken over.
 */
export async function mergeSegments(
  sql: SqlRunner,
  input: MergeInput,
  output: MergeOutput,
  breaths: Breaths,
  stillOurs: () => Promise<void>,
): Promise<boolean> {
  const lengths: Lengths = Array.from({ length: FIELD_COUNT }, () => new Uint32Array(input.documents));
  const readAhead = Math.min(
    MOST_READ_AHEAD,
    Math.max(LEAST_READ_AHEAD, Math.floor(READ_AHEAD_BYTES / input.segmentIds.length)),
  );
  const cursors: SegmentCursor[] = [];
  let buckets = 0;
  for (const [index, id] of input.segmentIds.entries()) {
    const [row] = await sql.query<SourceRow>(
      `SELECT id, doc_count, buckets, encode(lengths, 'hex') AS lengths, encode(large, 'hex') AS large
       FROM word_segments WHERE id = $1::uuid`,
      [id],
    );
    if (!row) return false;
    const kept = moveLengths(
      lengths,
      readLengths(fromHex(row.lengths), row.doc_count),
      input.maps[index] as DocumentMap,
    );
    buckets += row.buckets * (kept / row.doc_count);
    const large = readLargeTerms(fromHex(row.large));
    cursors.push(createSegmentCursor(sql, { id, buckets: row.buckets, large }, readAhead));
    if (breaths.due()) await breaths.pause();
  }
  const writer = createSegmentWriter(sql, {
    ...output,
    documents: input.documents,
    buckets: Math.max(1, Math.ceil(buckets * SHRINKAGE)),
    lengths: writeLengths(lengths, input.documents),
  });
  const flush = async () => {
    await stillOurs();
    await writer.flush();
  };
  await mergeTerms(cursors, input.maps, { ...writer, flush }, breaths);
  await stillOurs();
  await writer.finish();
  return true;
}

/** Returns how many documents are kept. */
function moveLengths(target: Lengths, source: Lengths, map: DocumentMap): number {
  let kept = 0;
  for (const [document, moved] of map.entries()) {
    if (moved < 0) continue;
    kept += 1;
    for (let field = 0; field < FIELD_COUNT; field += 1) {
      (target[field] as Uint32Array)[moved] = (source[field] as Uint32Array)[document] as number;
    }
  }
  return kept;
}

/** The terms of all cursors in the order of their hashes, those of one hash joined. */
async function mergeTerms(
  cursors: SegmentCursor[],
  maps: DocumentMap[],
  target: TermTarget,
  breaths: Breaths,
): Promise<void> {
  const heads = new Float64Array(cursors.length);
  for (const [index, cursor] of cursors.entries()) heads[index] = await cursor.advance();
  const list = createPostingList();
  const encoded = createEncodedPostings();
  for (let stride = 1; ; stride += 1) {
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < heads.length; index += 1) {
      if ((heads[index] as number) < least) least = heads[index] as number;
    }
    if (least === Number.POSITIVE_INFINITY) return;
    list.count = 0;
    let count = 0;
    for (let index = 0; index < heads.length; index += 1) {
      if (heads[index] !== least) continue;
      const cursor = cursors[index] as SegmentCursor;
      const { start, end } = cursor.term();
      list.count = count;
      readPostings(list, cursor.block(), start, end, 0, undefined);
      count = renumber(list, count, maps[index] as DocumentMap);
      heads[index] = cursor.next() ?? (await cursor.advance());
    }
    if (count > 0) {
      encodePostings(encoded, list.documents, list.times, 0, count);
      if (target.add(least, count, encoded)) await target.flush();
    }
    if (stride % 128 === 0 && breaths.due()) await breaths.pause();
  }
}

/** From `start` on, in place: what is left out makes room. Returns where it ends. */
function renumber(list: PostingList, start: number, map: DocumentMap): number {
  const { documents, times } = list;
  let end = start;
  for (let at = start; at < list.count; at += 1) {
    const document = map[documents[at] as number] as number;
    if (document < 0) continue;
    documents[end] = document;
    times[end] = times[at] as number;
    end += 1;
  }
  return end;
}
