import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { vi } from 'vitest';

/** What the server does by itself now and then, and the look at the session that every operation begins with. */
const BESIDE = /\b(instances|sessions)\b|partial_content|pgboss/;

/** The SQL statements of the requests that `work` makes, on either engine, beside those of the server itself. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const spies = [vi.spyOn(pg.Client.prototype, 'query'), vi.spyOn(PGlite.prototype, 'query')];
  try {
    await work();
    const queries: unknown[] = spies.flatMap((spy) => spy.mock.calls.map(([query]) => query));
    return queries
      .map((query) => (typeof query === 'string' ? query : String((query as { text?: string }).text)))
      .filter((sql) => !BESIDE.test(sql));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
