import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { readCollectionId } from '../../src/cli/read-collection-id.ts';
import { runCommand } from '../support/command.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { until } from '../support/jobs.ts';
import { temporaryFolder } from '../support/main-process.ts';
import type { Engine } from '../support/server.ts';
import { startServerProcess } from '../support/server-process.ts';
import { postFile } from '../support/uploads.ts';

const PATIENCE_MS = 60_000;

const reindex = (environment: Record<string, string>, ...words: string[]) =>
  runCommand(['reindex', ...words], { environment });

async function places(engine: Engine): Promise<Record<string, string>> {
  const folder = await temporaryFolder();
  const common = { DATA_DIR: join(folder, 'data'), FILES_DIR: join(folder, 'files') };
  if (engine === 'pglite') return common;
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  return { ...common, DATABASE_URL: url };
}

/** A running server with so many files that have been read. */
async function serverWithFiles(environment: Record<string, string>, count: number) {
  const server = await startServerProcess(environment);
  const ask = async (query: string, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(server.graphqlUrl, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return ((await response.json()) as { data: Record<string, never> }).data as never;
  };
  const { register } = (await ask(
    'mutation { register(input: { username: "reader", password: "a long enough one" }) { accessToken } }',
  )) as { register: { accessToken: string } };
  const token = register.accessToken;
  for (let index = 0; index < count; index++) {
    await postFile(server, `The story of albatross ${index}.`, { token, name: `${index}.txt` });
  }
  const ready = async () => {
    const { files } = (await ask('{ files(filter: { status: READY }) { totalCount } }', token)) as {
      files: { totalCount: number };
    };
    return files.totalCount;
  };
  await until(async () => (await ready()) === count);
  return { server, token, ready, ask };
}

describe('colloquy reindex', () => {
  it(
    'does the work itself where no server runs on the embedded database, and says what to do where one does',
    async () => {
      const environment = await places('pglite');
      const { server } = await serverWithFiles(environment, 3);
      const refused = await reindex(environment, '--all');
      expect(refused.code).toBe(1);
      expect(refused.errors).toMatch(/is in use by process \d+/);
      expect(refused.errors).toContain('mutation { reindex(all: true) }');
      await server.end('SIGTERM');

      expect(await reindex(environment)).toEqual({ code: 0, output: 'There is nothing to read anew.\n', errors: '' });
      const done = await reindex(environment, '--all');
      expect(done.output).toMatch(/^3 files to be read anew\.\n(?:\d files? left …\n)*All have been read\.\n$/);
      expect(done).toMatchObject({ code: 0, errors: '' });
    },
    PATIENCE_MS,
  );

  it(
    'orders it of the servers on PostgreSQL, or does it where none runs and it is told to',
    async () => {
      const environment = await places('postgresql');
      const { server } = await serverWithFiles(environment, 3);
      const ordered = await reindex(environment, '--all');
      expect(ordered.output).toMatch(/^3 files to be read anew\.\n(?:\d files? left …\n)*All have been read\.\n$/);
      await server.end('SIGTERM');

      const { sql, dispose } = await openPostgresDatabase(environment.DATABASE_URL ?? '', {
        poolSize: 2,
        prepare: false,
      });
      onTestFinished(dispose);
      const states = () => sql.query('SELECT DISTINCT status::text AS status, generation FROM files');
      expect(await states()).toEqual([{ status: 'READY', generation: 2 }]);
      const alone = await reindex(environment, '--all');
      expect(alone.output).toMatch(/^3 files to be read anew\.\nNo server is running that could do it\./);
      expect(await states()).toEqual([{ status: 'QUEUED', generation: 3 }]);
      const worked = await reindex(environment, '--work');
      expect(worked.output).toMatch(/^0 files to be read anew\.\n(?:\d files? left …\n)*All have been read\.\n$/);
      expect(await states()).toEqual([{ status: 'READY', generation: 3 }]);
    },
    PATIENCE_MS,
  );

  it('knows a collection as the graph shows it, and as the database has it', async () => {
    const id = '019aa5d2-7b1c-7c55-8b6e-3f1d2c4b5a69';
    expect(readCollectionId(Buffer.from(`Collection:${id}`).toString('base64url'))).toBe(id);
    expect(readCollectionId(id)).toBe(id);
    expect(readCollectionId(Buffer.from(`File:${id}`).toString('base64url'))).toBe(null);
    expect(await reindex({}, '--collection', 'nonsense')).toMatchObject({
      code: 2,
      errors: expect.stringContaining("It is no collection's id."),
    });
    expect(await reindex({}, '--everything')).toMatchObject({ code: 2 });
  });
});
