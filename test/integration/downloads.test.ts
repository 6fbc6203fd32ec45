import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from '../support/errors.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { bearer, postFile } from '../support/uploads.ts';

const TEXT = '<script>alert(1)</script> 0123456789';

let server: TestServer;
let [admin, user, other]: TestUser[] = [];
let url: string;
let shared: { mine: string; another: string };
const errors: unknown[] = [];

beforeAll(async () => {
  const environment = { WORKER_ENABLED: 'false', CORS_ORIGINS: 'https://app.example.com' };
  server = await startTestServer({ shared: true, errors, environment });
  admin = await server.register('the-admin');
  user = await server.register();
  other = await server.register();
  url = await upload(user, { name: 'Größe "x".html' });
  const collection = async (visibility: string, owner: TestUser | undefined) => {
    const query = `mutation { createCollection(name: "C", visibility: ${visibility}) { id } }`;
    return (await server.data(query, {}, owner?.token)).createCollection.id;
  };
  shared = {
    mine: await upload(admin, { collectionId: await collection('SHARED', admin) }),
    another: await upload(user, { collectionId: await collection('PRIVATE', user) }),
  };
});
afterAll(() => server.close());

async function upload(owner: TestUser | undefined, target: { name?: string; collectionId?: string } = {}) {
  const { body } = await postFile(server, TEXT, { token: owner?.token, name: 'a.txt', ...target });
  return body.file?.downloadUrl as string;
}

const get = (address: string, token: string | undefined, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(address, { method, headers: { ...bearer(token), ...headers } });

test('the owner gets the bytes, as a download that can do nothing', async () => {
  const response = await get(url, user?.token);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(TEXT);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-length': String(TEXT.length),
    'content-disposition': `attachment; filename="Gro_e _x_.html"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22x%22.html`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'cache-control': 'private, no-store',
    'accept-ranges': 'bytes',
    etag: expect.stringMatching(/^"[0-9a-f]{64}"$/),
  });
});

test('HEAD tells the same and sends nothing', async () => {
  const [whole, head] = [await get(url, user?.token), await get(url, user?.token, {}, 'HEAD')];
  expect(await head.text()).toBe('');
  const BESIDE = ['date', 'connection', 'keep-alive'];
  const known = (response: Response) =>
    Object.fromEntries([...response.headers].filter(([name]) => !BESIDE.includes(name)));
  expect(known(head)).toEqual(known(whole));
  await whole.text();
});

describe('ranges', () => {
  test.each([
    ['bytes=0-6', '<script', `bytes 0-6/${TEXT.length}`],
    ['bytes=-4', '6789', `bytes ${TEXT.length - 4}-${TEXT.length - 1}/${TEXT.length}`],
    [`bytes=${TEXT.length - 1}-`, '9', `bytes ${TEXT.length - 1}-${TEXT.length - 1}/${TEXT.length}`],
  ])('%s', async (range, text, contentRange) => {
    const response = await get(url, user?.token, { range });
    expect([response.status, await response.text()]).toEqual([206, text]);
    expect(response.headers.get('content-range')).toBe(contentRange);
    expect(response.headers.get('content-length')).toBe(String(text.length));
  });

  test('beyond the end there is none', async () => {
    const response = await get(url, user?.token, { range: 'bytes=1000-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${TEXT.length}`]);
  });

  test('of something else than the client has, it gets the whole', async () => {
    const etag = (await get(url, user?.token, {}, 'HEAD')).headers.get('etag') ?? '';
    expect((await get(url, user?.token, { range: 'bytes=0-6', 'if-range': etag })).status).toBe(206);
    expect((await get(url, user?.token, { range: 'bytes=0-6', 'if-range': '"other"' })).status).toBe(200);
    for (const tag of [etag, `"other", W/${etag}`, '*']) {
      const unchanged = await get(url, user?.token, { 'if-none-match': tag });
      expect([unchanged.status, await unchanged.text()]).toEqual([304, '']);
    }
    expect((await get(url, user?.token, { 'if-none-match': '"other"' })).status).toBe(200);
  });
});

test('nobody else gets anything, and cannot tell whether it is there', async () => {
  const nothing = `${server.url}/files/${randomUUID()}`;
  const answer = async (address: string, token: string | undefined) => {
    const response = await get(address, token);
    const headers = [...response.headers].filter(([name]) => name !== 'date');
    return JSON.stringify([response.status, headers, await response.text()]);
  };
  const absent = await answer(nothing, other?.token);
  expect(JSON.parse(absent)[0]).toBe(404);
  expect(absent).toContain('NOT_FOUND');
  expect(await answer(url, other?.token)).toBe(absent);
  // An admin runs the server, and reads nobody's files.
  expect(await answer(url, admin?.token)).toBe(await answer(nothing, admin?.token));
  expect(await answer(shared.another, admin?.token)).toBe(await answer(nothing, admin?.token));
  for (const path of ['nonsense', '..%2f..%2fetc%2fpasswd', `${randomUUID()}/x`, '', 'incoming']) {
    expect((await get(`${server.url}/files/${path}`, user?.token)).status).toBe(404);
  }
});

test('files for everybody are searched by all, and downloaded by admins alone', async () => {
  expect((await get(shared.mine, user?.token)).status).toBe(404);
  expect(await (await get(shared.mine, admin?.token)).text()).toBe(TEXT);
});

test('who has not signed in is told so', async () => {
  for (const token of [undefined, 'nonsense']) {
    for (const address of [url, `${server.url}/files/${randomUUID()}`]) {
      const response = await get(address, token);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(codeOf(await response.json())).toBe('UNAUTHENTICATED');
    }
  }
  // No token in an address, where it would be kept by proxies and histories.
  expect((await fetch(`${url}?token=${user?.token}&access_token=${user?.token}`)).status).toBe(401);
});

test('who is disabled while a file comes does not get the rest of it', async () => {
  const leaving = await server.register();
  // More than the connection and its two ends hold.
  const text = 'x'.repeat(20_000_000);
  const { body } = await postFile(server, text, { token: leaving.token, name: 'long.txt' });
  const response = await get(body.file?.downloadUrl as string, leaving.token);
  expect(response.status).toBe(200);
  const disable = 'mutation ($id: ID!) { updateUser(id: $id, disabled: true) { id } }';
  await server.data(disable, { id: leaving.id }, admin?.token);
  await expect(response.text()).rejects.toThrow();
});

test('only reading is possible there', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const response = await get(url, user?.token, {}, method);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  }
});

test('pages of configured origins may download, others not', async () => {
  const ask = (origin: string, method: string) => get(url, user?.token, { origin }, method);
  for (const method of ['GET', 'OPTIONS']) {
    const known = (await ask('https://app.example.com', method)).headers;
    expect(known.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect((await ask('https://elsewhere.example', method)).headers.get('access-control-allow-origin')).toBeNull();
  }
  const exposed = (await ask('https://app.example.com', 'GET')).headers.get('access-control-expose-headers');
  expect(exposed).toContain('Content-Disposition');
});

test('a file whose bytes are gone is not found, and that is no fault of the server', async () => {
  const lost = await upload(other);
  await rm(join(server.filesFolder, lost.split('/').at(-1) ?? ''));
  const response = await get(lost, other?.token);
  expect([response.status, codeOf(await response.json())]).toEqual([404, 'NOT_FOUND']);
  expect(response.headers.get('etag')).toBeNull();
});

test('nothing of all this was a fault of the server', () => {
  expect(errors).toEqual([]);
});
