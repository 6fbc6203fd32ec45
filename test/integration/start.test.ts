import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createPostgresDatabase } from '../support/database.ts';
import { codeOf } from '../support/errors.ts';
import { startMain, temporaryFolder } from '../support/main-process.ts';
import { type Data, PASSWORD } from '../support/server.ts';
import { databaseUrl, onServer } from '../support/template.ts';

const SECRET = 'a secret for tests that is long enough';

async function ask(url: string, query: string, variables: object = {}, token = ''): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Data;
}

const REGISTER = `mutation ($input: RegisterInput!) { register(input: $input) { accessToken refreshToken } }`;
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { accessToken refreshToken } }`;
const account = (username: string, password = PASSWORD) => ({ input: { username, password } });

/** An empty database, dropped when the test has finished. */
async function emptyPostgres(): Promise<string> {
  const name = `colloquy_empty_${crypto.randomUUID().replaceAll('-', '')}`;
  const server = inject('postgresUrl');
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name}`));
  onTestFinished(() => onServer(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`)));
  return databaseUrl(server, name);
}

async function copiedPostgres(): Promise<string> {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  return url;
}

test('one process at a time has the embedded database; after a kill the next has it at once, with what was in it', async () => {
  const folder = await temporaryFolder();
  const first = startMain(folder);
  const url = await first.ready;
  const { data } = await ask(url, REGISTER, account('somebody'));
  // It holds what people have written, and the hashes of their passwords.
  expect((await stat(join(folder, 'data', 'database'))).mode & 0o077).toBe(0);
  const second = startMain(folder);
  expect(await second.exited).toMatchObject({ code: 1 });
  expect(second.output()).toMatch(/^Colloquy cannot start: .*in use by process \d+.*\n$/);
  expect(second.output()).toContain(`process ${first.child.pid} `);
  expect(second.output()).toContain('DATA_DIR');
  expect(codeOf((await ask(url, '{ viewer { isAdmin } }', {}, data.register.accessToken)) as object)).toBeUndefined();
  first.child.kill('SIGKILL');
  await first.exited;
  const third = startMain(folder);
  const again = await third.ready;
  // The secret was kept as well: who was signed in still is.
  const viewed = await ask(again, '{ viewer { user { username } } }', {}, data.register.accessToken);
  expect(viewed.data.viewer.user.username).toBe('somebody');
  third.child.kill('SIGTERM');
  expect(await third.exited).toEqual({ code: 0, signal: null });
});

test('ten processes that start at once on one empty database all come up, and it is migrated once', async () => {
  const DATABASE_URL = await emptyPostgres();
  const folder = await temporaryFolder();
  const started = Array.from({ length: 10 }, () =>
    startMain(folder, { DATABASE_URL, JWT_SECRET: SECRET, DATABASE_POOL_SIZE: '2' }),
  );
  const urls = await Promise.all(started.map(({ ready }) => ready));
  const statuses = await Promise.all(urls.map(async (url) => (await fetch(`${url}/ready`)).status));
  expect(statuses).toEqual(Array(10).fill(200));
  const client = new pg.Client({ connectionString: DATABASE_URL });
  await client.connect();
  const { rows } = await client.query(
    'SELECT migration_name, count(*)::int AS times FROM _prisma_migrations GROUP BY migration_name',
  );
  await client.end();
  expect(rows.length).toBeGreaterThan(0);
  for (const { migration_name, times } of rows) expect(times, migration_name).toBe(1);
});

test('an environment that is wrong is told line by line, and stops the start', async () => {
  const folder = await temporaryFolder();
  const wrong = startMain(folder, {
    PORT: '99999',
    LOG_LEVEL: 'loud',
    JWT_SECRET: 'short',
    DATABASE_URL: 'mysql://somebody:hunter2@127.0.0.1/x',
    REGISTRATION_ENABLED: 'perhaps',
    MODEL_RETRIES: 'many',
    AIHUB_API_KEY: 'key-of-the-hub',
  });
  expect(await wrong.exited).toMatchObject({ code: 1 });
  const [head, ...faults] = wrong.output().trimEnd().split('\n');
  expect(head).toBe('Colloquy cannot start:');
  expect(faults.map((line) => line.trim().split(' ')[0]).sort()).toEqual([
    'AIHUB_BASE_URL',
    'DATABASE_URL',
    'JWT_SECRET',
    'LOG_LEVEL',
    'MODEL_RETRIES',
    'PORT',
    'REGISTRATION_ENABLED',
  ]);
  expect(wrong.output()).not.toMatch(/hunter2|key-of-the-hub|short/);
});

const NOWHERE = 'postgresql://u:hunter2@127.0.0.1:9/x';

test.each([
  ['NODE_ENV', { NODE_ENV: 'production' }, 'JWT_SECRET'],
  ['a default model that is no id', { DEFAULT_MODEL: 'nonsense' }, 'DEFAULT_MODEL'],
  ['a default model of a provider that is not configured', { DEFAULT_MODEL: 'openai/gpt' }, 'DEFAULT_MODEL'],
  [
    'an embedding model that cannot be had',
    { EMBEDDING_MODEL: 'aihub/embed', DATABASE_URL: NOWHERE },
    'EMBEDDING_MODEL',
  ],
  ['a database that is not there', { DATABASE_URL: NOWHERE }, 'DATABASE_URL'],
  ['a database that is at neither address', { DATABASE_URL: 'postgresql://u:hunter2@localhost:9/x' }, 'ECONNREFUSED'],
])('the start is refused for %s, naming the variable', async (_case, environment, named) => {
  // There already, so that the start is quick.
  const DATABASE_URL = await copiedPostgres();
  const refused = startMain(await temporaryFolder(), { DATABASE_URL, ...environment } as Record<string, string>);
  expect(await refused.exited).toMatchObject({ code: 1 });
  expect(refused.output()).toMatch(/^Colloquy cannot start:/);
  expect(refused.output()).toContain(named);
  expect(refused.output()).not.toMatch(/hunter2|\n {4}at /);
});

test('a port that is taken is told with what to do about it', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const DATABASE_URL = await copiedPostgres();
  const refused = startMain(await temporaryFolder(), { PORT: String(port), DATABASE_URL });
  expect(await refused.exited).toMatchObject({ code: 1 });
  expect(refused.output()).toMatch(/port .*is in use.*Set PORT/);
  expect(refused.output()).not.toContain('    at ');
});

test('a database that was made with another migration is not touched', async () => {
  const DATABASE_URL = await copiedPostgres();
  await onServer(DATABASE_URL, (client) => client.query(`UPDATE _prisma_migrations SET checksum = repeat('0', 64)`));
  const refused = startMain(await temporaryFolder(), { DATABASE_URL, JWT_SECRET: SECRET });
  expect(await refused.exited).toMatchObject({ code: 1 });
  expect(refused.output()).toMatch(/^Colloquy cannot start: Migration \S+ is not the one/);
});

test('what is secret is in no log, also when everything is logged and things go wrong', async () => {
  const folder = await temporaryFolder();
  const DATABASE_URL = await copiedPostgres();
  const main = startMain(folder, { DATABASE_URL, LOG_LEVEL: 'trace', LOG_FORMAT: 'json' });
  const url = await main.ready;
  const next = 'another passphrase for tests';
  const registered = (await ask(url, REGISTER, account('careful'))).data.register;
  const loggedIn = (await ask(url, LOGIN, account('careful'))).data.login;
  await ask(url, LOGIN, account('careful', 'a wrong passphrase'));
  await ask(url, 'mutation ($t: String!) { refresh(refreshToken: $t) { tokenType } }', { t: loggedIn.refreshToken });
  await ask(
    url,
    'mutation ($current: String!, $next: String!) { changePassword(current: $current, next: $next) { tokenType } }',
    { current: PASSWORD, next },
    registered.accessToken,
  );
  await onServer(DATABASE_URL, (client) => client.query('ALTER TABLE users RENAME password_hash TO gone'));
  expect(codeOf((await ask(url, REGISTER, account('unlucky', 'an unlucky passphrase'))) as object)).toBe('INTERNAL');
  expect(codeOf((await ask(url, LOGIN, account('careful', next))) as object)).toBe('INTERNAL');
  await onServer(DATABASE_URL, (client) => client.query('ALTER TABLE refresh_tokens RENAME hash TO gone'));
  const refreshed = await ask(url, 'mutation ($t: String!) { refresh(refreshToken: $t) { tokenType } }', {
    t: registered.refreshToken,
  });
  expect(codeOf(refreshed as object)).toBe('INTERNAL');
  main.child.kill('SIGTERM');
  await main.exited;
  const logged = main.output();
  expect(logged).toContain('prisma');
  const secrets = {
    passwords: /passphrase/,
    hashes: /argon2id/,
    tokens: new RegExp([registered, loggedIn].flatMap((pair) => [pair.accessToken, pair.refreshToken]).join('|')),
    signature: new RegExp(await readFile(join(folder, 'data', 'secrets', 'jwt'), 'utf8')),
    address: new RegExp(new URL(DATABASE_URL).password || 'no password'),
  };
  for (const [what, pattern] of Object.entries(secrets)) expect(pattern.test(logged), what).toBe(false);
});
