import { createHmac } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { type Data, type Engine, PASSWORD, startTestServer, subscribe, type TestServer } from '../support/server.ts';

const TOKENS = 'accessToken refreshToken';
const REFRESH = `mutation ($token: String!) { refresh(refreshToken: $token) { ${TOKENS} user { id } } }`;
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { ${TOKENS} } }`;
const CHANGE = `mutation ($current: String!, $next: String!) {
  changePassword(current: $current, next: $next) { ${TOKENS} }
}`;
const CHANGED = 'subscription { conversationChanged { id } }';
const CREATE = 'mutation { createConversation(input: {}) { id } }';
const VIEWER = '{ viewer { user { username } } }';
const SECRET = 'a secret for tests that is long enough';

const ENGINES: Engine[] = ['pglite', 'postgresql'];

type Tokens = { accessToken: string; refreshToken: string };

describe.each(ENGINES)('sessions on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true });
  });
  afterAll(() => server.close());

  const refresh = (token: string) => server.request(REFRESH, { token });
  const isAccepted = async (token: string) => (await server.request(VIEWER, {}, token)).errors === undefined;
  const login = async (username: string, password = PASSWORD): Promise<Tokens> =>
    (await server.data(LOGIN, { input: { username, password } })).login;

  /** A socket and a stream that are known to listen, because both have told of a change. */
  async function listen(token: string) {
    const socket = await openGraphqlSocket(server, { token });
    socket.subscribe('changes', CHANGED);
    const stream = subscribe(server, 'sse', token, CHANGED);
    const first = stream.next();
    // Answered after the subscription of the same socket has begun.
    socket.subscribe('create', CREATE);
    await socket.take('complete', 'create');
    await socket.take('next', 'changes');
    // The stream may have begun later than the first change.
    let heard = false;
    void first.then(() => {
      heard = true;
    });
    while (!heard) await Promise.race([first, server.data(CREATE, {}, token)]);
    await first;
    return { socket, stream };
  }

  /** A change made now is told on both. */
  async function expectToHear({ socket, stream }: Awaited<ReturnType<typeof listen>>, token: string) {
    const { createConversation: created } = await server.data(CREATE, {}, token);
    while ((await socket.take('next', 'changes')).payload?.data.conversationChanged.id !== created.id);
    for await (const { data } of stream) if (data?.conversationChanged.id === created.id) return;
    throw new Error('The stream has ended.');
  }

  /** Reads what is left, to the end. */
  async function drain(stream: AsyncIterableIterator<unknown>) {
    for await (const _ of stream);
    return 'ended';
  }

  test('a refresh token is used up and followed by another; the access tokens so far go on', async () => {
    const user = await server.register();
    const access = [user.token];
    let token = user.refreshToken;
    for (let round = 0; round < 3; round++) {
      const { refresh: next } = await server.data(REFRESH, { token });
      expect(next.user.id).toBe(user.id);
      expect(next.refreshToken).not.toBe(token);
      token = next.refreshToken;
      access.push(next.accessToken);
    }
    for (const each of access) expect(await isAccepted(each)).toBe(true);
  });

  test('the second use of a refresh token ends its sign-in at once, sockets and streams too, and no other', async () => {
    const user = await server.register();
    const other = await login(user.username);
    const { refresh: next } = await server.data(REFRESH, { token: user.refreshToken });
    const ending = await listen(next.accessToken);
    const staying = await listen(other.accessToken);
    expect(codeOf(await refresh(user.refreshToken))).toBe('UNAUTHENTICATED');
    expect(await isAccepted(user.token)).toBe(false);
    expect(await isAccepted(next.accessToken)).toBe(false);
    expect(codeOf(await refresh(next.refreshToken))).toBe('UNAUTHENTICATED');
    expect(await ending.socket.closed).toMatchObject({ code: 4403 });
    expect(await drain(ending.stream)).toBe('ended');
    await expectToHear(staying, other.accessToken);
  });

  test('of two that use one refresh token at once, at most one gets tokens, and nobody keeps them', async () => {
    const user = await server.register();
    const results = await Promise.all([refresh(user.refreshToken), refresh(user.refreshToken)]);
    const given = results.flatMap(({ data }) => (data ? [data.refresh as Tokens] : []));
    expect(given.length).toBeLessThanOrEqual(1);
    expect(results.map(codeOf)).toContain('UNAUTHENTICATED');
    for (const token of [user.token, ...given.map(({ accessToken }) => accessToken)]) {
      expect(await isAccepted(token)).toBe(false);
    }
    for (const { refreshToken } of given) expect(codeOf(await refresh(refreshToken))).toBe('UNAUTHENTICATED');
  });

  test('refresh tokens that never were are refused alike', async () => {
    for (const token of ['', 'nonsense', 'nul\0', 'lone\ud800', (await server.register()).token]) {
      expect(codeOf(await refresh(token)), JSON.stringify(token)).toBe('UNAUTHENTICATED');
    }
    expect(failure(await refresh('x'.repeat(1_001)))).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { refreshToken: expect.stringMatching(/./) },
    });
  });

  test('logout ends the sign-in at once, and only this one', async () => {
    const user = await server.register();
    const other = await login(user.username);
    const { socket, stream } = await listen(user.token);
    expect(await server.data('mutation { logout }', {}, user.token)).toEqual({ logout: true });
    expect(await isAccepted(user.token)).toBe(false);
    expect(codeOf(await refresh(user.refreshToken))).toBe('UNAUTHENTICATED');
    expect(await socket.closed).toMatchObject({ code: 4403 });
    expect(await drain(stream)).toBe('ended');
    expect(await isAccepted(other.accessToken)).toBe(true);
  });

  test('a client that does not hear its socket being closed can do nothing more on it', async () => {
    const user = await server.register();
    const socket = await openGraphqlSocket(server, { token: user.token });
    socket.subscribe('before', CREATE);
    await socket.take('complete', 'before');
    // What the server sends waits, and with it the close that this client would have to answer.
    socket.socket.pause();
    await server.data('mutation { logout }', {}, user.token);
    socket.subscribe('after', CREATE);
    // Long enough for the operation: as many of another's, one after the other, over a connection of their own.
    const other = await server.register();
    for (let turn = 0; turn < 5; turn++) await server.data(CREATE, {}, other.token);
    const where = { user: { usernameKey: user.username } };
    expect(await server.app.database.prisma.conversation.count({ where })).toBe(1);
    socket.socket.resume();
    expect(await socket.closed).toMatchObject({ code: 4403 });
  });

  test('a changed password ends the other sign-ins, not this one', async () => {
    const user = await server.register();
    const other = await login(user.username);
    const mine = await listen(user.token);
    const others = await listen(other.accessToken);
    const next = 'another passphrase for tests';
    const changed: Tokens = (await server.data(CHANGE, { current: PASSWORD, next }, user.token)).changePassword;
    expect(await others.socket.closed).toMatchObject({ code: 4403 });
    expect(await drain(others.stream)).toBe('ended');
    expect(await isAccepted(other.accessToken)).toBe(false);
    expect(codeOf(await refresh(other.refreshToken))).toBe('UNAUTHENTICATED');
    for (const token of [user.token, changed.accessToken]) expect(await isAccepted(token)).toBe(true);
    await expectToHear(mine, changed.accessToken);
    const renewed: Data = await server.data(REFRESH, { token: changed.refreshToken });
    expect(await isAccepted(renewed.refresh.accessToken)).toBe(true);
    const old = { input: { username: user.username, password: PASSWORD } };
    expect(codeOf(await server.request(LOGIN, old))).toBe('UNAUTHENTICATED');
    expect(await isAccepted((await login(user.username, next)).accessToken)).toBe(true);
  });

  test('a password is changed only by who knows it, to a good one', async () => {
    const user = await server.register();
    const attempts = [
      [{ current: 'not it at all', next: 'another passphrase' }, 'current'],
      [{ current: PASSWORD, next: 'short' }, 'next'],
      [{ current: PASSWORD, next: 'x'.repeat(201) }, 'next'],
      [{ current: PASSWORD, next: 'password123' }, 'next'],
    ] as const;
    for (const [variables, field] of attempts) {
      expect(failure(await server.request(CHANGE, variables, user.token)), field).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { [field]: expect.stringMatching(/./) },
      });
    }
    expect(await isAccepted((await login(user.username)).accessToken)).toBe(true);
  });

  test('a disabled account is refused at once, whatever it shows', async () => {
    const user = await server.register();
    await server.app.database.prisma.user.update({
      where: { usernameKey: user.username },
      data: { disabledAt: new Date() },
    });
    expect(await isAccepted(user.token)).toBe(false);
    expect(codeOf(await refresh(user.refreshToken))).toBe('UNAUTHENTICATED');
    const socket = await openGraphqlSocket(server, { token: user.token, acknowledged: false });
    expect(await socket.closed).toMatchObject({ code: 4403 });
  });
});

describe('the clock', () => {
  const MINUTE = 60_000;
  const DAY = 86_400_000;

  async function startAt(time: { now: number }) {
    return startTestServer({ overrides: { now: () => new Date(time.now) } });
  }

  test('an access token ends after its time, and a refresh brings another', async () => {
    const time = { now: Date.now() };
    const server = await startAt(time);
    const user = await server.register();
    time.now += 15 * MINUTE - 2_000;
    expect((await server.request(VIEWER, {}, user.token)).errors).toBeUndefined();
    time.now += 2_000;
    expect(codeOf(await server.request(VIEWER, {}, user.token))).toBe('UNAUTHENTICATED');
    const { refresh } = await server.data(REFRESH, { token: user.refreshToken });
    expect((await server.request(VIEWER, {}, refresh.accessToken)).errors).toBeUndefined();
  });

  test('a socket and a stream end with the access token that they were opened with', async () => {
    const time = { now: Date.now() };
    const server = await startAt(time);
    const user = await server.register();
    time.now = Math.floor(time.now / 1000) * 1000 + 15 * MINUTE - 250;
    const socket = await openGraphqlSocket(server, { token: user.token });
    const stream = subscribe(server, 'sse', user.token, CHANGED);
    expect(await stream.next()).toMatchObject({ done: true });
    expect(await socket.closed).toMatchObject({ code: 4403 });
  });

  test('a sign-in ends when it has not been used for its days; use renews it; what has ended is removed', async () => {
    const time = { now: Date.now() };
    const server = await startAt(time);
    const [idle, used, loggedOut] = [await server.register(), await server.register(), await server.register()];
    await server.data('mutation { logout }', {}, loggedOut.token);
    time.now += 29 * DAY;
    const { refresh: renewed } = await server.data(REFRESH, { token: used.refreshToken });
    time.now += 2 * DAY;
    expect(codeOf(await server.request(REFRESH, { token: idle.refreshToken }))).toBe('UNAUTHENTICATED');
    expect((await server.request(REFRESH, { token: renewed.refreshToken })).errors).toBeUndefined();
    expect(await server.app.services.sessions.purge()).toBe(2);
    expect(await server.app.database.prisma.session.findMany({ select: { userId: true } })).toHaveLength(1);
  });
});

test('only tokens that this server made as access tokens are accepted', async () => {
  const server = await startTestServer();
  const user = await server.register();
  const decoded = jwt.decode(user.token, { complete: true });
  if (!decoded || typeof decoded.payload === 'string') throw new Error('not a token');
  const { header, payload } = decoded;
  expect({ header, payload }).toMatchObject({
    header: { alg: 'HS256', typ: 'at+jwt' },
    payload: { iss: 'colloquy', aud: 'colloquy' },
  });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const sign = (changedHeader: object, changedPayload: object, secret = SECRET, algorithm = 'sha256') => {
    const body = `${part({ ...header, ...changedHeader })}.${part({ ...payload, ...changedPayload })}`;
    return `${body}.${createHmac(algorithm, secret).update(body).digest('base64url')}`;
  };
  const accepted = async (token: string) => (await server.request(VIEWER, {}, token)).errors === undefined;
  // The signature made here is right, so what is refused below is refused for its content.
  expect(await accepted(sign({}, {}))).toBe(true);
  const unsigned = `${part({ ...header, alg: 'none' })}.${part(payload)}.`;
  const other = await server.register();
  const forged = {
    'another secret': sign({}, {}, 'another secret that is long enough too'),
    'alg none': unsigned,
    'alg none, signed': sign({ alg: 'none' }, {}),
    'alg RS256': sign({ alg: 'RS256' }, {}),
    'alg HS512': sign({ alg: 'HS512' }, {}, SECRET, 'sha512'),
    typ: sign({ typ: 'JWT' }, {}),
    'no typ': sign({ typ: undefined }, {}),
    iss: sign({}, { iss: 'somebody' }),
    'no iss': sign({}, { iss: undefined }),
    aud: sign({}, { aud: 'somebody' }),
    exp: sign({}, { exp: Math.floor(Date.now() / 1000) - 1 }),
    'no exp': sign({}, { exp: undefined }),
    'not yet': sign({}, { nbf: Math.floor(Date.now() / 1000) + 600 }),
    'sub is no id': sign({}, { sub: 'x' }),
    'sub of another': sign({}, { sub: (jwt.decode(other.token) as jwt.JwtPayload).sub }),
    'no session': sign({}, { sid: undefined }),
    'unknown session': sign({}, { sid: crypto.randomUUID() }),
    'changed payload': user.token.replace(/\.[^.]+\./, `.${part({ ...payload, exp: 9_999_999_999 })}.`),
    'cut signature': user.token.slice(0, -2),
    'no signature': user.token.replace(/\.[^.]+$/, '.'),
  };
  for (const [fault, token] of Object.entries(forged)) expect(await accepted(token), fault).toBe(false);
});
