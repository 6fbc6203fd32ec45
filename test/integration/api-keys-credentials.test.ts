import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { createKey, type TestKey } from '../support/api-keys.ts';
import { failure } from '../support/errors.ts';
import { type Data, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { answerOf, postFile, someText, UPLOAD } from '../support/uploads.ts';

const ORIGIN = 'https://app.example';
const VIEWER = '{ viewer { apiKey { id } user { id } } }';
const CHANGED = 'subscription { conversationChanged { title } }';

let server: TestServer;
let admin: TestUser;
let user: TestUser;
let key: TestKey;
let other: TestKey;
const lines: unknown[] = [];

beforeAll(async () => {
  server = await startTestServer({
    shared: true,
    lines,
    environment: { WORKER_ENABLED: 'false', CORS_ORIGINS: ORIGIN },
  });
  admin = await server.register('the-admin');
  user = await server.register();
  const { createCollection } = await server.data(
    'mutation { createCollection(name: "bound") { id } }',
    {},
    admin.token,
  );
  key = await createKey(server, admin.token, { collectionId: createCollection.id });
  other = await createKey(server, admin.token);
});
afterAll(() => server.close());

type Headers = Record<string, string>;

async function post(headers: Headers, query = VIEWER, suffix = '') {
  const response = await fetch(`${server.graphqlUrl}${suffix}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  const body = (await response.json()) as Data;
  return { status: response.status, body };
}

/** Opens a socket, says hello and tells what came of it. */
async function connect(parameters: Data, headers: Headers = {}, suffix = '') {
  const socket = new WebSocket(`${server.socketUrl}${suffix}`, 'graphql-transport-ws', { headers });
  onTestFinished(() => socket.terminate());
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  const received: Data[] = [];
  const heard = new Promise<void>((resolve) => {
    socket.on('message', (text) => {
      received.push(JSON.parse(String(text)) as Data);
      resolve();
    });
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: parameters }));
  await Promise.race([heard, closed]);
  return { socket, closed, received };
}

async function viewerOver(parameters: Data, headers: Headers = {}) {
  const { socket, received } = await connect(parameters, headers);
  expect(received[0]?.type).toBe('connection_ack');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: VIEWER } }));
  await expect.poll(() => received.length).toBeGreaterThan(1);
  socket.close();
  return received[1]?.payload.data.viewer;
}

describe('over HTTP', () => {
  test.each<[string, () => Headers]>([
    ['X-API-Key', () => ({ 'x-api-key': key.secret })],
    ['Authorization', () => ({ authorization: `Bearer ${key.secret}` })],
    ['both, the same', () => ({ 'x-api-key': key.secret, authorization: `Bearer ${key.secret}` })],
    ['X-API-Key beside an empty Authorization', () => ({ 'x-api-key': ` ${key.secret} `, authorization: '' })],
    ['X-API-Key twice, the same', () => ({ 'x-api-key': `${key.secret}, ${key.secret}` })],
  ])('a key is taken from %s', async (_name, headers) => {
    const { status, body } = await post(headers());
    expect(status).toBe(200);
    expect(body.data.viewer).toEqual({ apiKey: { id: key.id }, user: null });
  });

  test.each<[string, () => Headers]>([
    ['two keys', () => ({ 'x-api-key': key.secret, authorization: `Bearer ${other.secret}` })],
    ['a key and a sign-in', () => ({ 'x-api-key': key.secret, authorization: `Bearer ${user.token}` })],
    ['a key and another scheme', () => ({ 'x-api-key': key.secret, authorization: 'Basic eDp5' })],
    ['two keys in one header', () => ({ 'x-api-key': `${key.secret}, ${other.secret}` })],
  ])('%s that disagree are refused with 400, wherever they are sent', async (_name, headers) => {
    const { status, body } = await post(headers());
    expect(status).toBe(400);
    expect(failure(body)).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(body.errors[0].message).toMatch(/Two credentials/);
    const form = new FormData();
    form.append('operations', JSON.stringify({ query: UPLOAD, variables: { input: { file: null } } }));
    form.append('map', '{"0":["variables.input.file"]}');
    form.append('0', new Blob([someText()]), 'notes.txt');
    const answers = [
      await fetch(server.graphqlUrl, { method: 'POST', headers: headers(), body: form }),
      await fetch(`${server.url}/files?name=a.txt`, { method: 'POST', headers: headers(), body: someText() }),
      await fetch(`${server.url}/files/${crypto.randomUUID()}`, { headers: headers() }),
      await fetch(server.graphqlUrl, {
        method: 'POST',
        headers: { ...headers(), 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ query: CHANGED }),
      }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(failure((await answerOf(answer)).body).code).toBe('BAD_USER_INPUT');
    }
  });

  test('a header that is sent twice, and not the same, is refused: of which one a proxy has looked at is not known', async () => {
    const first = `Bearer ${key.secret}`;
    const statusOf = async (second: string) => {
      const headers = ['Host', 'colloquy', 'Authorization', first, 'authorization', second];
      const asked = request(`${server.graphqlUrl}?query=${encodeURIComponent(VIEWER)}`, { headers });
      asked.end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    expect(await statusOf(first)).toBe(200);
    expect(await statusOf(`Bearer ${user.token}`)).toBe(400);
  });

  test.each([
    ['an unknown key', `api_${'x'.repeat(43)}`],
    ['what is no key', 'api_short'],
    ['an access token in its place', 'not-a-key'],
  ])('%s is refused, and told from a sign-in', async (_name, secret) => {
    const { body } = await post({ 'x-api-key': secret });
    expect(failure(body).code).toBe('UNAUTHENTICATED');
    expect(body.errors[0].message).toMatch(/API key/);
  });

  test.each([
    ['its name', () => `?apiKey=${key.secret}`],
    ['a name with hyphens', () => `?X-API-Key=${key.secret}`],
    ['a name with underscores, and no key', () => '?api_key=anything'],
    ['another name', () => `?q=${key.secret}`],
    ['an escaped form', () => `?q=${key.secret.replace('_', '%5F')}`],
    ['a document', () => `?query=${encodeURIComponent(`{ apiKeyStatus(secret: "${key.secret}") { exists } }`)}`],
    ['Authorization', () => `?authorization=${encodeURIComponent(`Bearer ${key.secret}`)}`],
  ])('a key in an address is refused with 400 and not repeated: %s', async (_name, query) => {
    for (const path of ['/graphql', '/files', `/files/${crypto.randomUUID()}`, '/health', '/']) {
      const response = await fetch(`${server.url}${path}${query()}`, { headers: { 'x-api-key': key.secret } });
      const text = await response.text();
      expect(`${path} ${response.status}`).toBe(`${path} 400`);
      expect(text).toContain('BAD_USER_INPUT');
      expect(text).not.toContain(key.secret.slice(12));
    }
    const { status } = await post({ 'x-api-key': key.secret }, VIEWER, query());
    expect(status).toBe(400);
  });

  test.each(['api_reference-of-the-payment-gateway-service-v2-final.md', `my_api_${'Documentation'.repeat(5)}.txt`])(
    'the name of a file may begin like a key: %s',
    async (name) => {
      expect((await postFile(server, someText(), { token: user.token, name })).status).toBe(201);
    },
  );

  test('files are sent and fetched with a key', async () => {
    const content = someText();
    const sent = await fetch(`${server.url}/files?name=mine.txt`, {
      method: 'POST',
      headers: { 'x-api-key': key.secret },
      body: content,
    });
    expect(sent.status).toBe(201);
    const { file } = (await answerOf(sent)).body;
    const fetched = await fetch(file?.downloadUrl, { headers: { 'x-api-key': key.secret } });
    expect(await fetched.text()).toBe(content);
    expect((await fetch(file?.downloadUrl, { headers: { 'x-api-key': other.secret } })).status).toBe(404);
    const refused = await postFile(server, content, { token: other.secret, name: 'mine.txt' });
    expect([refused.status, failure(refused.body).code]).toEqual([403, 'FORBIDDEN']);
  });

  test.each(['/graphql', '/files', '/files/x'])('pages of allowed origins may send the header to %s', async (path) => {
    const headers = {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-api-key',
    };
    const preflight = await fetch(`${server.url}${path}`, { method: 'OPTIONS', headers });
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('x-api-key');
  });
});

describe('over a socket', () => {
  test.each<[string, () => [Data, Headers?]]>([
    ['apiKey', () => [{ apiKey: key.secret }]],
    ['x-api-key', () => [{ 'x-api-key': key.secret }]],
    ['X-API-Key', () => [{ 'X-API-Key': key.secret }]],
    ['authorization', () => [{ authorization: `Bearer ${key.secret}` }]],
    ['all of them', () => [{ apiKey: key.secret, 'x-api-key': key.secret, Authorization: `Bearer ${key.secret}` }]],
    ['the header of the upgrade', () => [{}, { 'x-api-key': key.secret }]],
    ['the Authorization of the upgrade', () => [{}, { authorization: `Bearer ${key.secret}` }]],
    ['both, the same', () => [{ apiKey: key.secret }, { authorization: `Bearer ${key.secret}` }]],
  ])('a key is taken from %s', async (_name, given) => {
    const [parameters, headers] = given();
    expect(await viewerOver(parameters, headers)).toEqual({ apiKey: { id: key.id }, user: null });
  });

  test.each<[string, () => [Data, Headers?, string?]]>([
    ['two keys', () => [{ apiKey: key.secret, 'x-api-key': other.secret }]],
    ['a key and a sign-in', () => [{ apiKey: key.secret, authorization: `Bearer ${user.token}` }]],
    ['a key and another in the upgrade', () => [{ apiKey: key.secret }, { 'x-api-key': other.secret }]],
    ['a key and a sign-in in the upgrade', () => [{ apiKey: key.secret }, { authorization: `Bearer ${user.token}` }]],
    ['a key in the address', () => [{ apiKey: key.secret }, {}, `?apiKey=${key.secret}`]],
  ])('is closed with 4400 and the reason: %s', async (_name, given) => {
    const { closed, received } = await connect(...given());
    const { code, reason } = await closed;
    expect(code).toBe(4400);
    expect(reason).toMatch(/^(Two credentials|A key in an address)/);
    expect(received).toEqual([]);
  });

  test('an unknown key is refused with 4403', async () => {
    const { closed } = await connect({ apiKey: `api_${'x'.repeat(43)}` });
    expect((await closed).code).toBe(4403);
  });
});

test('no secret has come into the log', () => {
  const logged = JSON.stringify(lines);
  for (const { secret } of [key, other]) expect(logged).not.toContain(secret.slice(12));
});
