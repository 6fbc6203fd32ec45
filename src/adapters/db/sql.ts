import type { PGlite } from '@electric-sql/pglite';
import type pg from 'pg';
import type { Sql, SqlRunner } from '../../ports/sql.ts';

/** Over the pool that Prisma uses as well: the bound on connections counts for both. */
export function postgresSql(pool: pg.Pool): Sql {
  return {
    query: runnerOf(pool).query,
    async transaction(work) {
      const client = await pool.connect();
      let fault: unknown;
      try {
        await client.query('BEGIN');
        const result = await work(runnerOf(client));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        // Where not even this is answered, the connection is of no use any more.
        await client.query('ROLLBACK').catch((unanswered: unknown) => {
          fault = unanswered;
        });
        throw error;
      } finally {
        client.release(fault instanceof Error ? fault : undefined);
      }
    },
    async script<Row extends Record<string, unknown>>(text: string) {
      const client = await pool.connect();
      let fault: unknown;
      try {
        // One result for each statement; a single one comes by itself.
        const results = [await client.query<Row>(text)].flat();
        return results.flatMap(({ rows }) => rows);
      } catch (error) {
        // It may have begun a transaction that the next user of the connection must not find.
        await client.query('ROLLBACK').catch((unanswered: unknown) => {
          fault = unanswered;
        });
        throw error;
      } finally {
        client.release(fault instanceof Error ? fault : undefined);
      }
    },
  };
}

function runnerOf(connection: Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>): SqlRunner {
  return {
    query: async <Row extends Record<string, unknown>>(text: string, parameters?: unknown[]) =>
      (await (connection as pg.Pool).query<Row>(text, parameters)).rows,
  };
}

export function pgliteSql(pglite: PGlite): Sql {
  return {
    query: async <Row extends Record<string, unknown>>(text: string, parameters?: unknown[]) =>
      (await pglite.query<Row>(text, parameters)).rows,
    transaction: (work) =>
      pglite.transaction((transaction) =>
        work({
          query: async <Row extends Record<string, unknown>>(text: string, parameters?: unknown[]) =>
            (await transaction.query<Row>(text, parameters)).rows,
        }),
      ),
    async script<Row extends Record<string, unknown>>(text: string) {
      try {
        return (await pglite.exec(text)).flatMap(({ rows }) => rows as Row[]);
      } catch (error) {
        await pglite.query('ROLLBACK').catch(() => {});
        throw error;
      }
    },
  };
}
