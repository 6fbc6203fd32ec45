import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { runChat } from '../../src/cli/run-chat.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { runCommand } from '../support/command.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { CTRL_C, CTRL_D, createFakeTerminal } from '../support/fake-terminal.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { PASSWORD, startTestServer, type TestServer } from '../support/server.ts';
import { words } from '../support/stream-plan.ts';

const ANSWER = 'The sky is blue because short waves of light are scattered most. ';

let upstream: ScriptedUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startScriptedUpstream({
    plans: {
      quick: { tokens: words(ANSWER) },
      slow: { tokens: words(ANSWER.repeat(8)), intervalMs: 20 },
      broken: { tokens: words(ANSWER), fault: { type: 'error', after: 3, error: { message: 'No.' } } },
      rude: { tokens: ['\u001b[2J\u001b]0;title\u0007', 'Hello', '\r\u009b31m', '.'] },
    },
  });
  server = await startTestServer({
    openAiUrl: upstream.url,
    environment: { DEFAULT_MODEL: 'openai/quick' },
    shared: true,
  });
});

afterAll(async () => {
  await server.close();
  await upstream.close();
});

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-chat-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

type Started = { url?: string; tokenFile?: string; username?: string; password?: string; model?: string };

async function start({ url = server.url, tokenFile, username, password, model }: Started = {}) {
  const screen = createFakeTerminal();
  let errors = '';
  const exit = runChat({
    url,
    username,
    password,
    model,
    terminal: createTerminal(screen.streams),
    tokenFile: tokenFile ?? join(await createFolder(), 'colloquy', 'sign-ins.json'),
    writeError(line) {
      errors += line;
      screen.streams.output.write(line);
    },
    clientOptions: { reconnect: { firstDelayMs: 1, maxDelayMs: 5 } },
  });
  return { ...screen, exit, errors: () => errors };
}

const newPerson = () => ({ username: `person-${crypto.randomUUID().slice(0, 8)}`, password: PASSWORD });

describe('signing in', () => {
  test('a new person gets an account, and is signed in the next time', async () => {
    const tokenFile = join(await createFolder(), 'deep', 'colloquy', 'sign-ins.json');
    const { username, password } = newPerson();
    const first = await start({ tokenFile });
    await first.until('Username: ');
    first.enter(username);
    await first.until('Password: ');
    first.enter(password);
    await first.until('Make a new account? [y/N] ');
    first.enter('y');
    await first.until('The password again: ');
    first.enter(password);
    await first.until(`Signed in as ${username}`);
    await first.until('There is no conversation yet.');
    await first.until('> ');
    first.enter('Why is the sky blue?');
    await first.until(ANSWER);
    await first.until('> ');
    first.type(CTRL_D);
    expect(await first.exit).toBe(0);
    expect(first.screen()).not.toContain(password);

    const { mode } = await stat(tokenFile);
    expect(mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(await readFile(tokenFile, 'utf8')))).toEqual([`${server.url}/`]);

    const second = await start({ tokenFile });
    await second.until(`Signed in as ${username}`);
    await second.until('1  Why is the sky blue?');
    await second.until('> ');
    second.enter('/open 1');
    await second.until('> Why is the sky blue?');
    await second.until(ANSWER.trim());
    await second.until('> ');
    second.enter('/quit');
    expect(await second.exit).toBe(0);
  });

  test('a wrong password, two that differ, and a bad one are said', async () => {
    const { username } = newPerson();
    const chat = await start();
    await chat.until('Username: ');
    chat.enter(username);
    for (const [password, again, message] of [
      ['one long passphrase', 'another passphrase', 'The two passwords differ.'],
      ['short', 'short', 'A password has at least 8 characters.'],
    ]) {
      await chat.until('Password: ');
      chat.enter(password ?? '');
      await chat.until('[y/N] ');
      chat.enter('yes');
      await chat.until('The password again: ');
      chat.enter(again ?? '');
      await chat.until(message ?? '');
      await chat.until('Username: ');
      chat.enter(username);
    }
    await chat.until('Password: ');
    chat.type(CTRL_C);
    expect(await chat.exit).toBe(0);
  });

  test('a server that is not there is named', async () => {
    const chat = await start({ url: 'http://127.0.0.1:9', ...newPerson() });
    expect(await chat.exit).toBe(5);
    expect(chat.errors()).toMatch(/^No answer from http:\/\/127\.0\.0\.1:9\. Is the server running there\?/);
  });
});

describe('Ctrl-C', () => {
  test('stops the answer, and what was said is kept; at the prompt it leaves', async () => {
    const chat = await start({ ...newPerson(), model: 'openai/slow' });
    await chat.until('> ');
    chat.enter('Why?');
    await chat.until('scattered');
    chat.type(CTRL_C);
    await chat.until('[stopped]');
    await chat.until('> ');
    chat.type(CTRL_C);
    expect(await chat.exit).toBe(0);
    const request = upstream.requests.findLast(({ body }) => (body as { model: string }).model === 'slow');
    expect((await request?.whenClosed)?.aborted).toBe(true);
  });

  test('twice within an answer leaves, and the answer can be watched again', async () => {
    const person = newPerson();
    const tokenFile = join(await createFolder(), 'sign-ins.json');
    // A stop that never reaches the server: only leaving is left.
    const proxy = await startCuttingProxy(server.url);
    onTestFinished(() => proxy.close());
    const chat = await start({ ...person, tokenFile, url: proxy.url, model: 'openai/slow' });
    await chat.until('> ');
    chat.enter('Why?');
    await chat.until('scattered');
    proxy.freeze();
    chat.type(CTRL_C);
    await chat.until('[stopping');
    chat.type(CTRL_C);
    expect(await chat.exit).toBe(0);

    const again = await start(person);
    await again.until('being answered');
    await again.until('> ');
    again.enter('/open 1');
    expect(await again.until('scattered')).toContain('The sky is blue');
    again.type(CTRL_C);
    await again.until('[stopped]');
    again.type(CTRL_D);
    expect(await again.exit).toBe(0);
  });
});

test('an answer goes on behind a lost connection', async () => {
  const [lost, found] = ['\n[connection lost, trying again]\n', '[connected]\n'];
  const proxy = await startCuttingProxy(server.url);
  onTestFinished(() => proxy.close());
  const chat = await start({ ...newPerson(), url: proxy.url, model: 'openai/slow' });
  await chat.until('> ');
  chat.enter('Why?');
  await chat.until('most. ');
  proxy.refuse();
  proxy.cut();
  await chat.until(lost);
  proxy.accept();
  await chat.until(found);
  await chat.until('\n> ');
  expect(chat.screen().replace(lost, '').replace(found, '')).toContain(ANSWER.repeat(8));
  chat.enter('/quit');
  expect(await chat.exit).toBe(0);
});

test('every command', async () => {
  const chat = await start(newPerson());
  const say = async (line: string, ...expected: string[]) => {
    chat.enter(line);
    for (const one of expected) await chat.until(one);
    return chat.until('\n> ');
  };
  await chat.until('Ask:');
  await chat.until('> ');
  await say('/help', '/regenerate');
  await say('/nonsense', 'There is no command /nonsense.');
  await say('/list', 'There is no conversation yet.');
  await say('/open 1', 'There is no conversation yet');
  await say('/rename A', 'There is no conversation yet');
  await say('/delete', 'There is no conversation');
  await say('/regenerate', 'There is no answer yet');
  await say('/models', 'openai/quick  (default)', 'openai/rude');
  await say('/model', 'The default model');
  await say('First question', ANSWER);
  await say('/rename', 'Which title?');
  await say('/rename   A better title ', 'It is called "A better title" now.');
  await say('/regenerate', ANSWER);
  await say('/new', 'A new conversation.');
  await say('/model openai/rude', 'openai/rude answers');
  expect(await say('Second question')).toContain('Hello31m.');
  await say('/list', '1  Second question', '2  A better title');
  await say('/open 7', 'Which one? /open 1 to /open 2.');
  await say('/open 2', '> First question', ANSWER.trim());
  chat.enter('/delete');
  await chat.until('[y/N] ');
  await say('n');
  chat.enter('/delete');
  await chat.until('[y/N] ');
  await say('y', 'Deleted.');
  await say('/list', '1  Second question');
  await say('/model openai/broken');
  await say('Third question', '[');
  await say('/model openai/nothing');
  await say('Fourth question', '[openai has no model "nothing".]');
  chat.enter('/quit');
  expect(await chat.exit).toBe(0);
});

describe('without a terminal', () => {
  async function pipe(lines: string, words: string[] = [], environment: Record<string, string> = {}) {
    const { username, password } = newPerson();
    return runCommand(['chat', ...words], {
      environment: {
        COLLOQUY_URL: server.url,
        COLLOQUY_USERNAME: username,
        COLLOQUY_PASSWORD: password,
        ...environment,
      },
      input: lines,
    });
  }

  test('lines come in and answers go out', async () => {
    const result = await pipe('One question\nAnother one\n/list\n');
    expect(result).toMatchObject({ errors: '', code: 0 });
    const [first, second, list = ''] = result.output.split('\n');
    expect([first, second]).toEqual([ANSWER, ANSWER]);
    expect(list).toMatch(/^1 {2}One question {2}\(.*4 messages\)$/);
  });

  test('a failed answer, a wrong word and a missing server are told by the exit code', async () => {
    expect(await pipe('Why?\n', ['--model', 'openai/broken'])).toMatchObject({ code: 1 });
    expect(await pipe('', ['--url', 'nonsense'])).toMatchObject({
      code: 2,
      errors: expect.stringContaining('It begins with http:// or https://.'),
    });
    expect(await pipe('', ['--colour'])).toMatchObject({ code: 2, errors: expect.stringContaining('--colour') });
    expect(await pipe('', ['--help'])).toMatchObject({ code: 0, output: expect.stringContaining('--model <id>') });
    expect(await pipe('', [], { COLLOQUY_URL: 'http://127.0.0.1:9' })).toMatchObject({
      code: 5,
      errors: expect.stringContaining('No answer from http://127.0.0.1:9.'),
    });
  });
});
