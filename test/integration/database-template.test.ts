import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { expect, test } from 'vitest';
import { createPgliteFromTemplate, createPostgresDatabase } from '../support/database.ts';

const migrations = new URL('../../prisma/migrations/', import.meta.url);
const expected = readdirSync(migrations, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const sql = readFileSync(new URL(`${name}/migration.sql`, migrations));
    return { migration_name: name, checksum: createHash('sha256').update(sql).digest('hex'), applied_steps_count: 1 };
  });
const readApplied = `SELECT migration_name, checksum, applied_steps_count FROM _prisma_migrations
  WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`;

test('a copy of the embedded template is migrated, and its own', async () => {
  const [first, second] = await Promise.all([createPgliteFromTemplate(), createPgliteFromTemplate()]);
  try {
    expect((await first.query(readApplied)).rows).toEqual(expected);
    await first.exec('DROP TABLE turns');
    expect((await second.query('SELECT count(*)::int AS count FROM turns')).rows).toEqual([{ count: 0 }]);
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});

test('a copy of the PostgreSQL template is migrated, and gone when it is dropped', async () => {
  const database = await createPostgresDatabase();
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  expect((await client.query(readApplied)).rows).toEqual(expected);
  await database.drop();
  await expect(new pg.Client({ connectionString: database.url }).connect()).rejects.toMatchObject({ code: '3D000' });
});
