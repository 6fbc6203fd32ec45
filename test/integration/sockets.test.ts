import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { codeOf } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';

let server: TestServer;
let user: TestUser;
const errors: unknown[] = [];
beforeAll(async () => {
  server = await startTestServer({ shared: true, errors });
  user = await server.register();
});
afterAll(() => server.close());

const CHANGED = 'subscription { conversationChanged { title } }';
const CREATE = 'mutation ($title: String!) { createConversation(input: { title: $title }) { title } }';

/** A change made by somebody else is heard on the socket's subscription. */
async function expectToHear(socket: Awaited<ReturnType<typeof openGraphqlSocket>>, title: string) {
  await server.data(CREATE, { title }, user.token);
  while ((await socket.take('next', 'changes')).payload?.data.conversationChanged.title !== title);
}

/** One whose subscription has begun. */
async function openListening() {
  const socket = await openGraphqlSocket(server, { token: user.token });
  socket.subscribe('changes', CHANGED);
  socket.subscribe('create', CREATE, { title: 'first' });
  await socket.take('complete', 'create');
  await expectToHear(socket, 'begun');
  return socket;
}

/** How an attempt to open a socket ends: its status, or 101. */
async function statusOf(headers: Record<string, string>, target = server): Promise<number> {
  const socket = new WebSocket(target.socketUrl, 'graphql-transport-ws', { headers });
  const opened = once(socket, 'open').then(() => 101);
  const refused = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  });
  const status = await Promise.race([opened, refused]);
  socket.on('error', () => {});
  socket.terminate();
  return status;
}

describe('who may open a socket', () => {
  test('programs, and pages of this server', async () => {
    const { host } = new URL(server.url);
    expect(await statusOf({})).toBe(101);
    expect(await statusOf({ origin: `http://${host}` })).toBe(101);
    // Behind a proxy that speaks TLS, the host is the same.
    expect(await statusOf({ origin: `https://${host}` })).toBe(101);
    for (const origin of ['https://evil.example', 'null', `http://${host}.evil.example`, 'http://127.0.0.1:1', 'x']) {
      expect(await statusOf({ origin }), origin).toBe(403);
    }
  });

  test('pages of the configured origins', async () => {
    const environment = { CORS_ORIGINS: 'https://app.example.com/' };
    const its = await startTestServer({ environment });
    expect(await statusOf({ origin: 'https://app.example.com' }, its)).toBe(101);
    expect(await statusOf({ origin: 'https://evil.example' }, its)).toBe(403);
  });
});

describe('a fault of one operation', () => {
  const FAULTS: [string, string, string][] = [
    ['syntax', 'subscription {', 'BAD_USER_INPUT'],
    ['no text', '', 'BAD_USER_INPUT'],
    ['validation', 'subscription { unknownField }', 'BAD_USER_INPUT'],
    ['two fields', 'subscription { conversationChanged { id } turn(id: "x") { cursor } }', 'BAD_USER_INPUT'],
    ['input', 'subscription { conversationChanged(id: "nonsense") { id } }', 'BAD_USER_INPUT'],
    [
      'not found',
      'subscription { turn(id: "VHVybjowMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA") { cursor } }',
      'NOT_FOUND',
    ],
    ['no operation', 'fragment F on Query { __typename }', 'BAD_USER_INPUT'],
    ['too long', `{ ${'__typename '.repeat(6_000)} }`, 'BAD_USER_INPUT'],
    ['a failing query', '{ node(id: "nonsense") { id } }', 'BAD_USER_INPUT'],
  ];

  test.each(FAULTS)('(%s) is told on that operation; the others and the socket go on', async (fault, query, code) => {
    const socket = await openListening();
    socket.subscribe('faulty', query);
    const { payload } = await socket.take(['error', 'next'], 'faulty');
    expect(codeOf({ errors: Array.isArray(payload) ? payload : payload?.errors })).toBe(code);
    await expectToHear(socket, `after ${fault}`);
    // The same id may be used again.
    await (Array.isArray(payload) ? null : socket.take('complete', 'faulty'));
    socket.subscribe('faulty', '{ __typename }');
    expect((await socket.take('next', 'faulty')).payload).toEqual({ data: { __typename: 'Query' } });
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
  });

  test('an operation that was completed by the client is heard no more', async () => {
    const socket = await openListening();
    socket.send({ id: 'changes', type: 'complete' });
    socket.subscribe('create', CREATE, { title: 'not heard' });
    await socket.take('complete', 'create');
    socket.send({ type: 'ping' });
    await socket.take('pong');
    socket.subscribe('changes', CHANGED);
    socket.subscribe('again', CREATE, { title: 'heard' });
    await socket.take('complete', 'again');
    await server.data(CREATE, { title: 'heard' }, user.token);
    expect((await socket.take('next', 'changes')).payload?.data.conversationChanged.title).toBe('heard');
  });
});

describe('a fault of the socket', () => {
  test('ends it alone, with the code that says why', async () => {
    const listening = await openListening();
    const big = JSON.stringify({
      id: 'x',
      type: 'subscribe',
      payload: { query: `{ __typename } # ${'x'.repeat(1_100_000)}` },
    });
    const faults: [string, (socket: Awaited<ReturnType<typeof openGraphqlSocket>>) => void, number][] = [
      ['too large', ({ send }) => send(big), 1009],
      ['no JSON', ({ send }) => send('nonsense'), 4400],
      ['no message', ({ send }) => send('{}'), 4400],
      ['unknown type', ({ send }) => send({ type: 'dance' }), 4400],
      ['a second beginning', ({ send }) => send({ type: 'connection_init' }), 4429],
      [
        'one id twice',
        ({ subscribe }) => {
          subscribe('same', CHANGED);
          subscribe('same', CHANGED);
        },
        4409,
      ],
    ];
    for (const [fault, commit, code] of faults) {
      const socket = await openGraphqlSocket(server, { token: user.token });
      commit(socket);
      expect((await socket.closed).code, fault).toBe(code);
    }
    await expectToHear(listening, 'after all of them');
  });

  test('nothing runs before the beginning', async () => {
    const socket = new WebSocket(server.socketUrl, 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ id: 'x', type: 'subscribe', payload: { query: '{ __typename }' } }));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(4401);
  });

  test('another protocol is refused', async () => {
    const socket = new WebSocket(server.socketUrl, 'graphql-ws');
    const refusal = new Promise<Error>((resolve) => void socket.on('error', resolve));
    expect((await refusal).message).toMatch(/subprotocol/);
    await expect(openGraphqlSocket(server, { token: user.token })).resolves.toBeTruthy();
  });

  test('credentials that are not good refuse the beginning; none are the right to what is open', async () => {
    const refused = await openGraphqlSocket(server, { token: 'nonsense', acknowledged: false });
    expect((await refused.closed).code).toBe(4403);
    const anonymous = await openGraphqlSocket(server);
    anonymous.subscribe('health', '{ health { status } viewer { isAdmin } }');
    expect((await anonymous.take('next', 'health')).payload?.data).toMatchObject({ viewer: null });
    // In the header of the upgrade they count as well: programs can set it.
    const headers = { authorization: `Bearer ${user.token}` };
    const socket = await openGraphqlSocket(server, { headers });
    socket.subscribe('viewer', '{ viewer { user { username } } }');
    expect((await socket.take('next', 'viewer')).payload?.data.viewer.user.username).toBe(user.username);
  });

  test('a socket has a bounded number of operations', async () => {
    const socket = await openGraphqlSocket(server, { token: user.token });
    for (let index = 0; index <= 110; index++) socket.subscribe(`${index}`, CHANGED);
    const { payload } = await socket.take('error');
    expect(codeOf({ errors: payload as never })).toBe('BAD_USER_INPUT');
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(errors).toEqual([]);
});
