import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { applyMigrations, MIGRATIONS_DIRECTORY, type SqlConnection } from '../../src/adapters/db/migrate.ts';
import { pgliteSql, postgresSql } from '../../src/adapters/db/sql.ts';
import { installBoss } from '../../src/adapters/queue/boss.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/colloquy', import.meta.url));

/**
 * A file with a migrated embedded database: to open a copy takes a tenth of the time that a new one takes. It is kept
 * until a migration, or whatever makes it, changes.
 */
export async function providePgliteTemplate(): Promise<string> {
  const file = join(CACHE, `pglite-${await templateKey()}.tar`);
  const exists = await stat(file).catch(() => undefined);
  if (exists) return file;
  await removeOld();
  await mkdir(dirname(file), { recursive: true });
  // Complete or not there: another run may look for it now.
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, await makePgliteTemplate());
  await rename(unfinished, file);
  return file;
}

/** Another run may be using what is younger. */
const KEPT_MS = 86_400_000;

async function removeOld(): Promise<void> {
  const names = await readdir(CACHE).catch(() => []);
  for (const path of names.map((name) => join(CACHE, name))) {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}

/** As a new one, but small: every test that opens a copy pays for what is in it. */
async function makePgliteTemplate(): Promise<Uint8Array> {
  // An eighth of the buffers, a sixteenth of the write-ahead log.
  const pglite = await PGlite.create({ initDbStartParams: ['--wal-segsize=1', '--set=shared_buffers=16MB'] });
  try {
    await applyMigrations(overPglite(pglite));
    await installBoss(pgliteSql(pglite));
    // Nobody makes a database in it.
    await pglite.query('UPDATE pg_database SET datistemplate = false WHERE datistemplate');
    for (const name of ['template0', 'template1']) await pglite.query(`DROP DATABASE ${name}`);
    // Whoever opens a copy has nothing to recover.
    await pglite.query('CHECKPOINT');
    // Packing it would cost every test that opens it more than it saves.
    const dump = await pglite.dumpDataDir('none');
    return new Uint8Array(await dump.arrayBuffer());
  } finally {
    await pglite.close();
  }
}

async function templateKey(): Promise<string> {
  const names = await readdir(MIGRATIONS_DIRECTORY, { recursive: true });
  const sources = names.filter((name) => name.endsWith('.sql')).map((name) => join(MIGRATIONS_DIRECTORY, name));
  const makers = ['../../src/adapters/db/migrate.ts', '../../src/adapters/queue/boss.ts', '../../package-lock.json'];
  sources.push(fileURLToPath(import.meta.url), ...makers.map((path) => fileURLToPath(new URL(path, import.meta.url))));
  const hash = createHash('sha256');
  for (const source of sources.sort()) hash.update(source).update(await readFile(source));
  return hash.digest('hex').slice(0, 16);
}

/** Makes the database `name` on the server of `serverUrl` and migrates it. */
export async function createPostgresTemplate(serverUrl: string, name: string): Promise<void> {
  await onServer(serverUrl, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
  const url = databaseUrl(serverUrl, name);
  // Disconnected afterwards: a database in use cannot be copied.
  await onServer(url, (client) => applyMigrations(overPostgres(client)));
  const pool = new pg.Pool({ connectionString: url });
  await installBoss(postgresSql(pool)).finally(() => pool.end());
}

/** Of a database that is a copy of the template: by it `dropTemplate` knows them. */
export function copyName(template: string): string {
  return `${template}_${randomBytes(6).toString('hex')}`;
}

/** Drops the template and the copies of it that are left. */
export async function dropTemplate(serverUrl: string, template: string): Promise<void> {
  await onServer(serverUrl, async (client) => {
    const copies = await client.query<{ name: string }>(
      `SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)`,
      [`${template}_`],
    );
    for (const name of [...copies.rows.map((copy) => copy.name), template]) {
      await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    }
  });
}

/** One connection for the time of `work`. */
export async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

export function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function overPglite(pglite: PGlite): SqlConnection {
  return {
    query: async <Row>(sql: string, parameters?: unknown[]) => (await pglite.query<Row>(sql, parameters)).rows,
    execute: async (sql) => {
      await pglite.exec(sql);
    },
  };
}

function overPostgres(client: pg.Client): SqlConnection {
  return {
    query: async <Row>(sql: string, parameters?: unknown[]) => (await client.query(sql, parameters)).rows as Row[],
    execute: async (sql) => {
      await client.query(sql);
    },
  };
}
