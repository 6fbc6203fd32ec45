import type { SqlRunner } from '../../ports/sql.ts';
import type { DocumentMap } from './merge-segments.ts';

export type PartRow = {
  segment_id: string;
  first_doc: number;
  doc_count: number;
  file_id: string;
  generation: number;
  first_chunk: number;
  live: boolean;
};

/** Rows that go to the database in one statement. */
const BATCH = 1_000;

/** Numbers the documents that belong to a part anew, segment after segment. */
export function renumber(
  segments: { id: string; documents: number }[],
  parts: PartRow[],
): { maps: DocumentMap[]; documents: number } {
  const bySegment = Map.groupBy(parts, (part) => part.segment_id);
  let documents = 0;
  const maps = segments.map(({ id, documents: all }) => {
    const map = new Int32Array(all).fill(-1);
    const ordered = (bySegment.get(id) ?? []).toSorted((left, right) => left.first_doc - right.first_doc);
    for (const part of ordered) {
      for (let offset = 0; offset < part.doc_count; offset += 1) {
        map[part.first_doc + offset] = documents;
        documents += 1;
      }
    }
    return map;
  });
  return { maps, documents };
}

/** The parts as they are in the new segment. Neighbours that are one run of a file become one part. */
export function movedParts(
  segments: { id: string }[],
  maps: DocumentMap[],
  parts: PartRow[],
  segmentId: string,
): PartRow[] {
  const mapOf = new Map(segments.map(({ id }, index) => [id, maps[index] as DocumentMap]));
  const moved = parts
    .map((part) => ({ ...part, segment_id: segmentId, first_doc: mapOf.get(part.segment_id)?.[part.first_doc] ?? -1 }))
    .sort((left, right) => left.first_doc - right.first_doc);
  const joined: PartRow[] = [];
  for (const part of moved) {
    const last = joined.at(-1);
    if (last && follows(last, part)) last.doc_count += part.doc_count;
    else joined.push(part);
  }
  return joined;
}

function follows(last: PartRow, part: PartRow): boolean {
  return (
    last.file_id === part.file_id &&
    last.generation === part.generation &&
    last.live === part.live &&
    last.first_doc + last.doc_count === part.first_doc &&
    last.first_chunk + last.doc_count === part.first_chunk
  );
}

export async function insertParts(sql: SqlRunner, parts: PartRow[]): Promise<void> {
  for (let first = 0; first < parts.length; first += BATCH) {
    const batch = parts.slice(first, first + BATCH);
    const column = (name: keyof PartRow) => batch.map((part) => part[name]);
    await sql.query(
      `INSERT INTO word_parts (segment_id, first_doc, doc_count, file_id, generation, first_chunk, live)
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::int[], $6::int[], $7::bool[])`,
      [
        column('segment_id'),
        column('first_doc'),
        column('doc_count'),
        column('file_id'),
        column('generation'),
        column('first_chunk'),
        column('live'),
      ],
    );
  }
}
