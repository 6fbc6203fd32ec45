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
WITH hit AS (
  SELECT * FROM unnest($2::uuid[], $3::int[], $4::int[]) WITH ORDINALITY AS hit (file_id, generation, chunk, place)
), valid AS (
  SELECT hit.*, f.name FROM hit
  JOIN files f ON f.id = hit.file_id AND f.live_generation = hit.generation
  LEFT JOIN collections c ON c.id = f.collection_id
  WHERE ${VISIBLE_FILE}
  ORDER BY hit.place LIMIT $5::int
)
SELECT valid.place::int AS place, valid.name, chunks.text, chunks.start, chunks."end", chunks.page
FROM valid JOIN chunks
  ON chunks.file_id = valid.file_id AND chunks.generation = valid.generation AND chunks.index = valid.chunk
ORDER BY valid.place`;

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
