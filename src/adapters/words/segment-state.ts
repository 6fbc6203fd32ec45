import type { SqlRunner } from '../../ports/sql.ts';
import { type LargeTerms, readLargeTerms } from './blocks.ts';
import { type Lengths, readLengths } from './lengths.ts';
import { FIELD_COUNT } from './terms.ts';

/** Neighbouring documents of a segment that are found. */
export type LivePart = {
  firstDocument: number;
  documents: number;
  fileId: string;
  generation: number;
  firstChunk: number;
};

/** What a process keeps of a segment. */
export type SegmentState = {
  id: string;
  /** Short for the id, in this process: its blocks do not change either. */
  serial: number;
  documents: number;
  buckets: number;
  version: number;
  lengths: Lengths;
  large: LargeTerms;
  parts: LivePart[];
  /** 1: is found. Undefined: all are. */
  live: Uint8Array | undefined;
  liveCount: number;
  /** Of the live documents, in each field. */
  totals: number[];
  /** Of memory, about. */
  bytes: number;
};

export type SegmentLabel = { id: string; documents: number; buckets: number; version: number };

type ContentRow = { id: string; lengths: string; large: string };
type PartRow = {
  segment_id: string;
  first_doc: number;
  doc_count: number;
  file_id: string;
  generation: number;
  first_chunk: number;
};

let nextSerial = 1;

/**
 * Reads the contents of segments after their labels, so that they are never older than the labels say; newer does no
 * harm, as the version of the scope then no longer fits and all is read again. Segments that are gone are left out.
 */
export async function readSegments(
  sql: SqlRunner,
  labels: SegmentLabel[],
  known: (id: string) => SegmentState | undefined,
): Promise<Map<string, SegmentState>> {
  const states = new Map<string, SegmentState>();
  const changed = labels.filter((label) => {
    const state = known(label.id);
    if (state?.version === label.version) states.set(label.id, state);
    return state?.version !== label.version;
  });
  if (changed.length === 0) return states;
  const newIds = changed.filter(({ id }) => !known(id)).map(({ id }) => id);
  const contents = new Map((await readContents(sql, newIds)).map((row) => [row.id, row]));
  const parts = Map.groupBy(
    await sql.query<PartRow>(
      `SELECT segment_id, first_doc, doc_count, file_id, generation, first_chunk FROM word_parts
       WHERE segment_id = ANY($1::uuid[]) AND live ORDER BY segment_id, first_doc`,
      [changed.map(({ id }) => id)],
    ),
    (row) => row.segment_id,
  );
  for (const label of changed) {
    const before = known(label.id);
    const content = contents.get(label.id);
    const lengths = before?.lengths ?? (content && readLengths(fromHex(content.lengths), label.documents));
    const large = before?.large ?? (content && readLargeTerms(fromHex(content.large)));
    if (lengths && large)
      states.set(label.id, stateOf(label, before?.serial ?? nextSerial++, lengths, large, parts.get(label.id) ?? []));
  }
  return states;
}

async function readContents(sql: SqlRunner, ids: string[]): Promise<ContentRow[]> {
  if (ids.length === 0) return [];
  return sql.query<ContentRow>(
    `SELECT id, encode(lengths, 'hex') AS lengths, encode(large, 'hex') AS large FROM word_segments
     WHERE id = ANY($1::uuid[])`,
    [ids],
  );
}

function stateOf(
  label: SegmentLabel,
  serial: number,
  lengths: Lengths,
  large: LargeTerms,
  rows: PartRow[],
): SegmentState {
  const live = new Uint8Array(label.documents);
  const totals = new Array<number>(FIELD_COUNT).fill(0);
  let liveCount = 0;
  const parts = rows.map((row): LivePart => {
    const end = row.first_doc + row.doc_count;
    live.fill(1, row.first_doc, end);
    liveCount += row.doc_count;
    for (const [field, all] of lengths.entries()) {
      let total = 0;
      for (let document = row.first_doc; document < end; document += 1) total += all[document] as number;
      totals[field] = (totals[field] as number) + total;
    }
    return {
      firstDocument: row.first_doc,
      documents: row.doc_count,
      fileId: row.file_id,
      generation: row.generation,
      firstChunk: row.first_chunk,
    };
  });
  const bytes = 500 + label.documents * (4 * FIELD_COUNT + 1) + large.hashes.length * 12 + parts.length * 150;
  return {
    ...label,
    serial,
    lengths,
    large,
    parts,
    live: liveCount === label.documents ? undefined : live,
    liveCount,
    totals,
    bytes,
  };
}

/** Bytes travel as hexadecimal text, which both drivers pass on as it is. */
export function fromHex(text: string): Uint8Array {
  return Buffer.from(text, 'hex');
}
