import type { Sql, SqlRunner } from '../../ports/sql.ts';
import { type Breaths, createBreaths } from './breaths.ts';
import { type Candidate, chooseMerge } from './merge-choice.ts';
import { LostLease, type MergeLease, takeLease } from './merge-lease.ts';
import { insertParts, movedParts, type PartRow, renumber } from './merge-parts.ts';
import { type DocumentMap, mergeSegments } from './merge-segments.ts';

/** Blocks that are deleted in one statement. */
const DELETED_BLOCKS = 1_000;

/**
 * One step: several segments become one. The new one is written beside the old ones, unseen, in small statements that
 * hold nobody up. Then one short transaction, with the row of the scope taken as by every change of what is found, moves
 * the parts that are there by now and puts the new segment in the place of the old ones. Those go last.
 */
export function createMerge(sql: Sql, createId: () => string, vacuum: boolean) {
  /** Blocks that were deleted, whose room is not yet free. */
  let deletedBlocks = 0;

  async function candidates(scopeId: string): Promise<Candidate[]> {
    return sql.query<Candidate>(
      `SELECT segment.id, segment.doc_count AS documents, COALESCE(SUM(part.doc_count), 0)::int AS kept
       FROM word_segments AS segment LEFT JOIN word_parts AS part ON part.segment_id = segment.id
       WHERE segment.scope_id = $1::uuid AND segment.merge_id IS NULL GROUP BY segment.id`,
      [scopeId],
    );
  }

  /** What this merge has replaced, and what others left behind. */
  async function sweep(scopeId: string, lease: MergeLease, breaths: Breaths): Promise<void> {
    const segments = await sql.query<{ id: string }>(
      'SELECT id FROM word_segments WHERE scope_id = $1::uuid AND merge_id IS NOT NULL',
      [scopeId],
    );
    for (const { id } of segments) {
      for (let deleted = DELETED_BLOCKS; deleted === DELETED_BLOCKS; ) {
        await lease.keep();
        const rows = await sql.query<{ deleted: number }>(
          `WITH gone AS (
             DELETE FROM word_blocks WHERE segment_id = $1::uuid
               AND key = ANY(ARRAY(SELECT key FROM word_blocks WHERE segment_id = $1::uuid LIMIT ${DELETED_BLOCKS}))
             RETURNING 1
           ) SELECT COUNT(*)::int AS deleted FROM gone`,
          [id],
        );
        deleted = rows[0]?.deleted ?? 0;
        deletedBlocks += deleted;
        await breaths.pause();
      }
      await sql.query('DELETE FROM word_segments WHERE id = $1::uuid', [id]);
    }
  }

  /** Once all is merged: it holds the embedded database for as long as it takes. */
  async function freeRoom(): Promise<void> {
    if (!vacuum || deletedBlocks === 0) return;
    deletedBlocks = 0;
    await sql.query('VACUUM (TRUNCATE OFF) word_blocks');
  }

  /** With the row taken, and only then looked at: what is published meanwhile has its scope. */
  async function removeEmptyScope(scopeId: string): Promise<void> {
    await sql.transaction(async (transaction) => {
      await transaction.query('SELECT FROM word_scopes WHERE scope_id = $1::uuid FOR UPDATE', [scopeId]);
      await transaction.query(
        `DELETE FROM word_scopes WHERE scope_id = $1::uuid
           AND NOT EXISTS (SELECT FROM word_segments WHERE scope_id = $1::uuid)`,
        [scopeId],
      );
    });
  }

  async function join(scopeId: string, group: Candidate[], lease: MergeLease, breaths: Breaths): Promise<void> {
    const segmentIds = group.map(({ id }) => id);
    const parts = await sql.query<PartRow>('SELECT * FROM word_parts WHERE segment_id = ANY($1::uuid[])', [segmentIds]);
    const { maps, documents } = renumber(group, parts);
    const newId = createId();
    if (documents > 0) {
      const output = { id: newId, scopeId, mergeId: lease.id };
      const written = await mergeSegments(sql, { segmentIds, maps, documents }, output, breaths, () => lease.keep());
      if (!written) throw new LostLease();
    }
    await sql.transaction((transaction) => exchange(transaction, scopeId, group, maps, newId, lease));
  }

  async function exchange(
    transaction: SqlRunner,
    scopeId: string,
    group: Candidate[],
    maps: DocumentMap[],
    newId: string,
    lease: MergeLease,
  ): Promise<void> {
    const taken = await transaction.query(
      'UPDATE word_scopes SET version = $3::uuid WHERE scope_id = $1::uuid AND merge_id = $2::uuid RETURNING scope_id',
      [scopeId, lease.id, createId()],
    );
    if (taken.length === 0) throw new LostLease();
    const segmentIds = group.map(({ id }) => id);
    // As they are now: files were published and removed since the merge began. Whose part is gone stays out of sight.
    const parts = await transaction.query<PartRow>(
      'DELETE FROM word_parts WHERE segment_id = ANY($1::uuid[]) RETURNING *',
      [segmentIds],
    );
    await transaction.query('UPDATE word_segments SET merge_id = $2::uuid WHERE id = ANY($1::uuid[])', [
      segmentIds,
      lease.id,
    ]);
    await insertParts(transaction, movedParts(group, maps, parts, newId));
    await transaction.query('UPDATE word_segments SET merge_id = NULL WHERE id = $1::uuid', [newId]);
  }

  return async function merge(scopeId: string, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return true;
    const lease = await takeLease(sql, scopeId, createId());
    if (!lease) return false;
    const breaths = createBreaths(signal);
    try {
      await sweep(scopeId, lease, breaths);
      const group = chooseMerge(await candidates(scopeId));
      if (group) {
        await join(scopeId, group, lease, breaths);
        await sweep(scopeId, lease, breaths);
      }
      const left = await candidates(scopeId);
      if (left.length === 0) await removeEmptyScope(scopeId);
      if (chooseMerge(left)) return true;
      await freeRoom();
      return false;
    } catch (error) {
      if (signal?.aborted) return true;
      if (error instanceof LostLease || (await isLost(lease))) return false;
      throw error;
    } finally {
      // It runs out by itself should the database not answer.
      await lease.release().catch(() => {});
    }
  };
}

/** Whoever took over has deleted what this merge was writing, and that is how it fails. */
async function isLost(lease: MergeLease): Promise<boolean> {
  try {
    await lease.keep(true);
    return false;
  } catch (error) {
    return error instanceof LostLease;
  }
}
