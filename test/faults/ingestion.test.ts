import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Database, openEmbeddedDatabase, openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import type { Sql } from '../../src/ports/sql.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { until } from '../support/jobs.ts';
import { temporaryFolder } from '../support/main-process.ts';
import { type Data, type Engine, startTestServer, subscribe } from '../support/server.ts';
import { startServerProcess } from '../support/server-process.ts';
import { bearer, postFile } from '../support/uploads.ts';

/** Longer than the silence after which a worker is taken for dead. */
const PATIENCE_MS = 90_000;

const REGISTER = `mutation {
  register(input: { username: "reader", password: "a long enough one" }) { accessToken }
}`;
const STATS = '{ stats { observability { worker { queued active completed failed retried } } } }';
const PROGRESS = 'subscription ($id: ID!) { fileProgress(id: $id) { file { status progress error } } }';

type Server = { url: string; graphqlUrl: string; socketUrl: string };

async function post(server: Server, query: string, token?: string): Promise<Data> {
  const headers = { 'content-type': 'application/json', ...bearer(token) };
  const response = await fetch(server.graphqlUrl, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return ((await response.json()) as { data: Data }).data;
}

const signUp = async (server: Server): Promise<string> => (await post(server, REGISTER)).register.accessToken;

/** So many megabytes of different sentences. */
function longText(megabytes: number, seed = 'tale'): string {
  const parts: string[] = [];
  let length = 0;
  for (let index = 0; length < megabytes * 1_000_000; index++) {
    const part = `In the ${seed} number ${index} somebody walked ${index % 97} miles to see word${index % 5_000}.${index % 9 === 8 ? '\n\n' : ' '}`;
    parts.push(part);
    length += part.length;
  }
  return parts.join('');
}

async function upload(server: Server, token: string, text: string, name = 'tale.txt'): Promise<string> {
  const { body, status } = await postFile(server, text, { token, name });
  expect(status).toBe(201);
  return body.file?.id;
}

/** The states of a file until one that is asked for, or the last. */
async function watch(server: Server, token: string, id: string, enough = (_file: Data) => false): Promise<Data> {
  let last: Data = {};
  for await (const { data } of subscribe(server, 'ws', token, PROGRESS, { id })) {
    last = data?.fileProgress.file ?? last;
    if (enough(last)) break;
  }
  return last;
}

const isInTheMiddle = ({ status, progress }: Data) => status === 'PROCESSING' && progress > 0.15;

/** Its chunks and words, once each, are the text. */
async function expectWhole(sql: Sql, text: string): Promise<void> {
  const chunks = await sql.query<{ text: string; start: number; end: number; generation: number }>(
    'SELECT text, start, "end", generation FROM chunks ORDER BY index',
  );
  // Compared here: nobody wants to read what differs of five megabytes.
  expect(
    chunks
      .map((chunk) => chunk.text)
      .join('')
      .trimEnd() === text.trimEnd(),
  ).toBe(true);
  let end = 0;
  for (const chunk of chunks) {
    expect([chunk.start, chunk.generation]).toEqual([end, 1]);
    end = chunk.end;
  }
  const [words] = await sql.query('SELECT sum(doc_count)::int AS count, bool_and(live) AS live FROM word_parts');
  expect(words).toEqual({ count: chunks.length, live: true });
}

async function places(engine: Engine) {
  const folder = await temporaryFolder();
  const files = { FILES_DIR: join(folder, 'files'), JWT_SECRET: 'a secret for tests that is long enough' };
  if (engine === 'pglite') {
    const dataDirectory = join(folder, 'data');
    const open = () => openEmbeddedDatabase(dataDirectory);
    return { environment: { ...files, DATA_DIR: dataDirectory }, open };
  }
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const open = () => openPostgresDatabase(url, { poolSize: 3, prepare: false });
  return { environment: { ...files, DATABASE_URL: url }, open };
}

async function opened(open: () => Promise<Database>): Promise<Sql> {
  const database = await open();
  onTestFinished(database.dispose);
  return database.sql;
}

describe.each<Engine>(['pglite', 'postgresql'])(
  'a server on %s that ends in the middle of reading a file',
  (engine) => {
    it(
      'by SIGKILL: the next one reads it, with nothing missing and nothing twice',
      async () => {
        const { environment, open } = await places(engine);
        const first = await startServerProcess(environment);
        const token = await signUp(first);
        const text = longText(5);
        const id = await upload(first, token, text);
        expect(await watch(first, token, id, isInTheMiddle)).toMatchObject({ status: 'PROCESSING' });
        await first.end('SIGKILL');

        const second = await startServerProcess(environment);
        const begun = performance.now();
        expect(await watch(second, token, id)).toEqual({ status: 'READY', progress: 1, error: null });
        expect(performance.now() - begun).toBeLessThan(60_000);
        await until(async () => (await post(second, STATS, token)).stats.observability.worker.completed === 1);
        const { worker } = (await post(second, STATS, token)).stats.observability;
        expect(worker).toMatchObject({ queued: 0, active: 0, failed: 0, retried: 1 });
        expect(await second.end('SIGTERM')).toBe(0);
        await expectWhole(await opened(open), text);
      },
      PATIENCE_MS,
    );

    it(
      'by SIGTERM: it exits with 0, the file goes back, and that is no failed attempt',
      async () => {
        const { environment, open } = await places(engine);
        const first = await startServerProcess(environment);
        const token = await signUp(first);
        // More than can be read while the server waits for what runs.
        const id = await upload(first, token, longText(40));
        await watch(first, token, id, ({ status, progress }) => status === 'PROCESSING' && progress > 0.01);
        expect(await first.end('SIGTERM')).toBe(0);
        expect(first.output()).not.toMatch(/"level":(50|60)/);
        const between = await open();
        const [file] = await between.sql.query(
          'SELECT status::text AS status, error, live_generation AS live FROM files',
        );
        const [job] = await between.sql.query(
          `SELECT state::text AS state, retry_count AS retries FROM pgboss.job WHERE name = 'ingest-file'`,
        );
        await between.dispose();
        expect(file).toEqual({ status: 'QUEUED', error: null, live: null });
        expect(job).toEqual({ state: 'created', retries: 0 });
      },
      PATIENCE_MS,
    );
  },
);

describe('several servers on one PostgreSQL', () => {
  it(
    'share the files, and each is read by one of them',
    async () => {
      const { environment, open } = await places('postgresql');
      const servers = await Promise.all([startServerProcess(environment), startServerProcess(environment)]);
      const [one, other] = servers;
      if (!one || !other) throw new Error('Two servers were started.');
      const token = await signUp(one);
      const sql = await opened(open);
      const ids = [];
      for (let index = 0; index < 6; index++) ids.push(await upload(one, token, longText(1.5, `story${index}`)));
      // Each reads one at a time.
      await until(async () => {
        const [row] = await sql.query(`SELECT count(*)::int AS count FROM files WHERE status = 'PROCESSING'`);
        return row?.count === 2;
      });
      for (const id of ids) expect(await watch(other, token, id)).toMatchObject({ status: 'READY' });
      const attempts = await sql.query('SELECT attempts FROM files');
      expect(attempts.map((row) => row.attempts)).toEqual([1, 1, 1, 1, 1, 1]);
      const counts = await sql.query(
        `SELECT f.chunk_count - (SELECT count(*)::int FROM chunks c WHERE c.file_id = f.id) AS missing FROM files f`,
      );
      expect(counts.map(({ missing }) => missing)).toEqual([0, 0, 0, 0, 0, 0]);
    },
    PATIENCE_MS,
  );
});

describe('a database that goes away in the middle of reading a file', () => {
  it(
    'has the whole file once it is back',
    async () => {
      const { url, drop } = await createPostgresDatabase();
      const proxy = await startCuttingProxy(url);
      const behind = new URL(url);
      behind.port = new URL(proxy.url).port;
      behind.hostname = '127.0.0.1';
      const database = await openPostgresDatabase(behind.toString(), { poolSize: 5, prepare: true });
      const folder = await temporaryFolder();
      const server = await startTestServer({ overrides: { database }, environment: { FILES_DIR: folder } });
      onTestFinished(async () => {
        await server.close();
        await proxy.close();
        await drop();
      });
      const { token } = await server.register();
      const text = longText(5);
      const id = await upload(server, token, text);
      await watch(server, token, id, isInTheMiddle);
      proxy.refuse();
      proxy.cut();
      // The worker meets it, and so does this.
      await until(async () => (await fetch(`${server.url}/ready`)).status === 503);
      proxy.accept();
      await until(async () => {
        const last = await watch(server, token, id).catch(() => ({}) as Data);
        return last.status === 'READY';
      });
      await expectWhole(database.sql, text);
    },
    PATIENCE_MS,
  );
});
