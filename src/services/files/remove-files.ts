import type { JobQueue } from '../../ports/job-queue.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { WordIndex } from '../../ports/word-index.ts';

export type RemovalDependencies = {
  words: Pick<WordIndex, 'remove' | 'drop'>;
  queue: Pick<JobQueue, 'enqueue'>;
};

/**
 * Of one scope. Rows are locked in the order of their ids, and before the words, as whoever reads files or orders that
 * does it: two of them never wait for each other. What is outside the database goes by jobs.
 */
export async function removeFiles(
  { words, queue }: RemovalDependencies,
  sql: SqlRunner,
  scopeId: string,
  fileIds: string[],
): Promise<void> {
  await sql.query('SELECT 1 FROM files WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE', [fileIds]);
  const models = await modelsOf(sql, scopeId);
  await words.remove(sql, scopeId, fileIds);
  await sql.query('DELETE FROM files WHERE id = ANY($1::uuid[])', [fileIds]);
  await queue.enqueue(
    sql,
    'purge-file',
    fileIds.map((fileId) => ({ fileId, scopeId, models })),
  );
}

/** A whole scope: its files, what is found of them, and every place where there may be vectors of them. Returns the ids. */
export async function removeScope(
  { words, queue }: RemovalDependencies,
  sql: SqlRunner,
  scopeId: string,
): Promise<string[]> {
  await sql.query('SELECT 1 FROM files WHERE scope_id = $1 ORDER BY id FOR UPDATE', [scopeId]);
  const models = await modelsOf(sql, scopeId);
  const rows = await sql.query<{ id: string }>('DELETE FROM files WHERE scope_id = $1 RETURNING id', [scopeId]);
  await words.drop(sql, scopeId);
  await sql.query('DELETE FROM vector_spaces WHERE scope_id = $1', [scopeId]);
  const fileIds = rows.map(({ id }) => id);
  // The vectors go with their spaces; these are for the bytes.
  if (fileIds.length > 0) {
    await queue.enqueue(
      sql,
      'purge-file',
      fileIds.map((fileId) => ({ fileId, scopeId, models: [] })),
    );
  }
  if (models.length > 0) await queue.enqueue(sql, 'purge-scope', [{ scopeId, models }]);
  return fileIds;
}

async function modelsOf(sql: SqlRunner, scopeId: string): Promise<string[]> {
  const rows = await sql.query<{ model: string }>('SELECT model FROM vector_spaces WHERE scope_id = $1', [scopeId]);
  return rows.map(({ model }) => model);
}
