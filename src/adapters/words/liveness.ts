import type { SqlRunner } from '../../ports/sql.ts';

/**
 * What is found changes by its parts alone; the segments stay what they are. Each change first takes the row of the
 * scope, as the end of a merge does, so that none is lost between the parts of old segments and those of the new one.
 */
export function createLiveness(createId: () => string) {
  /** Nothing to take where nothing was ever appended: what comes late makes no scope of a dropped one. */
  const take = (sql: SqlRunner, scopeId: string, version: string) =>
    sql.query(
      `INSERT INTO word_scopes (scope_id, version)
       SELECT $1::uuid, $2::uuid WHERE EXISTS (SELECT FROM word_segments WHERE scope_id = $1::uuid)
       ON CONFLICT (scope_id) DO UPDATE SET version = ${version}`,
      [scopeId, createId()],
    );
  const change = (sql: SqlRunner, scopeId: string) => take(sql, scopeId, 'EXCLUDED.version');

  return {
    async publish(sql: SqlRunner, scopeId: string, fileId: string, generation: number): Promise<void> {
      await change(sql, scopeId);
      // A later generation that is being appended stays.
      await sql.query(
        `WITH removed AS (
           DELETE FROM word_parts AS part USING word_segments AS segment
           WHERE segment.id = part.segment_id AND segment.scope_id = $1::uuid AND part.file_id = $2::uuid
             AND (part.generation < $3::int OR part.generation <> $3::int AND part.live)
           RETURNING part.segment_id
         ), published AS (
           UPDATE word_parts AS part SET live = TRUE FROM word_segments AS segment
           WHERE segment.id = part.segment_id AND segment.scope_id = $1::uuid AND part.file_id = $2::uuid
             AND part.generation = $3::int
           RETURNING part.segment_id
         )
         UPDATE word_segments SET version = version + 1
         WHERE id IN (SELECT segment_id FROM removed UNION SELECT segment_id FROM published)`,
        [scopeId, fileId, generation],
      );
    },

    async discard(sql: SqlRunner, scopeId: string, fileId: string, generation: number): Promise<void> {
      // Not searched yet, so the version stays.
      await take(sql, scopeId, 'word_scopes.version');
      await sql.query(
        `DELETE FROM word_parts AS part USING word_segments AS segment
         WHERE segment.id = part.segment_id AND segment.scope_id = $1::uuid AND part.file_id = $2::uuid
           AND part.generation = $3::int AND NOT part.live`,
        [scopeId, fileId, generation],
      );
    },

    async remove(sql: SqlRunner, scopeId: string, fileIds: string[]): Promise<void> {
      if (fileIds.length === 0) return;
      await change(sql, scopeId);
      await sql.query(
        `WITH removed AS (
           DELETE FROM word_parts AS part USING word_segments AS segment
           WHERE segment.id = part.segment_id AND segment.scope_id = $1::uuid AND part.file_id = ANY($2::uuid[])
           RETURNING part.segment_id
         )
         UPDATE word_segments SET version = version + 1 WHERE id IN (SELECT segment_id FROM removed)`,
        [scopeId, fileIds],
      );
    },

    /** The rows of its blocks may be many: they are left to the next merge, which takes them in small steps. */
    async drop(sql: SqlRunner, scopeId: string): Promise<void> {
      await change(sql, scopeId);
      await sql.query(
        `WITH dropped AS (
           UPDATE word_segments SET merge_id = $2::uuid WHERE scope_id = $1::uuid RETURNING id
         )
         DELETE FROM word_parts WHERE segment_id IN (SELECT id FROM dropped)`,
        [scopeId, createId()],
      );
      // Whoever merges finds that it is no longer its turn.
      await sql.query('UPDATE word_scopes SET merge_id = NULL WHERE scope_id = $1::uuid', [scopeId]);
    },
  };
}
