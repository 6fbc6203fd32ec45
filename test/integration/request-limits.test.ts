import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { PASSWORD, startTestServer, type TestServer } from '../support/server.ts';

const ASK = '{ viewer { isAdmin } }';

/** Asks by HTTP as a client from that address, for servers behind a proxy. */
function ask(server: TestServer, { token, from, query = ASK }: { token?: string; from?: string; query?: string }) {
  const headers = {
    'content-type': 'application/json',
    ...(token && { authorization: `Bearer ${token}` }),
    ...(from && { 'x-forwarded-for': from }),
  };
  return fetch(server.graphqlUrl, { method: 'POST', headers, body: JSON.stringify({ query }) });
}

async function statusesOf(count: number, call: () => Promise<Response>): Promise<number[]> {
  const responses = await Promise.all(Array.from({ length: count }, call));
  return responses.map(({ status }) => status);
}

const passed = (statuses: number[]) => statuses.filter((status) => status === 200).length;

describe('requests of one user', () => {
  const start = () => startTestServer({ environment: { REQUESTS_PER_MINUTE: '10' } });

  it('are limited by HTTP, also all at once: 429, with the time to wait', async () => {
    const server = await start();
    const user = await server.register();
    expect(passed(await statusesOf(25, () => ask(server, { token: user.token })))).toBe(10);
    const refused = await ask(server, { token: user.token });
    expect(refused.status).toBe(429);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    const { errors } = (await refused.json()) as { errors: { extensions: object }[] };
    expect(errors).toEqual([
      { message: expect.any(String), extensions: { code: 'RATE_LIMITED', retryAfterSeconds: wait } },
    ]);
    const other = await server.register();
    expect((await ask(server, { token: other.token })).status).toBe(200);
    // Nobody has signed in.
    expect((await ask(server, {})).status).toBe(200);
  });

  it('are counted whatever they come over, and whether they can be read or not', async () => {
    const server = await start();
    const { token } = await server.register();
    const authorization = `Bearer ${token}`;
    const socket = await openGraphqlSocket(server, { token });
    const overSocket = async (id: string, query = ASK) => {
      socket.subscribe(id, query);
      return socket.take(['next', 'error'], id);
    };
    const file = `${server.url}/files/${randomUUID()}`;
    const form = new FormData();
    form.set('operations', JSON.stringify({ query: ASK }));
    form.set('map', '{}');
    const calls = [
      () => ask(server, { token }),
      () => ask(server, { token, query: '{ nothing of the kind' }),
      () => overSocket('1'),
      () => overSocket('2', '{ nothing'),
      () => fetch(file, { headers: { authorization } }),
      () => fetch(`${server.url}/files?name=a.txt`, { method: 'POST', headers: { authorization }, body: 'text' }),
      () => fetch(server.graphqlUrl, { method: 'POST', headers: { authorization }, body: form }),
      () => fetch(`${server.graphqlUrl}?query=${encodeURIComponent(ASK)}`, { headers: { authorization } }),
      () =>
        fetch(server.graphqlUrl, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json', accept: 'text/event-stream' },
          body: JSON.stringify({ query: ASK }),
        }).then((response) => response.text()),
      () => ask(server, { token }),
    ];
    for (const call of calls) expect(JSON.stringify(await call())).not.toContain('RATE_LIMITED');

    expect((await ask(server, { token })).status).toBe(429);
    expect((await fetch(file, { headers: { authorization } })).status).toBe(429);
    const upload = await fetch(`${server.url}/files?name=a.txt`, {
      method: 'POST',
      headers: { authorization },
      body: 'x',
    });
    expect(upload.status).toBe(429);
    expect(Number(upload.headers.get('retry-after'))).toBeGreaterThan(0);
    const { type, payload } = await overSocket('3');
    expect(type).toBe('error');
    expect(payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }]);
    // The socket lives on.
    socket.send({ type: 'ping' });
    await socket.take('pong');
    for (const path of ['/health', '/ready', '/']) {
      expect((await fetch(server.url + path, { headers: { authorization } })).status).not.toBe(429);
    }
  });

  it('are limited over all instances together', async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const environment = {
      REQUESTS_PER_MINUTE: '30',
      REDIS_URL: inject('redisUrl'),
      REDIS_KEY_PREFIX: `test-${randomUUID()}`,
    };
    const startOne = async () => {
      const database = await openPostgresDatabase(url, { poolSize: 5, prepare: true });
      return startTestServer({ environment, overrides: { database } });
    };
    const [here, there] = await Promise.all([startOne(), startOne()]);
    const { token } = await here.register();
    const statuses = await Promise.all([
      statusesOf(25, () => ask(here, { token })),
      statusesOf(25, () => ask(there, { token })),
    ]);
    expect(passed(statuses.flat())).toBe(30);
  });
});

describe('requests from one address', () => {
  const start = (environment: Record<string, string>) =>
    startTestServer({ environment: { TRUST_PROXY: 'true', ...environment } });

  it('are limited whoever asks, and a network of IPv6 is one address', async () => {
    const server = await start({ REQUESTS_PER_MINUTE_PER_IP: '6' });
    const { token } = await server.register();
    const from = '2001:db8:0:1::7';
    const headers = { 'x-forwarded-for': from };
    const socket = await openGraphqlSocket(server, { headers });
    expect(passed(await statusesOf(10, () => ask(server, { token, from })))).toBe(5);
    const refused = await ask(server, { from: '2001:db8:0:1:ffff::8' });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(server, { from: '2001:db8:0:2::7' })).status).toBe(200);
    socket.subscribe('1', ASK);
    expect((await socket.take(['next', 'error'], '1')).type).toBe('error');
    // One more is told to come later, before anything is looked up.
    const { closed } = await openGraphqlSocket(server, { token: 'api_guessed', headers, acknowledged: false });
    expect(await closed).toMatchObject({ code: 1013 });
  });

  it('that try passwords are limited, for however many accounts, in one document as in many', async () => {
    const server = await start({ LOGIN_ATTEMPTS_PER_MINUTE_PER_IP: '5' });
    const users = await Promise.all(Array.from({ length: 3 }, () => server.register()));
    const logins = Array.from({ length: 8 }, (_, index) => {
      const { username } = users[index % 3] ?? { username: '' };
      return `a${index}: login(input: { username: "${username}", password: "${PASSWORD}" }) { tokenType }`;
    });
    const response = await ask(server, { from: '192.0.2.1', query: `mutation { ${logins.join(' ')} }` });
    const result = (await response.json()) as { errors: { path: string[]; extensions: { code: string } }[] };
    // Five were right. The right password of one's own account does not make more guesses of others.
    expect(result.errors).toMatchObject([{ path: ['a5'], extensions: { code: 'RATE_LIMITED' } }]);
    const login = `mutation { ${logins[0]} }`;
    expect(codeOf(await (await ask(server, { from: '192.0.2.1', query: login })).json())).toBe('RATE_LIMITED');
    expect(codeOf(await (await ask(server, { from: '192.0.2.2', query: login })).json())).toBeUndefined();
  });

  it('that make accounts are limited', async () => {
    const server = await start({ REGISTRATIONS_PER_HOUR_PER_IP: '2' });
    const register = async (from: string) => {
      const input = `{ username: "user-${randomUUID().slice(0, 8)}", password: "${PASSWORD}" }`;
      const query = `mutation { register(input: ${input}) { tokenType } }`;
      return failure(await (await ask(server, { from, query })).json());
    };
    for (let count = 0; count < 2; count++) expect(await register('192.0.2.1')).toEqual({});
    const refused = await register('192.0.2.1');
    expect(refused).toMatchObject({ code: 'RATE_LIMITED' });
    expect(refused.retryAfterSeconds).toBeGreaterThan(60);
    expect(await register('192.0.2.2')).toEqual({});
  });
});
