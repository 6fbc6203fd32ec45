import type { JobInsert, PgBoss } from 'pg-boss';
import { JOB_KEYS, type JobName, type JobQueue, type Jobs, type QueueStats } from '../../ports/job-queue.ts';
import type { Sql } from '../../ports/sql.ts';
import { JOB_NAMES, openBoss, stopBoss, transactionDatabase } from './boss.ts';
import { bossStatements } from './boss-statements.ts';
import { createLane, type Lane } from './lane.ts';

export type BossQueueOptions = {
  sql: Sql;
  /** True when no other process can have the database: what is being done in it at the start is left over. */
  exclusive: boolean;
  warn: (message: string, error?: unknown) => void;
  /** How often it looks for work that nobody woke it for: of other instances, and what is to be tried again. */
  pollMs?: number;
  /** How often it says of its jobs that they are being worked on, and looks for those of workers that are silent. */
  heartbeatMs?: number;
};

const GRACE_MS = 3_000;
/** How long an aborted handler may take to end. */
const ABORT_MS = 2_000;
const POLL_MS = 1_500;
/** Whatever is enqueued in an embedded database wakes the only one who can do it. */
const EXCLUSIVE_POLL_MS = 4_000;
const HEARTBEAT_MS = 5_000;
/** Where nobody else can die, only jobs whose end could not be stored are silent. */
const ALONE_REVIVE_MS = 30_000;
/** Jobs of one statement. */
const MAX_INSERT = 1_000;

/**
 * Jobs in the same database, by pg-boss: its tables, its fetching, failing and keeping of jobs. What begins them is our
 * own, so that a server that ends gives its jobs back at once, and an idle one asks with one statement for all queues.
 */
export async function createBossQueue(options: BossQueueOptions): Promise<JobQueue> {
  const { sql, exclusive, warn } = options;
  const pollMs = options.pollMs ?? (exclusive ? EXCLUSIVE_POLL_MS : POLL_MS);
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const { boss, schema } = await openBoss(sql, warn);
  const statements = bossStatements(schema);
  const lanes = new Map<JobName, Lane>();
  let ended = false;
  let polling: NodeJS.Timeout | undefined;
  let reviving: NodeJS.Timeout | undefined;
  let ending: Promise<void> | undefined;

  if (exclusive) {
    await sql.query(statements.reviveAll, [JOB_NAMES]);
    await sql.query(statements.failAll, [JOB_NAMES]);
  }

  async function poll(): Promise<void> {
    const names = [...lanes.values()].filter((lane) => lane.hasRoom()).map(({ name }) => name);
    if (names.length > 0) {
      const due = await sql.query<{ name: JobName }>(statements.due, [names]);
      for (const { name } of due) lanes.get(name)?.fill();
    }
  }

  /** Calls again and again, each time after the one before has ended. A fault is not the last word. */
  function repeat(everyMs: number, work: () => Promise<unknown>, keep: (timer: NodeJS.Timeout) => void): void {
    if (ended) return;
    const timer = setTimeout(() => {
      work()
        .catch((error: unknown) => warn('The job queue could not look for work.', error))
        .finally(() => repeat(everyMs, work, keep));
    }, everyMs);
    timer.unref();
    keep(timer);
  }

  repeat(pollMs, poll, (timer) => {
    polling = timer;
  });
  const revive = () => (lanes.size > 0 ? sql.query(statements.reviveSilent, [JOB_NAMES]) : Promise.resolve());
  repeat(exclusive ? ALONE_REVIVE_MS : heartbeatMs, revive, (timer) => {
    reviving = timer;
  });

  return {
    async enqueue(runner, name, jobs) {
      const key = JOB_KEYS[name] as (job: Jobs[JobName]) => string;
      const db = transactionDatabase(runner);
      for (let from = 0; from < jobs.length; from += MAX_INSERT) {
        const inserts: JobInsert[] = jobs
          .slice(from, from + MAX_INSERT)
          .map((data) => ({ data, singletonKey: key(data) }));
        await boss.insert(name, inserts, { db });
      }
    },
    wake: (name) => lanes.get(name)?.fill(),
    async work(name, concurrency, handler) {
      if (ended) return;
      const lane = createLane({ boss, sql, statements, name, concurrency, handler, heartbeatMs, warn });
      lanes.set(name, lane);
      lane.fill();
    },
    async pending(name, keys) {
      const rows = await sql.query<{ key: string }>(statements.pending, [name, keys]);
      return new Set(rows.map(({ key }) => key));
    },
    async stats() {
      const [row] = await sql.query<QueueStats>(statements.stats, ['ingest-file']);
      return row ?? { queued: 0, active: 0, completed: 0, failed: 0, retried: 0, meanSeconds: null };
    },
    dispose(graceMs = GRACE_MS) {
      ending ??= end(graceMs);
      return ending;
    },
  };

  async function end(graceMs: number): Promise<void> {
    ended = true;
    clearTimeout(polling);
    clearTimeout(reviving);
    await Promise.all([...lanes.values()].map((lane) => lane.end(graceMs, ABORT_MS)));
    await stopQuietly(boss, warn);
  }
}

/** The database may be gone by now: what has to be written then is written by who comes next. */
async function stopQuietly(boss: PgBoss, warn: BossQueueOptions['warn']): Promise<void> {
  await stopBoss(boss).catch((error: unknown) => warn('The job queue did not stop.', error));
}
