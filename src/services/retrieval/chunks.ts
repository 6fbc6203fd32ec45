import type { SqlRunner } from '../../ports/sql.ts';
import type { Candidate } from './fusion.ts';
import { VISIBLE_FILE } from './scope.ts';

/** A candidate with its text. The text is as stored, with white space at its end. */
export type FoundChunk = Candidate & {
  fileName: string;
  text: string;
  start: number;
  end: number;
  page: number | null;
  rerankScore: number | null;
};

type ChunkRow = { place: number; name: string; text: string; start: number; end: number; page: number | null };

/**
 * The indexes may know what the database does not any more: a generation that has been replaced, a file that was
 * deleted. And the rights are looked at once more, whatever scope was searched. Only then is the number bounded.
 */
const READ_CHUNKS = `
SELECT hit.place::int AS place, f.name, chunks.text, chunks.start, chunks."end", chunks.page
FROM unnest($2::uuid[], $3::int[], $4::int[]) WITH ORDINALITY AS hit (file_id, generation, chunk, place)
JOIN files f ON f.id = hit.file_id AND f.live_generation = hit.generation
JOIN chunks ON chunks.file_id = f.id AND chunks.generation = hit.generation AND chunks.index = hit.chunk
LEFT JOIN collections c ON c.id = f.collection_id
WHERE ${VISIBLE_FILE}
ORDER BY hit.place LIMIT $5::int`;

/** What files begin with, the first of each before the second of any. */
const READ_BEGINNINGS = `
SELECT f.id, f.live_generation AS generation, f.name, chunks.index, chunks.text, chunks.start, chunks."end", chunks.page
FROM files f
LEFT JOIN collections c ON c.id = f.collection_id
JOIN chunks ON chunks.file_id = f.id AND chunks.generation = f.live_generation AND chunks.index < $3::int
WHERE f.id = ANY($2::uuid[]) AND ${VISIBLE_FILE}
ORDER BY chunks.index, array_position($2::uuid[], f.id) LIMIT $3::int`;

/** For a question that names files and nothing in them: "Summarise this". */
export async function readBeginnings(
  sql: SqlRunner,
  userId: string,
  fileIds: string[],
  limit: number,
): Promise<FoundChunk[]> {
  const rows = await sql.query<Omit<ChunkRow, 'place'> & { id: string; generation: number; index: number }>(
    READ_BEGINNINGS,
    [userId, fileIds, limit],
  );
  return rows.map(({ id, name, index, ...row }) => ({
    ...row,
    fileId: id,
    chunk: index,
    fileName: name,
    score: 0,
    lexicalRank: null,
    denseRank: null,
    matched: null,
    distance: null,
    model: null,
    rerankScore: null,
  }));
}

/** The texts of the first `limit` candidates that are still there and the user's to see, in their order. */
export async function readChunks(
  sql: SqlRunner,
  userId: string,
  candidates: Candidate[],
  limit: number,
): Promise<FoundChunk[]> {
  if (candidates.length === 0) return [];
  const rows = await sql.query<ChunkRow>(READ_CHUNKS, [
    userId,
    candidates.map(({ fileId }) => fileId),
    candidates.map(({ generation }) => generation),
    candidates.map(({ chunk }) => chunk),
    limit,
  ]);
  return rows.flatMap(({ place, name, text, start, end, page }) => {
    const candidate = candidates[place - 1];
    if (!candidate || text.trim() === '') return [];
    return [{ ...candidate, fileName: name, text, start, end, page, rerankScore: null }];
  });
}
