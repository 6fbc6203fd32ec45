import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCommand } from '../support/command.ts';
import { temporaryFolder } from '../support/main-process.ts';
import { PASSWORD, startTestServer, type TestServer } from '../support/server.ts';

// Each command is a process of its own, which takes seconds to begin on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ shared: true });
  await server.register('ada');
});
afterAll(() => server.close());

/** Somebody's terminal, signed in or not: the commands of one test share its settings. */
async function openShell(username: string | null = 'ada') {
  const folder = await temporaryFolder();
  const run = (words: string[], input = '', environment: Record<string, string> = {}) =>
    runCommand(words, { folder, input, environment: { COLLOQUY_URL: server.url, ...environment } });
  const json = async (words: string[], input = '') => {
    const { code, output, errors } = await run([...words, '--json'], input);
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${errors}`);
    return JSON.parse(output);
  };
  if (username) await json(['login', '--username', username], `${PASSWORD}\n`);
  return { folder, run, json };
}

describe('a sign-in', () => {
  test('is kept for its server, readable by its owner only, and ends on both sides', async () => {
    const { folder, run, json } = await openShell(null);
    expect(await run(['whoami'])).toMatchObject({ code: 3, output: `Nobody is signed in at ${server.url}.\n` });
    const wrong = await run(['login', '--username', 'ada'], 'a wrong passphrase\n');
    expect(wrong).toMatchObject({ code: 3, output: '' });
    expect(await run(['login', '--username', 'ada'], `${PASSWORD}\n`)).toEqual({
      code: 0,
      output: `Signed in as ada at ${server.url}.\n`,
      errors: '',
    });
    const file = join(folder, 'colloquy', 'sign-ins.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { accessToken } = JSON.parse(await readFile(file, 'utf8'))[`${server.url}/`];
    expect(await json(['whoami'])).toMatchObject({ isAdmin: true, user: { username: 'ada' } });
    expect((await run(['whoami'])).output).toMatch(/^Server {2}.*\nUser {4}ada\nRole {4}admin\n$/);

    expect(await run(['logout'])).toMatchObject({ code: 0, output: `Signed out of ${server.url}.\n` });
    expect(await run(['whoami'])).toMatchObject({ code: 3 });
    const refused = await server.request('{ viewer { isAdmin } }', {}, accessToken);
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('that is missing, not enough, or out of reach is told by the exit code', async () => {
    const { username } = await server.register();
    const nobody = await openShell(null);
    expect(await nobody.run(['prompt', 'list'])).toMatchObject({
      code: 3,
      output: '',
      errors: expect.stringContaining(`colloquy login --url ${server.url}`),
    });
    expect(await nobody.run(['key', 'list'], '', { COLLOQUY_API_KEY: 'api_nonsense' })).toMatchObject({
      code: 3,
      errors: `The API key is none of ${server.url}, or does not hold any more.\n`,
    });
    expect(
      await runCommand(['chat'], {
        input: 'Hello\n',
        environment: { COLLOQUY_URL: server.url, COLLOQUY_API_KEY: 'api_nonsense' },
      }),
    ).toMatchObject({
      code: 3,
      errors: `The API key is none of ${server.url}, or does not hold any more.\n`,
    });
    const somebody = await openShell(username);
    expect(await somebody.run(['key', 'list'])).toMatchObject({ code: 3, output: '' });
    expect(await somebody.run(['files', 'list', '--url', 'http://127.0.0.1:9'])).toMatchObject({
      code: 5,
      errors: expect.stringContaining('No answer from http://127.0.0.1:9.'),
    });
    expect(await somebody.run(['files', 'list', '--url', 'nonsense'])).toMatchObject({ code: 2 });
  });
});

test('system prompts: written, changed, gone back to, given to keys, deleted', async () => {
  const { folder, run, json } = await openShell();
  const made = await json(['prompt', 'create', 'Support', '--text', 'Be brief.', '--label', '1.0']);
  expect(made).toMatchObject({ name: 'Support', text: 'Be brief.', version: '1.0', revision: 1 });
  await writeFile(join(folder, 'support.txt'), 'Be kind.\n');
  expect(await json(['prompt', 'update', 'Support', '--file', 'support.txt'])).toMatchObject({
    text: 'Be kind.\n',
    revision: 2,
  });
  expect(await json(['prompt', 'update', 'Support', '--label', '1.2'])).toMatchObject({
    text: 'Be kind.\n',
    version: '1.2',
  });
  expect(await json(['prompt', 'update', made.id], 'From a pipe.')).toMatchObject({
    text: 'From a pipe.',
    revision: 4,
  });
  const old = await run(['prompt', 'get', 'Support', '--revision', '1']);
  expect(old.output).toMatch(
    /^Name {6}Support\nRevision {2}1 of 4\nVersion {3}1\.0\n[\s\S]*By {8}ada\n\nBe brief\.\n$/,
  );
  expect(await json(['prompt', 'restore', 'Support', '1'])).toMatchObject({ text: 'Be brief.', revision: 5 });
  expect(await json(['prompt', 'list'])).toEqual([expect.objectContaining({ name: 'Support', revision: 5 })]);
  expect((await run(['prompt', 'list'])).output).toMatch(/^NAME +VERSION +REVISION +CHANGED +ID\nSupport +1\.0 +5 /);

  expect(await run(['prompt', 'create', 'Support', '--text', 'Twice.'])).toMatchObject({ code: 1 });
  expect(await run(['prompt', 'create', 'Nothing'])).toMatchObject({ code: 2 });
  expect(await run(['prompt', 'update', 'Support'])).toMatchObject({ code: 2 });
  expect(await run(['prompt', 'create', 'Both', '--text', 'a', '--file', 'b'])).toMatchObject({ code: 2 });
  expect(await run(['prompt', 'get', 'Nothing'])).toEqual({
    code: 4,
    output: '',
    errors: 'There is no system prompt "Nothing".\n',
  });
  expect(await run(['prompt', 'get', 'Support', '--revision', '9'])).toMatchObject({ code: 4 });

  await json(['key', 'create', 'Bot']);
  expect(await json(['prompt', 'associate', 'Support', 'Bot'])).toMatchObject({ systemPrompt: { name: 'Support' } });
  // It is in use.
  expect(await run(['prompt', 'delete', 'Support', '--yes'])).toMatchObject({
    code: 1,
    errors: expect.stringContaining('Bot'),
  });
  expect(await json(['prompt', 'dissociate', 'Bot'])).toMatchObject({ systemPrompt: null });
  expect(await run(['prompt', 'delete', 'Support'])).toMatchObject({
    code: 2,
    errors: 'Delete "Support" with all its revisions? Nobody can be asked here: add --yes.\n',
  });
  expect(await run(['prompt', 'delete', 'Support', '--yes'])).toMatchObject({
    code: 0,
    output: '"Support" is deleted.\n',
  });
  expect(await json(['prompt', 'list'])).toEqual([]);
});

test('API keys: made, used, looked up, closed, deleted', async () => {
  const { run, json } = await openShell();
  await server.data(
    'mutation { createCollection(name: "Handbook", visibility: SHARED) { id } }',
    {},
    (
      await server.data('mutation ($i: LoginInput!) { login(input: $i) { accessToken } }', {
        i: { username: 'ada', password: PASSWORD },
      })
    ).login.accessToken,
  );
  const expires = new Date(Date.now() + 86_400_000).toISOString();
  const made = await json([
    ...['key', 'create', 'Desk', '--collection', 'Handbook', '--prompt-text', 'Answer from the handbook.'],
    ...['--requests-per-minute', '100', '--tokens-per-day', '5000', '--expires', expires, '--notes', 'On trial'],
  ]);
  expect(made).toMatchObject({
    clientName: 'Desk',
    collection: { name: 'Handbook' },
    systemPrompt: { name: 'Desk' },
    requestsPerMinute: 100,
    tokensPerDay: 5000,
    expiresAt: expires,
    notes: 'On trial',
    active: true,
  });
  const { secret, prefix } = made;
  expect(secret.startsWith(prefix)).toBe(true);
  const shown = await run(['key', 'create', 'Another']);
  expect(shown.output).toMatch(/^Client {2}Another\n[\s\S]*\napi_[\w-]{43}\n\nThis is the only time/);

  const asKey = { COLLOQUY_API_KEY: secret };
  expect(await run(['whoami', '--json'], '', asKey)).toMatchObject({ code: 0 });
  expect((await run(['whoami'], '', asKey)).output).toContain('Desk');
  expect(await run(['chat'], 'Hello\n', asKey)).toMatchObject({ code: 0, errors: '' });
  expect(await run(['key', 'list'], '', asKey)).toMatchObject({ code: 3 });

  expect((await run(['key', 'list'])).output).toMatch(/Desk +api_\S+ +active +Handbook +Desk +\d+ of 5000 /);
  expect((await run(['key', 'list'])).output).not.toContain(secret);
  expect(await run(['key', 'status'], secret)).toMatchObject({ code: 0, output: expect.stringContaining('active') });
  expect(await run(['key', 'deactivate', 'Desk', '--yes'])).toMatchObject({ code: 0 });
  expect(await run(['key', 'status'], secret)).toMatchObject({ code: 1, output: expect.stringContaining('closed') });
  expect(await run(['key', 'status'], 'api_nothing')).toMatchObject({ code: 4 });
  expect(await run(['key', 'status'])).toMatchObject({ code: 2 });
  expect(await run(['whoami'], '', asKey)).toMatchObject({ code: 3 });
  expect(await run(['key', 'delete', prefix])).toMatchObject({ code: 2 });
  expect(await run(['key', 'delete', prefix, '--yes'])).toMatchObject({ code: 0 });
  expect(await run(['key', 'deactivate', 'Desk', '--yes'])).toMatchObject({ code: 4 });
  expect(await run(['key', 'create', 'Past', '--expires', '2001-01-01'])).toMatchObject({ code: 2 });
  expect(await run(['key', 'create', 'Wrong', '--tokens-per-day', '-1'])).toMatchObject({ code: 2 });
  expect(await run(['key', 'create', 'Wrong', '--expires', 'soon'])).toMatchObject({ code: 2 });
});

test('files: uploaded from files and folders, waited for, listed, deleted', async () => {
  const { folder, run, json } = await openShell();
  await mkdir(join(folder, 'handbook', 'deep'), { recursive: true });
  await writeFile(join(folder, 'handbook', 'one.txt'), 'The albatross sleeps on the wing.');
  await writeFile(join(folder, 'handbook', 'deep', 'two.md'), '# Two\n\nThe heron stands on one leg.');
  await writeFile(join(folder, 'handbook', '.hidden'), 'secret');
  await writeFile(join(folder, 'broken.pdf'), '%PDF-1.7 and nothing else');

  expect(await run(['files', 'upload', 'handbook'])).toMatchObject({
    code: 2,
    errors: 'handbook is a folder: add --recursive.\n',
  });
  expect(await run(['files', 'upload', 'missing.txt'])).toMatchObject({ code: 4 });
  const uploaded = await run(['files', 'upload', 'handbook', '--recursive', '--wait', '--json']);
  expect(uploaded).toMatchObject({ code: 0, errors: '' });
  const lines = uploaded.output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    expect.objectContaining({ name: 'two.md', status: 'READY' }),
    expect.objectContaining({ name: 'one.txt', status: 'READY' }),
  ]);
  const broken = await run(['files', 'upload', 'broken.pdf', '--wait']);
  expect(broken).toMatchObject({ code: 1, output: expect.stringMatching(/^broken\.pdf: failed: .* \(\S+\)\n$/) });
  expect((await json(['files', 'list', '--status', 'READY'])).map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['one.txt', 'two.md']),
  );
  expect((await run(['files', 'list', '--text', 'one'])).output).toMatch(/^NAME +SIZE [\s\S]*\none\.txt +33 B +ready /);
  expect((await run(['files', 'list', '--limit', '1'])).output).toContain('There are more; --limit 2 shows them.');
  const ids = lines.map(({ id }) => id);
  expect(await run(['files', 'delete', ...ids])).toMatchObject({ code: 2 });
  expect(await run(['files', 'delete', ...ids, '--yes'])).toMatchObject({ code: 0, errors: '' });
  expect(await run(['files', 'delete', ids[0], '--yes'])).toMatchObject({ code: 4 });
});

test('conversations leave with export and come back with import', async () => {
  const { folder, run } = await openShell((await server.register()).username);
  expect(await run(['chat'], 'Where does the albatross sleep?\n')).toMatchObject({ code: 0 });
  expect(await run(['export', 'mine.json'])).toMatchObject({ code: 0, errors: '' });
  expect(await run(['export', 'mine.json'])).toMatchObject({ code: 1 });
  expect(JSON.parse(await readFile(join(folder, 'mine.json'), 'utf8'))).toMatchObject({
    conversations: [{ title: 'Where does the albatross sleep?' }],
  });
  const piped = await run(['export']);
  expect(JSON.parse(piped.output).conversations).toHaveLength(1);
  const again = await run(['import', 'mine.json', '--json']);
  expect(JSON.parse(again.output)).toMatchObject({ imported: 0, skipped: 1, failedCount: 0 });
  const another = await openShell((await server.register()).username);
  expect(await another.json(['import', join(folder, 'mine.json')])).toMatchObject({ imported: 1, skipped: 0 });
  expect(await run(['import', 'nothing.json'])).toMatchObject({ code: 4 });
});

test('an admin makes another through the graph', async () => {
  const { run, json } = await openShell();
  expect(await run(['create-admin', '--username', 'eve', '--url', server.url], 'short\n')).toMatchObject({
    code: 2,
    errors: expect.stringContaining('at least 8 characters'),
  });
  const made = await json(['create-admin', '--username', 'eve', '--url', server.url], `${PASSWORD}\n`);
  expect(made).toMatchObject({ username: 'eve', role: 'ADMIN' });
  expect(await (await openShell('eve')).json(['whoami'])).toMatchObject({ isAdmin: true });
  expect(await run(['create-admin', '--username', 'eve', '--url', server.url], `${PASSWORD}\n`)).toMatchObject({
    code: 1,
    errors: expect.stringContaining('taken'),
  });
});
