import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { acquireDatabaseLock } from '../../src/adapters/db/lock.ts';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { runCommand } from '../support/command.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { codeOf } from '../support/errors.ts';
import { temporaryFolder } from '../support/main-process.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import { PASSWORD, startTestServer } from '../support/server.ts';
import { databaseUrl, onServer } from '../support/template.ts';

// Each command is a process of its own, which takes seconds to begin on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

/** Settings of a server that has PostgreSQL, which is quicker to begin than the embedded database. */
async function withPostgres(empty = false): Promise<Record<string, string>> {
  const folder = await temporaryFolder();
  const common = { DATA_DIR: join(folder, 'data'), FILES_DIR: join(folder, 'files'), PORT: '0' };
  if (!empty) {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    return { ...common, DATABASE_URL: url };
  }
  const name = `colloquy_empty_${crypto.randomUUID().replaceAll('-', '')}`;
  const server = inject('postgresUrl');
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name}`));
  onTestFinished(() => onServer(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`)));
  return { ...common, DATABASE_URL: databaseUrl(server, name) };
}

describe('colloquy', () => {
  test('without words says how it is called, and refuses those that it does not know', async () => {
    const help = await runCommand([]);
    expect(help).toMatchObject({ code: 0, errors: '' });
    expect(help.output).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage');
    expect((await runCommand(['--help'])).output).toBe(help.output);
    expect(await runCommand(['--version'])).toMatchObject({ code: 0, output: '0.1.0\n' });
    expect(await runCommand(['serv'])).toMatchObject({
      code: 2,
      output: '',
      errors: expect.stringContaining('Did you mean serve?'),
    });
    expect((await runCommand(['key', 'create', '--help'])).output).toContain('--tokens-per-day <count>');
    expect((await runCommand(['key', '--help'])).output).toMatch(/Examples:\n {2}\$ colloquy key create/);
  });

  test('completes its words in bash', async () => {
    const folder = await temporaryFolder();
    const { output } = await runCommand(['completion', 'bash']);
    await writeFile(join(folder, 'completion.sh'), output);
    const program = join(folder, 'colloquy');
    const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
    await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" --no-warnings "${main}" "$@"\n`);
    await chmod(program, 0o755);
    const script =
      'source completion.sh; COMP_WORDS=(colloquy prompt re); COMP_CWORD=2; _colloquy; printf "%s\\n" $COMPREPLY';
    const { stdout } = await promisify(execFile)('bash', ['-c', script], {
      cwd: folder,
      env: { PATH: `${folder}:${process.env.PATH}` },
    });
    expect(stdout).toBe('restore\n');
    expect(await runCommand(['completion', 'tcsh'])).toMatchObject({ code: 2 });
  });

  test('ends quietly when whoever reads it has enough', async () => {
    const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
    const piped = `set -o pipefail; "${process.execPath}" --no-warnings "${main}" --help | true`;
    expect(await promisify(execFile)('bash', ['-c', piped])).toEqual({ stdout: '', stderr: '' });
  });

  test('says which setting is wrong', async () => {
    expect(await runCommand(['migrate'], { environment: { PORT: 'many' } })).toEqual({
      code: 1,
      output: '',
      errors: 'PORT must be a number\n',
    });
  });
});

test('migrate applies what is pending, and says so before and after', async () => {
  const environment = await withPostgres(true);
  const pending = await runCommand(['migrate', '--status', '--json'], { environment });
  expect(pending.code).toBe(1);
  const { pending: names, applied } = JSON.parse(pending.output);
  expect(applied).toEqual([]);
  expect(names.length).toBeGreaterThan(1);
  expect((await runCommand(['migrate'], { environment })).output).toBe(
    `${names.length} migrations applied:\n${names.map((name: string) => `  ${name}\n`).join('')}`,
  );
  expect(await runCommand(['migrate'], { environment })).toMatchObject({
    code: 0,
    output: 'The database is up to date.\n',
  });
  expect(await runCommand(['migrate', '--status'], { environment })).toMatchObject({
    code: 0,
    output: `The database is up to date: ${names.length} migrations applied.\n`,
  });
});

test('set-password gives a new one to who has forgotten theirs, ends their sessions and is recorded', async () => {
  const environment = await withPostgres();
  const database = await openPostgresDatabase(environment.DATABASE_URL ?? '', { poolSize: 5, prepare: true });
  const server = await startTestServer({ environment, overrides: { database } });
  const { token } = await server.register('ada');
  const set = (input: string, ...words: string[]) => runCommand(['set-password', ...words], { environment, input });
  expect(await set('password123\n', '--username', 'ada')).toMatchObject({ code: 2, output: '' });
  expect(await set(`${PASSWORD} 2\n`, '--username', 'nobody')).toMatchObject({ code: 4, output: '' });
  expect(await server.data('{ viewer { user { username } } }', {}, token)).toMatchObject({ viewer: {} });
  expect(await set(`${PASSWORD} 2\n`, '--username', 'Ada')).toEqual({
    code: 0,
    output: 'ada has a new password, and is signed out everywhere.\n',
    errors: '',
  });
  expect((await server.request('{ viewer { user { username } } }', {}, token)).data?.viewer ?? null).toBeNull();
  const login = (password: string) =>
    server.request('mutation ($input: LoginInput!) { login(input: $input) { accessToken } }', {
      input: { username: 'ada', password },
    });
  expect(codeOf(await login(PASSWORD))).toBe('UNAUTHENTICATED');
  const { accessToken } = (await login(`${PASSWORD} 2`)).data?.login ?? {};
  const { auditEvents } = await server.data(
    '{ auditEvents(first: 5) { edges { node { actor action target detail } } } }',
    {},
    accessToken,
  );
  expect(auditEvents.edges.map(({ node }: { node: object }) => node)).toContainEqual({
    actor: 'command line',
    action: 'user-changed',
    target: 'ada',
    detail: { password: true },
  });
});

test('create-admin makes one on the machine itself, and seed accounts to try it with, once', async () => {
  const environment = await withPostgres();
  const create = (input: string, ...words: string[]) => runCommand(['create-admin', ...words], { environment, input });
  expect(await create('short\n', '--username', 'ada')).toMatchObject({
    code: 2,
    errors: 'A password has at least 8 characters.\n',
  });
  expect(await create('password123\n', '--username', 'ada')).toMatchObject({
    code: 2,
    errors: expect.stringContaining('among those that are tried first'),
  });
  expect(await create('', '--username', 'ada')).toMatchObject({ code: 2, output: '' });
  expect(await create(`${PASSWORD}\n`, '--username', 'ada', '--email', 'ada@example.com')).toEqual({
    code: 0,
    output: 'ada is an admin.\n',
    errors: '',
  });
  expect(await create(`${PASSWORD}\n`, '--username', 'Ada')).toMatchObject({ code: 1, output: '' });

  const first = await runCommand(['seed', '--json'], { environment });
  const made = first.output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(made).toEqual([
    { username: 'admin', role: 'ADMIN', password: expect.stringMatching(/^[\w-]{16}$/) },
    { username: 'user1', role: 'USER', password: expect.stringMatching(/^[\w-]{16}$/) },
  ]);
  expect(made[0].password).not.toBe(made[1].password);
  expect((await runCommand(['seed'], { environment })).output).toMatch(
    /^admin +is there already; nothing is changed\.\nuser1 +is there already; nothing is changed\.\n$/,
  );
  const production = { ...environment, NODE_ENV: 'production', JWT_SECRET: 'a secret for tests that is long enough' };
  expect(await runCommand(['seed'], { environment: production })).toMatchObject({ code: 2, output: '' });
});

describe('doctor', () => {
  type Check = { part: string; state: string; message: string; advice: string | null };
  async function look(environment: Record<string, string>) {
    const { code, output } = await runCommand(['doctor', '--json'], { environment });
    const { ok, checks } = JSON.parse(output) as { ok: boolean; checks: Check[] };
    return { code, ok, checks, of: (part: string) => checks.filter((check) => check.part === part) };
  }

  test('finds nothing to mend where all is as it should be', async () => {
    const ollama = await startScriptedOllama({ models: [{ name: 'llama3.2:3b' }] });
    onTestFinished(() => ollama.close());
    const environment = {
      ...(await withPostgres()),
      REDIS_URL: inject('redisUrl'),
      OLLAMA_BASE_URL: ollama.url,
      OLLAMA_DEFAULT_MODEL: 'llama3.2:3b',
      FALLBACK_MODEL: 'ollama/llama3.2:3b',
    };
    const { code, ok, checks, of } = await look(environment);
    expect(checks.filter(({ state }) => state === 'fail')).toEqual([]);
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(of('migrations')).toMatchObject([{ state: 'ok' }]);
    expect(of('clock')).toMatchObject([{ state: 'ok' }]);
    expect(of('redis')).toMatchObject([{ state: 'ok', message: expect.stringMatching(/^Redis [\d.]+ answers\.$/) }]);
    expect(of('ollama')).toMatchObject([{ state: 'ok' }]);
    expect(of('FALLBACK_MODEL')).toMatchObject([{ state: 'ok', message: 'ollama/llama3.2:3b is there.' }]);
    expect(of('model')).toMatchObject([{ state: 'ok', message: 'ollama/llama3.2:3b answers where nobody says.' }]);
    const shown = await runCommand(['doctor'], { environment });
    expect(shown.output).toMatch(/^ok {4} *node +Node \d/);
    expect(shown.output).toMatch(/\d+ checks, \d+ to look at, 0 to mend\.\n$/);
  });

  test('says of every part that does not work what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), 'no folder');
    const { code, of } = await look({
      PORT: String(port),
      DATA_DIR: join(folder, 'data'),
      FILES_DIR: join(folder, 'file'),
      DATABASE_URL: 'postgresql://somebody:hunter2@127.0.0.1:9/x',
      REDIS_URL: 'redis://127.0.0.1:9',
      OPENAI_BASE_URL: 'http://127.0.0.1:9',
      DEFAULT_MODEL: 'openai/gpt',
      EMBEDDING_MODEL: 'llama-cpp/missing.gguf',
      CHROMA_URL: 'http://127.0.0.1:9',
      MODEL_RETRIES: '0',
    });
    expect(code).toBe(1);
    for (const part of [
      'port',
      'files folder',
      'database',
      'redis',
      'chroma',
      'openai',
      'DEFAULT_MODEL',
      'EMBEDDING_MODEL',
    ]) {
      expect(of(part), part).toMatchObject([{ state: 'fail', advice: expect.stringMatching(/\w/) }]);
    }
    expect(JSON.stringify(of('database'))).not.toContain('hunter2');
  });

  test('lets a server that has the embedded database go on', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'database'), { recursive: true });
    await writeFile(join(folder, 'database', 'PG_VERSION'), '18');
    const lock = await acquireDatabaseLock(folder);
    onTestFinished(() => lock.release());
    const { of } = await look({ DATA_DIR: folder, PORT: '0' });
    expect(of('database')).toMatchObject([{ state: 'ok', message: expect.stringContaining(`process ${process.pid}`) }]);
  });

  test('tells of settings that nothing could start with', async () => {
    const { code, of } = await look({ NODE_ENV: 'production', PORT: '99999' });
    expect(code).toBe(1);
    expect(of('settings').map(({ message }) => message)).toEqual([
      expect.stringContaining('PORT'),
      expect.stringContaining('JWT_SECRET'),
    ]);
    const open = await look({ ...(await withPostgres()), HOST: '0.0.0.0', TRUST_PROXY: 'true' });
    expect(open.of('network')).toMatchObject([{ state: 'warn' }, { state: 'warn' }]);
  });
});
