import type { PGlite } from '@electric-sql/pglite';
import type pg from 'pg';
import type { Sql, SqlRunner } from '../../ports/sql.ts';

/** Over the pool that Prisma uses as well: the bound on connections counts for both. */
export function postgresSql(pool: pg.Pool): Sql {
  return {
    query: runnerOf(pool).query,
    transaction: (work) =>
      onOneConnection(pool, async (client) => {
        await client.query('BEGIN');
        const result = await work(runnerOf(client));
        await client.query('COMMIT');
        return result;
      }),
    script: <Row extends Record<string, unknown>>(text: string) =>
      onOneConnection(pool, async (client) => {
        // One result for each statement; a single one comes by itself.
        const results = [await client.query<Row>(text)].flat();
        return results.flatMap(({ rows }) => rows);
      }),
  };
}

/** Whatever `work` throws, the next user of the connection finds no transaction open. */
async function onOneConnection<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let fault: Error | undefined;
  // The pool listens only to connections that nobody uses. Cut off between two statements, one would end the process.
  const onError = (error: Error) => {
    fault = error;
  };
  client.on('error', onError);
  try {
    return await work(client);
  } catch (error) {
    // Where not even this is answered, the connection is of no use any more.
    await client.query('ROLLBACK').catch(onError);
    throw error;
  } finally {
    client.off('error', onError);
    client.release(fault);
  }
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
