import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createClient } from '@colloquy/sdk';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { runExport, runImport } from '../../src/cli/run-transfer.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { conversationOf, exported, fileOf, imported } from '../support/transfers.ts';

let server: TestServer;
let user: TestUser;
let folder: string;
let said: string;

beforeEach(async () => {
  server = await startTestServer();
  user = await server.register();
  folder = await mkdtemp(join(tmpdir(), 'colloquy-transfer-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  said = '';
});

function runOf(signal = new AbortController().signal, url = server.url) {
  const client = createClient({ url, token: user.token });
  onTestFinished(() => client.dispose());
  const write = (more: string) => {
    said += more;
  };
  return { client, write, signal, output: new PassThrough(), force: false };
}

test('an export goes into a file of its own, and from there into the server again', async () => {
  await imported(
    server,
    fileOf(conversationOf([[null, 'USER', 'one']]), conversationOf([[null, 'USER', 'two']])),
    user,
  );
  const path = join(folder, 'mine.json');
  expect(await runExport({ ...runOf(), path })).toBe(0);
  expect(said).toMatch(/mine\.json: [\d.]+ k?B\n$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const { conversations } = JSON.parse(await readFile(path, 'utf8'));
  expect(conversations).toEqual((await exported(server, user)).conversations);

  await expect(runExport({ ...runOf(), path })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await runExport({ ...runOf(), path, force: true })).toBe(0);
  expect(await readdir(folder)).toEqual(['mine.json']);

  said = '';
  expect(await runImport({ ...runOf(), path, json: false })).toBe(0);
  expect(said).toBe('0 conversations imported, 2 were there already.\n');
});

test('an export goes to standard output', async () => {
  const run = runOf();
  const [written] = await Promise.all([
    text(run.output),
    runExport({ ...run, path: null }).then(() => run.output.end()),
  ]);
  expect(JSON.parse(written)).toMatchObject({ format: 'colloquy.conversations', conversations: [] });
  expect(said).toBe('');
});

test('what could not be imported is told, and is in the exit code', async () => {
  const path = join(folder, 'some.json');
  await writeFile(path, JSON.stringify(fileOf(conversationOf([[null, 'USER', 'x']]), { title: 'odd\u001b[2J' })));
  expect(await runImport({ ...runOf(), path, json: false })).toBe(1);
  expect(said).toContain('1 conversation imported.\nNot imported: number 2, odd');
  expect(said).not.toContain('\u001b');
  said = '';
  expect(await runImport({ ...runOf(), path, json: true })).toBe(1);
  expect(JSON.parse(said)).toMatchObject({ imported: 0, skipped: 1, failedCount: 1, failed: [{ index: 1 }] });
});

test('no file, no export, no server, no patience', async () => {
  const path = join(folder, 'a.txt');
  await expect(runImport({ ...runOf(), path, json: false })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await writeFile(path, 'no JSON');
  await expect(runImport({ ...runOf(), path, json: false })).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
  const nowhere = runOf(undefined, 'http://127.0.0.1:9');
  await expect(runExport({ ...nowhere, path: join(folder, 'b') })).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await expect(runExport({ ...runOf(AbortSignal.abort()), path: join(folder, 'b') })).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['a.txt']);
});
