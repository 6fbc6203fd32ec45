import type { SqlRunner } from '../../ports/sql.ts';

/** UTF-16 units that are read at a time. */
export const MAX_TEXT = 20_000;
/** Offsets are whole numbers of 32 bits in the database. */
const MOST_OFFSET = 2_147_483_647;

/**
 * A stretch of a file's extracted text, put together from its chunks, which tile it. `start` and `end` (exclusive; null:
 * as far as it goes) are held to the text and to MAX_TEXT. Null: the file has not been read yet, or is gone.
 */
export async function readText(
  sql: SqlRunner,
  fileId: string,
  start: number,
  end: number | null,
): Promise<string | null> {
  const from = Math.max(0, start);
  const to = Math.min(end ?? Number.POSITIVE_INFINITY, from + MAX_TEXT, MOST_OFFSET);
  // The live generation as it is now, in one statement: it may be replaced at any time.
  const rows = await sql.query<{ text: string | null; start: number | null }>(
    `SELECT c.text, c.start FROM files f
     LEFT JOIN chunks c ON c.file_id = f.id AND c.generation = f.live_generation AND c.start < $3 AND c."end" > $2
     WHERE f.id = $1 AND f.live_generation IS NOT NULL ORDER BY c.index`,
    [fileId, from, to],
  );
  if (rows.length === 0) return null;
  const first = rows[0]?.start ?? from;
  const text = rows.map((row) => row.text ?? '').join('');
  // Half a character at either end is left out.
  return text
    .slice(Math.max(0, from - first), Math.max(0, to - first))
    .replace(/^[\udc00-\udfff]/, '')
    .replace(/[\ud800-\udbff]$/, '');
}
