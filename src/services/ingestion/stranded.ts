import type { IngestionDependencies } from './dependencies.ts';
import { createLeftovers } from './leftovers.ts';

/** So many attempts ended without anybody being left to say why. */
const MAX_ATTEMPTS = 3;
const PAGE = 500;
const GIVEN_UP =
  'The server ended several times while it read this file, so it was given up. Check the file, then try again.';

type Waiting = { id: string; generation: number; attempts: number };
type Given = { id: string; scopeId: string; generation: number };

const WAITING = `
SELECT id, generation, attempts FROM files
WHERE status IN ('QUEUED', 'PROCESSING') AND ($1::uuid IS NULL OR id > $1::uuid) ORDER BY id LIMIT ${PAGE}`;

const GIVE_UP = `
UPDATE files SET status = 'FAILED', progress = 0, error = $3, processed_at = $4
WHERE id = $1 AND generation = $2 AND status IN ('QUEUED', 'PROCESSING') AND attempts >= ${MAX_ATTEMPTS}
RETURNING id, scope_id AS "scopeId", generation`;

/**
 * Files that wait or are being read, but that no job is about: of a server that died at the last attempt, or of a
 * database that was put together by hand. They get a job, or are given up.
 */
export async function mendStranded(deps: IngestionDependencies): Promise<void> {
  const { sql, queue, bus, now } = deps;
  const { forget } = createLeftovers(deps);

  async function giveUp({ id, generation }: Waiting): Promise<void> {
    await sql.transaction(async (runner) => {
      const [file] = await runner.query<Given>(GIVE_UP, [id, generation, GIVEN_UP, now()]);
      if (!file) return;
      await forget(runner, file);
      await queue.enqueue(runner, 'merge-words', [{ scopeId: file.scopeId }]);
    });
    queue.wake('merge-words');
  }

  let after: string | null = null;
  for (;;) {
    const waiting: Waiting[] = await sql.query<Waiting>(WAITING, [after]);
    if (waiting.length === 0) break;
    after = waiting.at(-1)?.id ?? null;
    const ids = waiting.map(({ id }) => id);
    const pending = await queue.pending('ingest-file', ids);
    const stranded = waiting.filter(({ id }) => !pending.has(id));
    for (const file of stranded) {
      const { id, generation, attempts } = file;
      if (attempts < MAX_ATTEMPTS) await queue.enqueue(sql, 'ingest-file', [{ fileId: id, generation }]);
      else await giveUp(file);
      bus.publish('file-changed', id, {});
    }
    if (stranded.length > 0) queue.wake('ingest-file');
    if (waiting.length < PAGE) break;
  }
}
