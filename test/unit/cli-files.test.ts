import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ColloquyError } from '@colloquy/sdk';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { askUsername } from '../../src/cli/ask-password.ts';
import { plainText } from '../../src/cli/plain-text.ts';
import type { Remote } from '../../src/cli/remote.ts';
import { uploadFiles } from '../../src/cli/run-upload.ts';
import { serverUrl } from '../../src/cli/server.ts';
import { createTerminal } from '../../src/cli/terminal.ts';
import { createTokenFile, tokenFilePath } from '../../src/cli/token-file.ts';
import { CTRL_C, createFakeTerminal } from '../support/fake-terminal.ts';

const TOKENS = { accessToken: 'access', refreshToken: 'refresh', expiresAt: '2026-01-01T00:00:00.000Z' };

describe('the file of sign-ins', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'colloquy-sign-ins-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    path = join(folder, 'colloquy', 'sign-ins.json');
  });

  test('keeps one for each server, readable by its owner only', async () => {
    const [one, other] = ['http://one/', 'http://other/'].map((server) => createTokenFile(path, server));
    expect(await one?.load()).toBe(null);
    await one?.save(TOKENS);
    await other?.save({ ...TOKENS, accessToken: 'another' });
    expect(await one?.load()).toEqual(TOKENS);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'colloquy'))).mode & 0o777).toBe(0o700);
    await one?.save(null);
    expect(await one?.load()).toBe(null);
    expect((await other?.load())?.accessToken).toBe('another');
    expect(await readdir(join(folder, 'colloquy'))).toEqual(['sign-ins.json']);
  });

  test('that is broken is as good as none, and is mended by the next sign-in', async () => {
    await mkdir(join(folder, 'colloquy'));
    await writeFile(path, '{"http://one/": {"acc');
    const file = createTokenFile(path, 'http://one/');
    expect(await file.load()).toBe(null);
    await file.save(TOKENS);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ 'http://one/': TOKENS });
  });

  test('that cannot be written says where', async () => {
    await writeFile(join(folder, 'colloquy'), 'a file where a folder should be');
    await expect(createTokenFile(path, 'http://one/').save(TOKENS)).rejects.toThrow(`cannot be kept in ${path}`);
  });

  test('is renewed by one process after another', async () => {
    let running = 0;
    const renew = async () => {
      running += 1;
      await new Promise((resolve) => setImmediate(resolve));
      expect(running).toBe(1);
      running -= 1;
    };
    await Promise.all([1, 2, 3].map(() => createTokenFile(path, 'http://one/').lock?.(renew)));
    // Left behind by a process that was killed.
    await writeFile(`${path}.lock`, '');
    await utimes(`${path}.lock`, 0, 0);
    await createTokenFile(path, 'http://one/').lock?.(renew);
    expect(await readdir(join(folder, 'colloquy'))).toEqual([]);
  });
});

test('more files than may be sent in a minute are sent all the same, later', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-uploads-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, name), name);
  const tries: string[] = [];
  const uploadFile = async (_blob: Blob, { name }: { name: string }) => {
    tries.push(name);
    if (tries.length === 2) {
      throw new ColloquyError({ code: 'RATE_LIMITED', message: 'These are too many requests.', retryAfterSeconds: 0 });
    }
    return { id: name, name, status: 'READY', progress: 1 };
  };
  const remote = {
    client: { uploadFile },
    shell: { columns: null, writeError: () => {} },
    output: { json: true, show: () => {} },
    signal: new AbortController().signal,
  } as unknown as Remote;
  expect(await uploadFiles(remote, [folder], { recursive: true })).toBe(0);
  expect(tries).toEqual(['a', 'b', 'b', 'c']);
});

test('settings live where the system has them', () => {
  const parts = ['colloquy', 'sign-ins.json'];
  expect(tokenFilePath({}, '/home/ada')).toBe(join('/home/ada', '.config', ...parts));
  expect(tokenFilePath({ XDG_CONFIG_HOME: '/settings' }, '/home/ada')).toBe(join('/settings', ...parts));
});

test('text cannot command the terminal', () => {
  expect(plainText('a\u001b[31mb\u009b0m\u0007\r\n\tc\u0000 👋🏽 é')).toBe('a[31mb0m\n\tc 👋🏽 é');
});

test('the server is the one that was named, else the one of the environment', () => {
  expect(serverUrl(undefined, {})).toBe('http://127.0.0.1:4000');
  expect(serverUrl(undefined, { PORT: '8080' })).toBe('http://127.0.0.1:8080');
  expect(serverUrl(undefined, { PORT: '8080', COLLOQUY_URL: 'https://chat.example' })).toBe('https://chat.example');
  expect(serverUrl('https://x', { COLLOQUY_URL: 'https://chat.example' })).toBe('https://x');
  expect(() => serverUrl(undefined, { COLLOQUY_URL: 'chat.example' })).toThrow('does not begin with http://');
});

test('Ctrl-C at the question for a name is told as that', async () => {
  const { streams, type, until } = createFakeTerminal();
  const terminal = createTerminal(streams);
  onTestFinished(() => terminal.close());
  const asked = askUsername(terminal, undefined, 'Who?');
  await until('Username: ');
  type(CTRL_C);
  await expect(asked).rejects.toMatchObject({ exitCode: 130 });
  const piped = createTerminal(createFakeTerminal({ isTTY: false }).streams);
  onTestFinished(() => piped.close());
  await expect(askUsername(piped, undefined, 'Who?')).rejects.toMatchObject({ exitCode: 2, message: 'Who?' });
});
