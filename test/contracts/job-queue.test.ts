import { onTestFinished } from 'vitest';
import { createBossQueue } from '../../src/adapters/queue/boss-queue.ts';
import type { Sql } from '../../src/ports/sql.ts';
import { type Engine, openTestDatabase } from '../support/server.ts';
import { describeJobQueue } from './job-queue.ts';

for (const engine of ['pglite', 'postgresql'] satisfies Engine[]) {
  describeJobQueue(`of pg-boss on ${engine}`, async () => {
    const { sql, dispose } = await openTestDatabase(engine);
    onTestFinished(dispose);
    let connection = cuttable(sql);
    const open = (exclusive: boolean) =>
      createBossQueue({ sql: connection.sql, exclusive, warn: () => {}, pollMs: 50, heartbeatMs: 100 });
    return {
      sql,
      open: () => open(false),
      killAndOpen: async () => {
        connection.cut();
        await sql.query(`UPDATE pgboss.job SET heartbeat_on = now() - interval '16 s' WHERE state = 'active'`);
        connection = cuttable(sql);
        return open(engine === 'pglite');
      },
    };
  });
}

/** A database that can be taken away from whoever has it. */
function cuttable(sql: Sql): { sql: Sql; cut(): void } {
  let isCut = false;
  const guarded = <Result>(work: () => Promise<Result>) => (isCut ? Promise.reject<Result>(new Error('cut')) : work());
  return {
    cut: () => {
      isCut = true;
    },
    sql: {
      query: (text, parameters) => guarded(() => sql.query(text, parameters)),
      transaction: (work) => guarded(() => sql.transaction(work)),
      script: (text) => guarded(() => sql.script(text)),
    },
  };
}
