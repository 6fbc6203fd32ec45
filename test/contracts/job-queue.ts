import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FinalFailure, type JobAttempt, type JobQueue } from '../../src/ports/job-queue.ts';
import type { Sql } from '../../src/ports/sql.ts';
import { collect, retryAtOnce, until } from '../support/jobs.ts';

export type QueueFixture = {
  sql: Sql;
  /** Another server on the same database. */
  open(): Promise<JobQueue>;
  /** As if the processes of all queues so far had been killed; opens the next one. */
  killAndOpen(): Promise<JobQueue>;
};

/** What every job queue holds to. */
export function describeJobQueue(name: string, create: () => Promise<QueueFixture>): void {
  describe(`the job queue ${name}`, () => {
    async function open() {
      const fixture = await create();
      const ending = (queue: JobQueue) => {
        onTestFinished(() => queue.dispose(0));
        return queue;
      };
      const start = async () => ending(await fixture.open());
      const killAndStart = async () => ending(await fixture.killAndOpen());
      return { sql: fixture.sql, start, killAndStart, queue: await start() };
    }

    const purge = (fileId: string = randomUUID()) => ({ fileId, scopeId: 'scope', models: [] });
    const ingest = (fileId: string = randomUUID()) => ({ fileId, generation: 1 });

    it('does a job once it has been committed, and none of a transaction that was rolled back', async () => {
      const { sql, queue } = await open();
      const done = collect<{ fileId: string }>();
      await queue.work('purge-file', 1, async (job) => done.add(job));
      const [kept, dropped] = [purge(), purge()];
      const failing = sql.transaction(async (runner) => {
        await queue.enqueue(runner, 'purge-file', [dropped]);
        throw new Error('on purpose');
      });
      await expect(failing).rejects.toThrow('on purpose');
      await sql.transaction((runner) => queue.enqueue(runner, 'purge-file', [kept]));
      queue.wake('purge-file');
      expect(await done.next(1)).toEqual([kept]);
      expect(await queue.pending('purge-file', [dropped.fileId])).toEqual(new Set());
    });

    it('finds by itself what nobody woke it for, and what was there before it began', async () => {
      const { sql, queue } = await open();
      const [before, after] = [purge(), purge()];
      await queue.enqueue(sql, 'purge-file', [before]);
      const done = collect<{ fileId: string }>();
      await queue.work('purge-file', 1, async (job) => done.add(job));
      await done.next(1);
      await queue.enqueue(sql, 'purge-file', [after]);
      expect(await done.next(2)).toEqual([before, after]);
    });

    it('does as many at once as it may, and never more', async () => {
      const { sql, queue } = await open();
      await queue.enqueue(
        sql,
        'purge-file',
        Array.from({ length: 7 }, () => purge()),
      );
      let active = 0;
      let most = 0;
      const done = collect<number>();
      const barrier = Promise.withResolvers<void>();
      await queue.work('purge-file', 3, async () => {
        active += 1;
        most = Math.max(most, active);
        if (active === 3) barrier.resolve();
        await barrier.promise;
        active -= 1;
        done.add(active);
      });
      await done.next(7);
      expect(most).toBe(3);
    });

    it('shares the work between instances: every job is done by one of them', async () => {
      const { sql, queue, start } = await open();
      const other = await start();
      const done = collect<string>();
      const both = Promise.withResolvers<void>();
      const workers = new Set<JobQueue>();
      for (const worker of [queue, other]) {
        await worker.work('purge-file', 1, async ({ fileId }) => {
          workers.add(worker);
          if (workers.size === 2) both.resolve();
          await both.promise;
          done.add(fileId);
        });
      }
      const jobs = Array.from({ length: 10 }, () => purge());
      await queue.enqueue(sql, 'purge-file', jobs);
      queue.wake('purge-file');
      other.wake('purge-file');
      const ids = await done.next(10);
      expect(new Set(ids)).toEqual(new Set(jobs.map(({ fileId }) => fileId)));
      expect(ids).toHaveLength(10);
    });

    it('lets others work between many short jobs', async () => {
      const { sql, queue } = await open();
      await queue.enqueue(
        sql,
        'purge-file',
        Array.from({ length: 100 }, () => purge()),
      );
      let turns = 0;
      const turn = () => {
        turns += 1;
        timer = setImmediate(turn);
      };
      let timer = setImmediate(turn);
      onTestFinished(() => clearImmediate(timer));
      const done = collect<number>();
      await queue.work('purge-file', 1, async () => done.add(turns));
      const seen = await done.next(100);
      expect(new Set(seen).size).toBe(100);
    });

    it('keeps one waiting job for a key, and does one of a key at a time', async () => {
      const { sql, queue } = await open();
      const begun = collect<JobAttempt>();
      const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let active = 0;
      await queue.work('merge-words', 4, async (_job, attempt) => {
        expect(active).toBe(0);
        active += 1;
        begun.add(attempt);
        await gates[begun.items.length - 1]?.promise;
        active -= 1;
      });
      const job = { scopeId: 'scope' };
      await queue.enqueue(sql, 'merge-words', [job]);
      queue.wake('merge-words');
      await begun.next(1);
      // While the first one runs: these are one.
      for (let count = 0; count < 3; count++) await queue.enqueue(sql, 'merge-words', [job]);
      queue.wake('merge-words');
      const other = { scopeId: 'another scope' };
      expect(await queue.pending('merge-words', [job.scopeId, other.scopeId])).toEqual(new Set([job.scopeId]));
      gates[0]?.resolve();
      await begun.next(2);
      gates[1]?.resolve();
      await until(async () => (await queue.pending('merge-words', [job.scopeId])).size === 0);
      expect(begun.items).toHaveLength(2);
    });

    it('tries again what failed, up to the last attempt, and says which one that is', async () => {
      const { sql, queue } = await open();
      await retryAtOnce(sql);
      const attempts = collect<{ attempt: number; last: boolean }>();
      await queue.work('ingest-file', 1, async (_job, { attempt, last }) => {
        attempts.add({ attempt, last });
        throw new Error('on purpose');
      });
      const job = ingest();
      await queue.enqueue(sql, 'ingest-file', [job]);
      queue.wake('ingest-file');
      expect(await attempts.next(3)).toEqual([
        { attempt: 1, last: false },
        { attempt: 2, last: false },
        { attempt: 3, last: true },
      ]);
      await until(async () => (await queue.stats()).failed === 1);
      expect(await queue.stats()).toMatchObject({ queued: 0, active: 0, completed: 0, failed: 1, retried: 2 });
      expect(await queue.pending('ingest-file', [job.fileId])).toEqual(new Set());
    });

    it('does not try again what has failed for good, and counts what was done', async () => {
      const { sql, queue } = await open();
      const seen = collect<number>();
      const failing = ingest();
      await queue.work('ingest-file', 1, async ({ fileId }, { attempt }) => {
        seen.add(attempt);
        if (fileId === failing.fileId) throw new FinalFailure('of no use');
      });
      await queue.enqueue(sql, 'ingest-file', [failing]);
      await queue.enqueue(sql, 'ingest-file', [ingest()]);
      queue.wake('ingest-file');
      expect(await seen.next(2)).toEqual([1, 1]);
      await until(async () => (await queue.stats()).completed === 1);
      const stats = await queue.stats();
      expect(stats).toMatchObject({ queued: 0, active: 0, completed: 1, failed: 1, retried: 0 });
      expect(stats.meanSeconds).toBeGreaterThanOrEqual(0);
      expect(stats.meanSeconds).toBeLessThan(60);
    });

    it('waits for what runs when it ends, and begins nothing more', async () => {
      const { sql, queue, start } = await open();
      const begun = collect<string>();
      const gate = Promise.withResolvers<void>();
      await queue.work('purge-file', 1, async ({ fileId }) => {
        begun.add(fileId);
        await gate.promise;
      });
      const [first, second] = [purge(), purge()];
      await queue.enqueue(sql, 'purge-file', [first]);
      queue.wake('purge-file');
      await begun.next(1);
      await queue.enqueue(sql, 'purge-file', [second]);
      const ended = queue.dispose(10_000);
      gate.resolve();
      await ended;
      const next = await start();
      expect(await next.pending('purge-file', [first.fileId, second.fileId])).toEqual(new Set([second.fileId]));
      expect(begun.items).toEqual([first.fileId]);
    });

    it('gives back what does not end in time: the next one begins it at once, and no attempt is lost', async () => {
      const { sql, queue, start } = await open();
      const begun = collect<JobAttempt>();
      await queue.work('ingest-file', 1, async (_job, attempt) => {
        begun.add(attempt);
        await new Promise((_, reject) => {
          attempt.signal.addEventListener('abort', () => reject(attempt.signal.reason));
        });
      });
      await queue.enqueue(sql, 'ingest-file', [ingest()]);
      queue.wake('ingest-file');
      await begun.next(1);
      await queue.dispose(0);
      const next = await start();
      const again = collect<number>();
      await next.work('ingest-file', 1, async (_job, { attempt }) => again.add(attempt));
      expect(await again.next(1)).toEqual([1]);
      await until(async () => (await next.stats()).completed === 1);
      expect(await next.stats()).toMatchObject({ failed: 0, retried: 0, active: 0 });
    });

    it('does again the job of a server that was killed, as another attempt', async () => {
      const { sql, queue, killAndStart } = await open();
      const begun = collect<JobAttempt>();
      await queue.work('ingest-file', 1, async (_job, attempt) => {
        begun.add(attempt);
        await new Promise(() => {});
      });
      const job = ingest();
      await queue.enqueue(sql, 'ingest-file', [job]);
      queue.wake('ingest-file');
      await begun.next(1);
      const next = await killAndStart();
      const again = collect<{ attempt: number; last: boolean }>();
      await next.work('ingest-file', 1, async (_job, { attempt, last }) => again.add({ attempt, last }));
      expect(await again.next(1)).toEqual([{ attempt: 2, last: false }]);
      await until(async () => (await next.stats()).completed === 1);
      expect(await next.stats()).toMatchObject({ active: 0, retried: 1, failed: 0 });
    });
  });
}
