import { setImmediate as macrotask } from 'node:timers/promises';
import type { JobWithMetadata, PgBoss } from 'pg-boss';
import { FinalFailure, type JobAttempt, type JobName } from '../../ports/job-queue.ts';
import type { Sql } from '../../ports/sql.ts';
import { delay } from '../../util/delay.ts';
import { createOpenCount } from '../../util/open-count.ts';
import type { bossStatements } from './boss-statements.ts';

export type LaneOptions = {
  boss: PgBoss;
  sql: Sql;
  statements: ReturnType<typeof bossStatements>;
  name: JobName;
  concurrency: number;
  handler: (job: never, attempt: JobAttempt) => Promise<void>;
  heartbeatMs: number;
  warn: (message: string, error?: unknown) => void;
};

/** The work of one queue in this process: at most `concurrency` jobs at a time. */
export type Lane = {
  name: JobName;
  hasRoom(): boolean;
  /** Begins what waits, as far as there is room. */
  fill(): void;
  /** Waits for what runs, then aborts it, waits once more, and gives back what is still not done. */
  end(graceMs: number, abortMs: number): Promise<void>;
};

type Job = JobWithMetadata<never>;
type Running = { job: Job; controller: AbortController; lost: boolean; settled: boolean };

/** How often it is tried to write down how a job ended, should the database not answer. */
const SETTLE_DELAYS_MS = [200, 1_000, 3_000];
const MAX_REASON = 500;

export function createLane(options: LaneOptions): Lane {
  const { boss, sql, statements, name, concurrency, handler, heartbeatMs, warn } = options;
  const running = new Set<Running>();
  const open = createOpenCount();
  const ended = new AbortController();
  let fetching = false;
  let again = false;

  const hasRoom = () => !ended.signal.aborted && running.size < concurrency;

  /** Fetches until there is no room or nothing that waits. Asked meanwhile, it looks once more. */
  async function fetchAll(): Promise<void> {
    do {
      again = false;
      while (hasRoom()) {
        const room = concurrency - running.size;
        const jobs = (await boss.fetch(name, { batchSize: room, includeMetadata: true })) as Job[];
        for (const job of jobs) void run(job);
        if (jobs.length < room) break;
      }
    } while (again && hasRoom());
  }

  function fill(): void {
    again = true;
    if (fetching || !hasRoom()) return;
    fetching = true;
    const closed = open.open();
    fetchAll()
      .catch((error: unknown) => warn(`Jobs of ${name} could not be fetched.`, error))
      .finally(() => {
        fetching = false;
        closed();
      });
  }

  async function run(job: Job): Promise<void> {
    const current: Running = { job, controller: new AbortController(), lost: false, settled: false };
    running.add(current);
    const closed = open.open();
    const beat = setInterval(() => void touch(current), heartbeatMs);
    try {
      // The embedded database answers without ever letting go of the event loop: many short jobs would hold up everybody.
      await macrotask();
      const { signal } = current.controller;
      // Fetched while the queue was ending.
      if (ended.signal.aborted) return await settle(current, { type: 'returned' });
      const last = job.retryCount >= job.retryLimit;
      await handler(job.data, { attempt: job.retryCount + 1, last, signal });
      await settle(current, { type: 'done' });
    } catch (error) {
      const interrupted = current.controller.signal.aborted && !(error instanceof FinalFailure);
      await settle(current, interrupted ? { type: 'returned' } : { type: 'failed', error });
    } finally {
      clearInterval(beat);
      running.delete(current);
      closed();
      fill();
    }
  }

  /** Says that the job is being worked on. Another worker may have taken it, if this process was silent for too long. */
  async function touch(current: Running): Promise<void> {
    if (current.settled) return;
    try {
      const response = (await boss.touch(name, [current.job])) as { affected: number };
      if (response.affected > 0 || current.settled) return;
      current.lost = true;
      current.controller.abort(new Error('The job is no longer this worker’s.'));
    } catch (error) {
      warn(`A job of ${name} could not be kept.`, error);
    }
  }

  type Outcome = { type: 'done' } | { type: 'returned' } | { type: 'failed'; error: unknown };

  /** Not written down: the job counts as running until its worker is missed, and is done again then. */
  async function settle(current: Running, outcome: Outcome): Promise<void> {
    if (current.settled || current.lost) return;
    for (const waitMs of [...SETTLE_DELAYS_MS, null]) {
      try {
        await writeOutcome(current.job, outcome);
        current.settled = true;
        return;
      } catch (error) {
        if (waitMs === null || ended.signal.aborted) return warn(`The end of a job of ${name} was not stored.`, error);
        await delay(waitMs, ended.signal);
      }
    }
  }

  async function writeOutcome(job: Job, outcome: Outcome): Promise<void> {
    const attempt = [name, job.id, job.retryCount];
    if (outcome.type === 'done') await boss.complete(name, [job]);
    else if (outcome.type === 'returned') {
      await sql.query(statements.giveBack, attempt).catch(async (error: unknown) => {
        // Another job waits for the same key: that one will do.
        if ((error as { code?: unknown }).code !== '23505') throw error;
        await sql.query(statements.drop, attempt);
      });
    } else if (outcome.error instanceof FinalFailure) {
      await sql.query(statements.giveUp, [...attempt, JSON.stringify(reasonOf(outcome.error))]);
    } else await boss.fail(name, [job], reasonOf(outcome.error));
  }

  return {
    name,
    hasRoom,
    fill,
    async end(graceMs, abortMs) {
      ended.abort(new Error('The server ends.'));
      await open.whenNone(graceMs);
      for (const { controller } of running) controller.abort(ended.signal.reason);
      await open.whenNone(abortMs);
      // Handlers that do not listen. What they still do is refused by what they work on.
      await Promise.all([...running].map((current) => settle(current, { type: 'returned' })));
    },
  };
}

/** What is kept of a failure; the log has the rest. */
function reasonOf(error: unknown): { message: string } {
  return { message: (error instanceof Error ? error.message : String(error)).slice(0, MAX_REASON) };
}
