import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { readReindexArguments } from '../../src/cli/run-reindex.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { until } from '../support/jobs.ts';
import { temporaryFolder } from '../support/main-process.ts';
import type { Engine } from '../support/server.ts';
import { startServerProcess } from '../support/server-process.ts';
import { postFile } from '../support/uploads.ts';

const CLI = fileURLToPath(new URL('../../src/cli/reindex.ts', import.meta.url));
const PATIENCE_MS = 60_000;

/** The command as `npm run reindex` runs it. */
async function reindex(environment: Record<string, string>, ...words: string[]) {
  const child = spawn(process.execPath, [CLI, ...words], {
    cwd: await temporaryFolder(),
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', OLLAMA_BASE_URL: 'http://127.0.0.1:9', ...environment },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await exited;
  return { code, output, errors };
}

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

describe('npm run reindex', () => {
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

  it('says how it is called', async () => {
    expect(readReindexArguments(['--help'])).toBeNull();
    expect(() => readReindexArguments(['--everything'])).toThrow(/Unknown option '--everything'/);
    expect(() => readReindexArguments(['--collection', 'nonsense'])).toThrow('"nonsense" is no collection\'s id.');
    const id = '019aa5d2-7b1c-7c55-8b6e-3f1d2c4b5a69';
    const global = Buffer.from(`Collection:${id}`).toString('base64url');
    const chosen = { all: false, collectionId: id, work: false, wait: true };
    expect(readReindexArguments(['--collection', global])).toEqual(chosen);
    expect(readReindexArguments(['--collection', id, '--all', '--no-wait'])).toEqual({
      ...chosen,
      all: true,
      wait: false,
    });
  });
});
