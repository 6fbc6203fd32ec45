import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { applyMigrations, MIGRATIONS_DIRECTORY, type SqlConnection } from '../../src/adapters/db/migrate.ts';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { createPgliteFromTemplate, createPostgresDatabase } from '../support/database.ts';
import type { Engine } from '../support/server.ts';

const ENGINES: Engine[] = ['pglite', 'postgresql'];

/** A connection to a migrated database, closed when the test has finished. */
async function open(engine: Engine): Promise<SqlConnection> {
  if (engine === 'pglite') {
    const pglite = await createPgliteFromTemplate();
    onTestFinished(() => pglite.close());
    return {
      query: async <Row>(sql: string, parameters?: unknown[]) => (await pglite.query<Row>(sql, parameters)).rows,
      execute: async (sql) => void (await pglite.exec(sql)),
    };
  }
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  return connectTo(url);
}

async function connectTo(url: string): Promise<SqlConnection> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return {
    query: async <Row>(sql: string, parameters?: unknown[]) => (await client.query(sql, parameters)).rows as Row[],
    execute: async (sql) => void (await client.query(sql)),
  };
}

describe.each(ENGINES)('migrations on %s', (engine) => {
  let folder: string;
  let connection: SqlConnection;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'colloquy-migrations-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await cp(MIGRATIONS_DIRECTORY, folder, { recursive: true });
    connection = await open(engine);
  });

  const add = async (name: string, sql: string) => {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'migration.sql'), sql);
  };
  const applied = async () => {
    const rows = await connection.query<{ migration_name: string }>(
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name',
    );
    return rows.map(({ migration_name }) => migration_name);
  };
  const tables = async () =>
    (
      await connection.query<{ name: string }>(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_name LIKE 'new_%' ORDER BY 1`,
      )
    ).map(({ name }) => name);

  test('totals begin with what is there already', async () => {
    const functions = ['conversations_to', 'files_to', 'messages_to', 'chunks_to'].map(
      (name) => `add_${name}_totals()`,
    );
    functions.push('take_conversations_from_totals()', 'take_files_from_totals()');
    await connection.execute(`DROP TABLE totals; DROP FUNCTION ${functions.join(', ')} CASCADE;
      DELETE FROM _prisma_migrations WHERE migration_name LIKE '%_totals';
      INSERT INTO users (id, username, username_key, password_hash, updated_at)
        VALUES ('00000000-0000-4000-8000-000000000001', 'a', 'a', 'x', now());
      INSERT INTO conversations (id, user_id, title, message_count)
        SELECT gen_random_uuid(), id, 'x', count FROM users, unnest(ARRAY[4, 5]) AS count;
      INSERT INTO files (id, user_id, scope_id, name, kind, mime_type, size, sha256, chunk_count)
        SELECT gen_random_uuid(), id, id, 'x', 'TEXT', 'text/plain', 1, 'x', 7 FROM users`);
    expect(await applyMigrations(connection, folder)).toEqual([expect.stringMatching(/_totals$/)]);
    const columns = 'conversations, messages, files, chunks';
    expect(await connection.query(`SELECT ${columns} FROM totals`)).toEqual([
      { conversations: 2, messages: 9, files: 1, chunks: 7 },
    ]);
    await connection.execute('UPDATE conversations SET message_count = message_count + 2; DELETE FROM files');
    const [sums] = await connection.query<{ messages: number; chunks: number }>(
      'SELECT sum(messages)::int AS messages, sum(chunks)::int AS chunks FROM totals',
    );
    expect(sums).toEqual({ messages: 13, chunks: 0 });
  });

  test('one that this version does not know is left alone, with a warning', async () => {
    await add('20990101000000_of_the_next_version', 'CREATE TABLE of_the_next (id int)');
    await applyMigrations(connection, folder);
    const warnings: string[] = [];
    expect(await applyMigrations(connection, MIGRATIONS_DIRECTORY, (message) => warnings.push(message))).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('20990101000000_of_the_next_version')]);
  });

  test('those that are not there yet are applied in order, once', async () => {
    const before = await applied();
    expect(before).toEqual((await readdir(MIGRATIONS_DIRECTORY)).filter((name) => /^\d/.test(name)));
    expect(await applyMigrations(connection, folder)).toEqual([]);
    await add('99990102000000_second', 'CREATE TABLE new_second (id INT REFERENCES new_first (id));');
    await add('99990101000000_first', 'CREATE TABLE new_first (id INT PRIMARY KEY); INSERT INTO new_first VALUES (1);');
    const names = ['99990101000000_first', '99990102000000_second'];
    expect(await applyMigrations(connection, folder)).toEqual(names);
    expect(await applyMigrations(connection, folder)).toEqual([]);
    expect(await applied()).toEqual([...before, ...names]);
    expect(await connection.query('SELECT id FROM new_first')).toEqual([{ id: 1 }]);
  });

  test('one that fails is undone as a whole, those before it stay, and it can be mended', async () => {
    const before = await applied();
    await add('99990101000000_good', 'CREATE TABLE new_good (id INT);');
    await add('99990102000000_bad', 'CREATE TABLE new_bad (id INT); SELECT nonsense FROM nowhere;');
    await expect(applyMigrations(connection, folder)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/99990102000000_bad failed and was rolled back: .*nowhere/),
    });
    expect(await tables()).toEqual(['new_good']);
    expect(await applied()).toEqual([...before, '99990101000000_good']);
    await add('99990102000000_bad', 'CREATE TABLE new_bad (id INT);');
    expect(await applyMigrations(connection, folder)).toEqual(['99990102000000_bad']);
    expect(await tables()).toEqual(['new_bad', 'new_good']);
  });

  test('one that was changed after it was applied stops the start', async () => {
    await add('99990101000000_first', 'CREATE TABLE new_first (id INT);');
    await applyMigrations(connection, folder);
    await add('99990101000000_first', 'CREATE TABLE new_first (id BIGINT);');
    await add('99990102000000_second', 'CREATE TABLE new_second (id INT);');
    await expect(applyMigrations(connection, folder)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/99990101000000_first is not the one/),
    });
    expect(await tables()).toEqual(['new_first']);
  });

  test('one that another program began and did not finish stops the start, until it is resolved', async () => {
    await connection.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('1', 'x', '99990101000000_first')`,
    );
    await add('99990101000000_first', 'CREATE TABLE new_first (id INT);');
    await expect(applyMigrations(connection, folder)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/99990101000000_first was begun by another program and never finished/),
    });
    expect(await tables()).toEqual([]);
    // As `prisma migrate resolve --rolled-back` does.
    await connection.query(`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL`);
    expect(await applyMigrations(connection, folder)).toEqual(['99990101000000_first']);
  });
});

test('two that migrate one database at once take turns', async () => {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(MIGRATIONS_DIRECTORY, folder, { recursive: true });
  await mkdir(join(folder, '99990101000000_slow'));
  await writeFile(
    join(folder, '99990101000000_slow', 'migration.sql'),
    'SELECT pg_sleep(0.2); CREATE TABLE once (id INT);',
  );
  const connections = await Promise.all(Array.from({ length: 4 }, () => connectTo(url)));
  const done = await Promise.all(connections.map((connection) => applyMigrations(connection, folder)));
  expect(done.flat()).toEqual(['99990101000000_slow']);
});

test.each(['chat', 'Our Chat'])(
  'an address may name a schema of its own (%s), which servers that start at once make',
  async (schema) => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const connection = await connectTo(url);
    const own = new URL(url);
    own.searchParams.set('schema', schema);
    const databases = await Promise.all(
      [1, 2, 3].map(() => openPostgresDatabase(own.href, { poolSize: 2, prepare: true })),
    );
    onTestFinished(async () => {
      await Promise.all(databases.map((database) => database.dispose()));
    });
    for (const { prisma } of databases) {
      await prisma.instance.create({ data: { id: crypto.randomUUID(), hostname: 'here', pid: 1 } });
    }
    const count = (where: string) => connection.query(`SELECT count(*)::int AS count FROM ${where}.instances`);
    expect(await count(`"${schema}"`)).toEqual([{ count: 3 }]);
    expect(await count('public')).toEqual([{ count: 0 }]);
  },
);
