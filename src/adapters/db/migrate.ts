import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../errors.ts';

/** One connection, on which a session-level advisory lock holds. */
export type SqlConnection = {
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Several statements, no parameters. */
  execute(sql: string): Promise<void>;
};

export const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** The number that Prisma's own engine locks with, so that a start and `prisma migrate deploy` exclude each other. */
const ADVISORY_LOCK = 72_707_369;

/** Prisma's own, so that its command line sees what the server has applied, and the other way round. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

type AppliedRow = { migration_name: string; checksum: string; finished_at: Date | null };
type Migration = { name: string; sql: string; checksum: string };

/**
 * Applies the migrations that the database does not have yet, each in a transaction, under an advisory lock: of ten
 * instances that start at once one migrates and nine wait.
 *
 * Returns the names of the applied ones. Warns of some that this version does not know: in a rolling upgrade they are
 * the next version's. Throws AppError UNAVAILABLE when an applied migration has been changed since
 * or an earlier one was left unfinished.
 */
export async function applyMigrations(
  connection: SqlConnection,
  directory = MIGRATIONS_DIRECTORY,
  warn: (message: string) => void = () => {},
): Promise<string[]> {
  const migrations = await readMigrations(directory);
  await connection.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
  try {
    await connection.execute(CREATE_TABLE);
    const rows = await connection.query<AppliedRow>(
      'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    );
    const applied = new Map(rows.map((row) => [row.migration_name, row]));
    const done: string[] = [];
    for (const migration of migrations) {
      const row = applied.get(migration.name);
      if (row) checkApplied(migration, row);
      else {
        await applyOne(connection, migration);
        done.push(migration.name);
      }
    }
    const names = new Set(migrations.map(({ name }) => name));
    const unknown = rows.filter((row) => !names.has(row.migration_name)).map((row) => row.migration_name);
    if (unknown.length > 0) warn(`The database is newer than this version: it has ${unknown.join(', ')}.`);
    return done;
  } finally {
    await connection.query('SELECT pg_advisory_unlock($1)', [ADVISORY_LOCK]);
  }
}

/** What the database has of the migrations that there are, by name. Changes nothing. */
export type MigrationState = { applied: string[]; pending: string[] };

export async function readMigrationState(
  connection: SqlConnection,
  directory = MIGRATIONS_DIRECTORY,
): Promise<MigrationState> {
  const names = (await readMigrations(directory)).map(({ name }) => name);
  const [table] = await connection.query<{ found: string | null }>(
    `SELECT to_regclass('_prisma_migrations')::text AS found`,
  );
  if (!table?.found) return { applied: [], pending: names };
  const rows = await connection.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL',
  );
  const done = new Set(rows.map((row) => row.migration_name));
  return { applied: names.filter((name) => done.has(name)), pending: names.filter((name) => !done.has(name)) };
}

function checkApplied(migration: Migration, row: AppliedRow): void {
  if (!row.finished_at) {
    throw new AppError({
      code: 'UNAVAILABLE',
      message: `Migration ${migration.name} was begun by another program and never finished. Mend it with \`prisma migrate resolve\`.`,
    });
  }
  if (row.checksum !== migration.checksum) {
    throw new AppError({
      code: 'UNAVAILABLE',
      message: `Migration ${migration.name} is not the one that this database was made with. Restore the original file.`,
    });
  }
}

async function applyOne(connection: SqlConnection, migration: Migration): Promise<void> {
  await connection.execute('BEGIN');
  try {
    await connection.execute(migration.sql);
    await connection.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), now(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await connection.execute('COMMIT');
  } catch (cause) {
    await connection.execute('ROLLBACK');
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError({
      code: 'UNAVAILABLE',
      message: `Migration ${migration.name} failed and was rolled back: ${reason}`,
      cause,
    });
  }
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
