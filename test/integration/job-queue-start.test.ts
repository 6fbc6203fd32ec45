import pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { createBossQueue } from '../../src/adapters/queue/boss-queue.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { collect } from '../support/jobs.ts';
import { openTestDatabase } from '../support/server.ts';

async function emptyPostgres(): Promise<string> {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const database = await openPostgresDatabase(url, { poolSize: 2, prepare: false });
  await database.sql.script('DROP SCHEMA pgboss CASCADE');
  await database.dispose();
  return url;
}

async function openQueue(url: string, warnings: string[] = []) {
  const database = await openPostgresDatabase(url, { poolSize: 2, prepare: false });
  const queue = await createBossQueue({ sql: database.sql, exclusive: false, warn: (text) => warnings.push(text) });
  onTestFinished(async () => {
    await queue.dispose(0);
    await database.dispose();
  });
  return { queue, sql: database.sql };
}

describe('the job queue at its start', () => {
  it('comes up on ten servers at once that find an empty database', async () => {
    const url = await emptyPostgres();
    const queues = await Promise.all(Array.from({ length: 10 }, () => openQueue(url)));
    const [first, last] = [queues[0], queues[9]];
    const done = collect<string>();
    await last?.queue.work('purge-scope', 1, async ({ scopeId }) => done.add(scopeId));
    if (first) await first.queue.enqueue(first.sql, 'purge-scope', [{ scopeId: 'scope', models: [] }]);
    expect(await done.next(1)).toEqual(['scope']);
  });

  it('keeps the jobs of installations apart that share a database, whatever their schemas are called', async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const names = ['one', 'Two words', `it's "quoted" $1 %`, 'a'.repeat(60)];
    for (const name of names) {
      const own = new URL(url);
      own.searchParams.set('schema', name);
      const { queue, sql } = await openQueue(own.toString());
      await queue.enqueue(sql, 'purge-scope', [{ scopeId: name, models: [] }]);
      expect(await queue.pending('purge-scope', names)).toEqual(new Set([name]));
    }
  });

  it('costs few statements where all is in place, and few while nobody needs it', async () => {
    const { sql, dispose } = await openTestDatabase('postgresql');
    onTestFinished(dispose);
    const spy = vi.spyOn(pg.Client.prototype, 'query');
    onTestFinished(() => spy.mockRestore());
    const queue = await createBossQueue({ sql, exclusive: false, warn: () => {}, pollMs: 20, heartbeatMs: 60_000 });
    onTestFinished(() => queue.dispose(0));
    expect(spy.mock.calls.length).toBeLessThanOrEqual(12);
    for (const name of ['ingest-file', 'purge-file', 'purge-scope', 'merge-words'] as const) {
      await queue.work(name, 1, async () => {});
    }
    spy.mockClear();
    const looks = () =>
      spy.mock.calls.filter(([query]) => String((query as { text?: string }).text ?? query).includes('unnest')).length;
    await vi.waitUntil(() => looks() >= 40, { interval: 5, timeout: 30_000 });
    // One for all queues each time; beside them the first look of each, and some of pg-boss at its start.
    expect(spy.mock.calls.length - looks()).toBeLessThan(20);
  });
});
