import type { Actor, RecordAudit } from '../../ports/audit-log.ts';
import type { Bus } from '../../ports/bus.ts';
import type { JobQueue } from '../../ports/job-queue.ts';
import type { Sql } from '../../ports/sql.ts';

export type ReindexDependencies = {
  sql: Sql;
  queue: Pick<JobQueue, 'enqueue' | 'wake'>;
  bus: Pick<Bus, 'publish'>;
  record: RecordAudit;
  /** Full id of the model that files are embedded with now. Null: none. */
  embeddingModel: string | null;
};

export type ReindexRequest = {
  /** Null: in all collections, and outside of any. */
  collectionId: string | null;
  /** False: only those that were embedded with another model than the one of now, or not at all. */
  all: boolean;
};

export type Reindex = (actor: Actor, request: ReindexRequest) => Promise<number>;

/** Bounded, so that others can work on the rows in between. */
const PAGE = 500;

/** What waits or is being read is read as of now anyway. What could not be read may be so now. */
const NEXT = `
UPDATE files SET generation = generation + 1, status = 'QUEUED', progress = 0, attempts = 0, error = NULL
WHERE id IN (
  SELECT id FROM files
  WHERE status IN ('READY', 'FAILED') AND ($1::uuid IS NULL OR id > $1::uuid)
    AND ($2::uuid IS NULL OR collection_id = $2::uuid)
    AND ($3::boolean OR (status = 'READY' AND embedding_model IS DISTINCT FROM $4::text))
  ORDER BY id LIMIT ${PAGE} FOR UPDATE
)
RETURNING id, generation`;

/**
 * Orders files to be read anew. Each stays searchable as it is until its new generation is complete. Returns how many.
 */
export function createReindex({ sql, queue, bus, record, embeddingModel }: ReindexDependencies): Reindex {
  return async (actor, { collectionId, all }) => {
    // Before the first of its transactions: should it break off, what it has done is known.
    const subject = collectionId && { type: 'Collection', id: collectionId, name: null };
    await record({ actor, action: 'reindex-ordered', ...(subject && { subject }), details: { all } });
    let after: string | null = null;
    let ordered = 0;
    for (;;) {
      const rows: { id: string; generation: number }[] = await sql.transaction(async (runner) => {
        const found = await runner.query<{ id: string; generation: number }>(NEXT, [
          after,
          collectionId,
          all,
          embeddingModel,
        ]);
        const jobs = found.map(({ id, generation }) => ({ fileId: id, generation }));
        if (jobs.length > 0) await queue.enqueue(runner, 'ingest-file', jobs);
        return found;
      });
      if (rows.length === 0) return ordered;
      ordered += rows.length;
      queue.wake('ingest-file');
      for (const { id } of rows) bus.publish('file-changed', id, {});
      after =
        rows
          .map(({ id }) => id)
          .sort()
          .at(-1) ?? null;
    }
  };
}
