import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { AppError } from '../../errors.ts';
import { PrismaClient } from '../../generated/prisma/client.ts';
import type { Sql } from '../../ports/sql.ts';
import { acquireDatabaseLock } from './lock.ts';
import { applyMigrations, type SqlConnection } from './migrate.ts';
import { pgliteSql, postgresSql } from './sql.ts';
import { createStatementNames } from './statement-names.ts';

export type Database = {
  engine: 'pglite' | 'postgresql';
  /** Nobody else can have it open: whatever runs in it when it is opened was left over. */
  exclusive: boolean;
  prisma: PrismaClient;
  /** The same database, without Prisma. */
  sql: Sql;
  /** The connections to a server. Null: it is embedded, and has one. */
  pool(): { total: number; idle: number; waiting: number } | null;
  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
};

type Warn = (message: string) => void;

/** An interactive transaction may have to wait for its turn: the embedded database has one connection. */
const TRANSACTION_LIMITS = { maxWait: 15_000, timeout: 15_000 };

/** Opens the embedded database in `dataDirectory`, takes its lock and migrates it. */
export async function openEmbeddedDatabase(dataDirectory: string, warn?: Warn): Promise<Database> {
  const lock = await acquireDatabaseLock(dataDirectory);
  try {
    const pglite = await openPglite(dataDirectory);
    const database = await wrapPglite(pglite, warn);
    const dispose = async () => {
      await database.dispose();
      await lock.release();
    };
    return { ...database, dispose };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Work on the embedded database as it is, with its lock. Throws AppError UNAVAILABLE as `openEmbeddedDatabase` does. */
export async function onEmbedded<Result>(
  dataDirectory: string,
  work: (connection: SqlConnection) => Promise<Result>,
): Promise<Result> {
  const lock = await acquireDatabaseLock(dataDirectory);
  try {
    const pglite = await openPglite(dataDirectory);
    try {
      return await work(connectionTo(pglite));
    } finally {
      await pglite.close();
    }
  } finally {
    await lock.release();
  }
}

async function openPglite(dataDirectory: string): Promise<PGlite> {
  const folder = join(dataDirectory, 'database');
  // As PostgreSQL keeps its own: nobody else on the machine reads it.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return PGlite.create(folder);
}

function connectionTo(pglite: PGlite): SqlConnection {
  return {
    query: async <Row>(sql: string, parameters?: unknown[]) => (await pglite.query<Row>(sql, parameters)).rows,
    execute: async (sql) => {
      await pglite.exec(sql);
    },
  };
}

/** A PGlite that is open already: migrated, and closed by `dispose`. */
export async function wrapPglite(pglite: PGlite, warn?: Warn): Promise<Database> {
  await applyMigrations(connectionTo(pglite), undefined, warn);
  const prisma = new PrismaClient({ adapter: new PrismaPGlite(pglite), transactionOptions: TRANSACTION_LIMITS });
  return {
    engine: 'pglite',
    exclusive: true,
    prisma,
    sql: pgliteSql(pglite),
    pool: () => null,
    ping: async () => {
      await pglite.query('SELECT 1');
    },
    dispose: async () => {
      await prisma.$disconnect();
      if (!pglite.closed) await pglite.close();
    },
  };
}

export type PostgresOptions = {
  poolSize: number;
  /** Prepared statements; poolers that cannot pass them on need it off. */
  prepare: boolean;
  warn?: Warn;
  /** How long a statement may be silent, before its connection is given up. */
  statementMs?: number;
};

/** Longer than any statement of the server takes. Without it one over a connection that is dead would wait for ever. */
const STATEMENT_MS = 60_000;

/** Connects to PostgreSQL and migrates it. Throws AppError UNAVAILABLE, without the address, when it cannot be reached. */
export async function openPostgresDatabase(url: string, options: PostgresOptions): Promise<Database> {
  await migratePostgres(url, options.warn);
  const schema = new URL(url).searchParams.get('schema') ?? undefined;
  const pool = new pg.Pool({
    ...connectionOptions(url),
    max: options.poolSize,
    connectionTimeoutMillis: 10_000,
    query_timeout: options.statementMs ?? STATEMENT_MS,
    keepAlive: true,
  });
  // An idle connection that the server closes is not a fault: the pool opens another when one is needed.
  pool.on('error', () => {});
  const adapter = new PrismaPg(pool, {
    disposeExternalPool: true,
    ...(schema && { schema }),
    ...(options.prepare && { statementNameGenerator: createStatementNames() }),
  });
  const prisma = new PrismaClient({ adapter, transactionOptions: TRANSACTION_LIMITS });
  return {
    engine: 'postgresql',
    exclusive: false,
    prisma,
    sql: postgresSql(pool),
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    ping: async () => {
      await pool.query('SELECT 1');
    },
    dispose: () => prisma.$disconnect(),
  };
}

/** Returns the names of the applied ones. Throws AppError UNAVAILABLE, without the address, when it cannot be reached. */
export function migratePostgres(url: string, warn?: Warn): Promise<string[]> {
  return onPostgres(url, async (connection, client) => {
    await provideSchema(client, new URL(url).searchParams.get('schema'));
    return applyMigrations(connection, undefined, warn);
  });
}

/** Work on one connection, as the database is. Throws AppError UNAVAILABLE as `openPostgresDatabase` does. */
export async function onPostgres<Result>(
  url: string,
  work: (connection: SqlConnection, client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ ...connectionOptions(url), connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError({
      code: 'UNAVAILABLE',
      message: `The database at DATABASE_URL cannot be reached: ${reason}`,
      cause,
    });
  }
  try {
    const connection: SqlConnection = {
      query: async <Row>(sql: string, parameters?: unknown[]) => (await client.query(sql, parameters)).rows as Row[],
      execute: async (sql) => {
        await client.query(sql);
      },
    };
    return await work(connection, client);
  } finally {
    await client.end();
  }
}

/** Looks first: who may not make one may still use one that is there. */
async function provideSchema(client: pg.Client, schema: string | null): Promise<void> {
  if (schema === null) return;
  const exists = async () => {
    const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    return rowCount === 1;
  };
  if (await exists()) return;
  try {
    await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
  } catch (error) {
    // Another server that starts at the same time may have been first.
    if (!(await exists())) throw error;
  }
}

/** Prisma's own parameters of the address mean nothing to the driver; the schema becomes the search path. */
function connectionOptions(url: string): pg.ClientConfig {
  const parsed = new URL(url);
  const schema = parsed.searchParams.get('schema');
  for (const name of ['schema', 'connection_limit', 'pool_timeout']) parsed.searchParams.delete(name);
  return { connectionString: parsed.toString(), ...(schema && { options: `-c search_path=${searchPath(schema)}` }) };
}

/** As it stands in the options of a connection, where a space ends a value. */
function searchPath(schema: string): string {
  return pg.escapeIdentifier(schema).replace(/[\\ ]/g, '\\$&');
}
