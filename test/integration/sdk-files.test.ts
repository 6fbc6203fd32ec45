import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, createClient, type UploadProgress } from '@colloquy/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../support/main-process.ts';
import { PASSWORD, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { someText, storedBytes } from '../support/uploads.ts';

let server: TestServer;
let user: TestUser;
let client: Client;

beforeAll(async () => {
  server = await startTestServer({ shared: true, environment: { MAX_UPLOAD_MB: '4' } });
  await server.register('the-admin');
  user = await server.register();
  client = createClient({ url: server.url });
  await client.login({ username: user.username, password: PASSWORD });
});
afterAll(async () => {
  client.dispose();
  await server.close();
});
afterEach(() => vi.unstubAllGlobals());

const encode = (text: string) => new TextEncoder().encode(text);

async function* inPieces(text: string, size = 1_000) {
  for (let start = 0; start < text.length; start += size) yield encode(text.slice(start, start + size));
}

describe('a file is uploaded from', () => {
  const textOf = async (file: { downloadUrl: string }) => (await client.downloadFile(file)).text();

  test.each([
    ['a Blob', async (text: string) => new Blob([text])],
    ['bytes', async (text: string) => encode(text)],
    ['a part of a buffer', async (text: string) => encode(`xx${text}yy`).subarray(2, -2)],
    ['an ArrayBuffer', async (text: string) => encode(text).buffer],
    ['a stream', async (text: string) => new Blob([text]).stream()],
    ['an async iterable', async (text: string) => inPieces(text)],
    [
      'the disk',
      async (text: string) => {
        const path = join(await temporaryFolder(), 'notes.txt');
        await writeFile(path, text);
        return openAsBlob(path);
      },
    ],
  ])('%s', async (_name, sourceOf) => {
    const text = someText(10_000);
    const seen: UploadProgress[] = [];
    const file = await client.uploadFile(await sourceOf(text), {
      name: 'notes.txt',
      onProgress: (progress) => seen.push(progress),
    });
    expect(file).toMatchObject({ name: 'notes.txt', size: 10_000, collection: null });
    expect(await textOf(file)).toBe(text);
    expect(seen[0]?.sent).toBe(0);
    expect(seen.at(-1)?.sent).toBe(10_000);
    expect(seen.every(({ total }) => total === null || total === 10_000)).toBe(true);
    // Without a listener it travels in another way.
    expect((await client.uploadFile(await sourceOf(text))).id).toBe(file.id);
  });
});

test('the answer is what the graph says of the file, and its own name is taken', async () => {
  const { id } = await client.createCollection({ name: 'Papers' });
  const source = new File([someText()], 'Ünï cødé & "more".txt');
  const file = await client.uploadFile(source, { collectionId: id });
  expect(file.name).toBe('Ünï cødé & "more".txt');
  expect(file.collection).toEqual({ id, name: 'Papers' });
  for await (const state of client.fileProgress(file.id)) if (state.status === 'READY') expect(state.progress).toBe(1);
  const stored = await client.file(file.id);
  expect(Object.keys(stored ?? {}).sort()).toEqual(Object.keys(file).sort());
  expect(await client.uploadFile(source, { collectionId: id })).toEqual(stored);
  expect((await client.files({ filter: { collectionId: id } })).totalCount).toBe(1);
  expect((await client.collections()).edges[0]?.node).toMatchObject({ id, name: 'Papers', fileCount: 1 });
  expect(await client.fileText(file.id, { start: 0, end: 4 })).toBe((await source.text()).slice(0, 4));
  await expect(client.retryFile(file.id)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await client.updateCollection({ id, name: 'Books' })).toMatchObject({ name: 'Books' });
  expect(await client.deleteFile(file.id)).toBe(file.id);
  expect(await client.file(file.id)).toBeNull();
  expect(await client.deleteCollection(id)).toBe(id);
});

test('what the server refuses is told by its code', async () => {
  await expect(client.uploadFile(new Blob([]))).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    fields: { file: 'The file is empty.' },
  });
  const large = 'x'.repeat(4 * 1_048_576 + 1);
  for (const source of [new Blob([large]), inPieces(large, 65_536)]) {
    await expect(client.uploadFile(source)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  }
  const missing = { downloadUrl: `${server.url}/files/00000000-0000-4000-8000-000000000000` };
  await expect(client.downloadFile(missing)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const nobody = createClient({ url: server.url });
  await expect(nobody.uploadFile(new Blob(['x']))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(nobody.downloadFile(missing)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  const nowhere = createClient({ url: 'http://127.0.0.1:9', token: 'x' });
  await expect(nowhere.uploadFile(new Blob(['x']))).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

test('an aborted upload throws the reason of the signal and leaves nothing', async () => {
  const controller = new AbortController();
  const endless = async function* () {
    for (;;) {
      yield encode(someText(1_000));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const reason = new Error('changed my mind');
  const upload = client.uploadFile(endless(), {
    signal: controller.signal,
    onProgress: ({ sent }) => sent > 5_000 && controller.abort(reason),
  });
  await expect(upload).rejects.toBe(reason);
  await expect.poll(async () => (await storedBytes(server)).incoming).toEqual([]);
  await expect(client.uploadFile(new Blob(['x']), { signal: controller.signal })).rejects.toBe(reason);
});

test('an access token that the server refuses is renewed, for uploads and downloads too', async () => {
  const { token, refreshToken } = user;
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const told: unknown[] = [];
  const stale = createClient({
    url: server.url,
    tokens: { accessToken: `${token}x`, refreshToken, expiresAt },
    onTokens: (tokens) => told.push(tokens),
  });
  const file = await stale.uploadFile(new Blob(['renewed']), { name: 'a.txt' });
  expect(await (await stale.downloadFile(file)).text()).toBe('renewed');
  expect(told).toHaveLength(1);
  expect(await stale.headers()).toEqual({ authorization: expect.stringMatching(/^Bearer /) });
  expect(await createClient({ url: server.url }).headers()).toEqual({});
  expect(await createClient({ url: server.url, apiKey: 'api_x' }).headers()).toEqual({ 'x-api-key': 'api_x' });
});

test('the server may be reached by another address than its own', async () => {
  const file = await client.uploadFile(new Blob(['elsewhere']));
  const moved = { downloadUrl: file.downloadUrl.replace(server.url, 'https://chat.example.com/deep') };
  expect(await (await client.downloadFile(moved)).text()).toBe('elsewhere');
});

describe('in a browser', () => {
  type Sent = { url: string; headers: Record<string, string>; body: Blob };

  /** An XMLHttpRequest that answers as it is told. */
  function stubXhr(
    behave: (request: { onload(): void; onerror(): void; status: number; responseText: string }) => void,
  ) {
    const sent: Sent[] = [];
    class FakeXhr {
      upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
      status = 0;
      responseText = '';
      onload = () => {};
      onerror = () => {};
      onabort = () => {};
      #headers: Record<string, string> = {};
      #url = '';
      open(_method: string, url: string) {
        this.#url = url;
      }
      setRequestHeader(name: string, value: string) {
        this.#headers[name] = value;
      }
      getResponseHeader = () => null;
      abort() {
        this.onabort();
      }
      send(body: Blob) {
        sent.push({ url: this.#url, headers: this.#headers, body });
        this.upload.onprogress?.({ loaded: 3, total: body.size });
        behave(this);
      }
    }
    vi.stubGlobal('XMLHttpRequest', FakeXhr);
    return sent;
  }
  const browserClient = () => createClient({ url: 'http://chat.test', token: 'token' });

  test('it goes by XMLHttpRequest, which tells how far it has got; streams are collected first', async () => {
    const sent = stubXhr((request) => {
      request.status = 201;
      request.responseText = JSON.stringify({ file: { id: 'x' } });
      request.onload();
    });
    const seen: UploadProgress[] = [];
    for (const source of [new Blob(['text']), inPieces('text', 2)]) {
      const onProgress = (progress: UploadProgress) => seen.push(progress);
      expect(await browserClient().uploadFile(source, { name: 'ä b.txt', onProgress })).toEqual({ id: 'x' });
    }
    expect(seen.map(({ sent, total }) => [sent, total])).toEqual([
      [0, 4],
      [3, 4],
      [0, 4],
      [3, 4],
    ]);
    expect(sent.map(({ url }) => url)).toEqual(Array(2).fill('http://chat.test/files?name=%C3%A4+b.txt'));
    expect(sent[0]?.headers.authorization).toBe('Bearer token');
    expect(await sent[1]?.body.text()).toBe('text');
  });

  test('conversations go in the same way', async () => {
    const summary = { imported: 1, skipped: 0, failedCount: 0, failed: [] };
    const sent = stubXhr((request) => {
      request.status = 200;
      request.responseText = JSON.stringify(summary);
      request.onload();
    });
    const seen: UploadProgress[] = [];
    const onProgress = (progress: UploadProgress) => seen.push(progress);
    expect(await browserClient().importConversations('[{}]', { onProgress })).toEqual(summary);
    expect(seen).toEqual([
      { sent: 0, total: 4 },
      { sent: 3, total: 4 },
    ]);
    expect(sent[0]).toMatchObject({ url: 'http://chat.test/import', headers: { authorization: 'Bearer token' } });
  });

  test('what fails there is told in the same way', async () => {
    stubXhr((request) => request.onerror());
    await expect(browserClient().uploadFile(new Blob(['x']))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    stubXhr((request) => {
      request.status = 413;
      request.responseText = '<html>too large, says a proxy</html>';
      request.onload();
    });
    await expect(browserClient().uploadFile(new Blob(['x']))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    const controller = new AbortController();
    stubXhr(() => controller.abort(new Error('enough')));
    const upload = browserClient().uploadFile(new Blob(['x']), { signal: controller.signal });
    await expect(upload).rejects.toThrow('enough');
  });
});
