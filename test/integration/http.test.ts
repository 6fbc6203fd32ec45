import { once } from 'node:events';
import { connect } from 'node:net';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, failure } from '../support/errors.ts';
import { openTestDatabase, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ shared: true });
});
afterAll(() => server.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (body: string | FormData | URLSearchParams, headers: Record<string, string> = JSON_TYPE) =>
  fetch(server.graphqlUrl, { method: 'POST', headers, body });
const REGISTER = 'mutation { register(input: { username: "intruder", password: "a long passphrase" }) { tokenType } }';
const isRegistered = async () =>
  (await server.app.database.prisma.user.count({ where: { usernameKey: 'intruder' } })) > 0;

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => server.graphqlUrl, fetchFn: fetch });

  test('there are audits', () => {
    expect(audits.filter(({ name }) => /^(MUST|SHOULD)/.test(name)).length).toBeGreaterThan(30);
  });

  test.each(audits.filter(({ name }) => /^(MUST|SHOULD)/.test(name)))('$name', async (audit) => {
    const result = await audit.fn();
    expect(result.status, 'reason' in result ? result.reason : '').toBe('ok');
  });

  test('what a form of another site could send is refused, and does nothing', async () => {
    const form = new FormData();
    form.set('operations', JSON.stringify({ query: REGISTER }));
    form.set('map', '{}');
    const refused = [
      await post(new URLSearchParams({ query: REGISTER }), {}),
      await post(REGISTER, { 'content-type': 'application/graphql' }),
      await post(JSON.stringify({ query: REGISTER }), { 'content-type': 'text/plain' }),
      await post(JSON.stringify({ query: REGISTER }), { 'content-type': 'text/plain; application/json' }),
    ];
    for (const response of refused) {
      expect(response.status).toBe(415);
      expect(codeOf((await response.json()) as object)).toBe('UNSUPPORTED_MEDIA_TYPE');
    }
    // For uploads, and so for who has signed in: no form can send the header that says so.
    const anonymous = await post(form, {});
    expect([anonymous.status, codeOf((await anonymous.json()) as object)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(await isRegistered()).toBe(false);
  });

  test('a mutation by GET is refused, and does nothing', async () => {
    const response = await fetch(`${server.graphqlUrl}?query=${encodeURIComponent(REGISTER)}`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(codeOf((await response.json()) as object)).toBe('BAD_USER_INPUT');
    expect(await isRegistered()).toBe(false);
  });

  test('a body over the limit is refused, told in length or not, and the server goes on', async () => {
    const query = `{ health { status } } # ${'x'.repeat(1_100_000)}`;
    const responses = [
      await post(JSON.stringify({ query })),
      await fetch(server.graphqlUrl, {
        method: 'POST',
        headers: JSON_TYPE,
        body: new Blob([JSON.stringify({ query })]).stream(),
        duplex: 'half',
      } as RequestInit),
    ];
    for (const response of responses) {
      expect(response.status).toBe(413);
      expect(codeOf((await response.json()) as object)).toBe('PAYLOAD_TOO_LARGE');
    }
    const largest = `{ health { status } } # ${'x'.repeat(900_000)}`;
    expect((await server.request(largest)).errors).toBeUndefined();
  });

  test('what is no request is a fault of who sends it', async () => {
    const bodies = [
      '',
      '{',
      '[]',
      'null',
      '5',
      '"query"',
      '{}',
      '{"query":5}',
      '{"query":"{ health { status } }","variables":5}',
      '[{"query":"{ health { status } }"}]',
    ];
    for (const body of bodies) {
      const response = await post(body, { ...JSON_TYPE, accept: 'application/graphql-response+json' });
      expect(response.status, body).toBe(400);
      expect(codeOf((await response.json()) as object), body).toBe('BAD_USER_INPUT');
    }
    const unknown = await post(JSON.stringify({ query: 'query A { __typename } query B { __typename }' }));
    expect(codeOf((await unknown.json()) as object)).toBe('BAD_USER_INPUT');
  });

  test('what nobody expected is told without its message, and logged once', async () => {
    const errors: unknown[] = [];
    const its = await startTestServer({ errors });
    const { token } = await its.register();
    await its.app.database.prisma.$executeRawUnsafe('ALTER TABLE conversations RENAME TO gone');
    const result = await its.request('{ conversations { totalCount } }', {}, token);
    expect(failure(result)).toEqual({ code: 'INTERNAL' });
    expect(JSON.stringify(result)).not.toMatch(/prisma|gone|relation|select|exist/i);
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).toContain('conversations');
  });
});

describe('other origins', () => {
  const PREFLIGHT = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
  const corsHeaders = (response: Response) =>
    [...response.headers].filter(([name]) => name.startsWith('access-control-'));
  const ask = async (url: string, origin: string) => [
    await fetch(url, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } }),
    await fetch(url, { method: 'POST', headers: { origin, ...JSON_TYPE }, body: '{"query":"{__typename}"}' }),
    await fetch(`${url}?query={__typename}`, { headers: { origin } }),
  ];

  test('are told nothing unless they are configured', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost:3000']) {
      for (const response of await ask(server.graphqlUrl, origin)) expect(corsHeaders(response)).toEqual([]);
    }
  });

  test('that are configured are let in, without credentials', async () => {
    const CORS_ORIGINS = 'https://app.example.com, https://other.example.com';
    const its = await startTestServer({ environment: { CORS_ORIGINS } });
    for (const origin of CORS_ORIGINS.split(', ')) {
      for (const response of await ask(its.graphqlUrl, origin)) {
        expect(response.headers.get('access-control-allow-origin')).toBe(origin);
        expect(response.headers.get('access-control-allow-credentials')).toBeNull();
        expect(response.headers.get('vary')).toMatch(/origin/i);
      }
    }
    const [preflight] = await ask(its.graphqlUrl, 'https://app.example.com');
    expect(preflight?.headers.get('access-control-allow-headers')).toMatch(/content-type/i);
    for (const origin of [
      'https://evil.example',
      'https://app.example.com.evil.example',
      'http://app.example.com',
      'null',
    ]) {
      for (const response of await ask(its.graphqlUrl, origin)) {
        expect(corsHeaders(response), origin).toEqual([]);
      }
    }
  });
});

describe('checks', () => {
  const COMPONENTS = ['server', 'database', 'cache', 'chroma', 'llm', 'worker'];

  test('/health, /ready and the query tell the same, to anybody', async () => {
    const { health } = await server.data(
      '{ health { status version uptimeSeconds components { name status latencyMs message } } }',
    );
    expect(health).toMatchObject({ status: 'DEGRADED', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    expect(health.uptimeSeconds).toBeGreaterThan(0);
    expect(health.components.map(({ name }: { name: string }) => name)).toEqual(COMPONENTS);
    expect(health.components.at(-1)).toMatchObject({ name: 'worker', status: 'OK' });
    const idle = await startTestServer({ environment: { WORKER_ENABLED: 'false' } });
    const { components } = (await (await fetch(`${idle.url}/health`)).json()) as typeof health;
    expect(components.at(-1)).toMatchObject({ name: 'worker', status: 'DISABLED' });
    const response = await fetch(`${server.url}/health`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const report = (await response.json()) as typeof health;
    expect(Object.keys(report).sort()).toEqual(Object.keys(health).sort());
    expect(report.components.map(({ name, status }: { name: string; status: string }) => [name, status])).toEqual(
      health.components.map(({ name, status }: { name: string; status: string }) => [name, status]),
    );
    const ready = await fetch(`${server.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true }]);
  });

  test('answer 503 while the database does not answer, and are well again when it does', async () => {
    const database = await openTestDatabase('pglite');
    let isDown = false;
    const ping = () => (isDown ? Promise.reject(new Error('connection to 10.0.0.7 refused')) : database.ping());
    const its = await startTestServer({ overrides: { database: { ...database, ping } } });
    const answers = async () => {
      const [health, ready] = [await fetch(`${its.url}/health`), await fetch(`${its.url}/ready`)];
      return { status: [health.status, ready.status], text: await health.text(), ready: await ready.json() };
    };
    expect(await answers()).toMatchObject({ status: [200, 200] });
    isDown = true;
    const down = await answers();
    expect(down).toMatchObject({ status: [503, 503], ready: { ready: false } });
    expect(JSON.parse(down.text)).toMatchObject({
      status: 'DOWN',
      components: expect.arrayContaining([expect.objectContaining({ name: 'database', status: 'DOWN' })]),
    });
    expect(down.text).not.toContain('10.0.0.7');
    expect((await its.data('{ health { status } }')).health).toEqual({ status: 'DOWN' });
    isDown = false;
    expect(await answers()).toMatchObject({ status: [200, 200], ready: { ready: true } });
  });
});

describe('the connection', () => {
  test('every answer says that its type is not to be guessed and its address not to be told', async () => {
    for (const path of ['/', '/health', '/ready', '/graphql?query={__typename}', '/nothing/here']) {
      const { headers } = await fetch(`${server.url}${path}`);
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('referrer-policy'), path).toBe('no-referrer');
      expect(headers.get('x-powered-by'), path).toBeNull();
    }
  });

  test('GraphiQL may not be put into the frame of another page', async () => {
    const page = await fetch(server.graphqlUrl, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toMatch('text/html');
    expect(page.headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
    const its = await startTestServer({ environment: { GRAPHIQL_ENABLED: 'false' } });
    const none = await fetch(its.graphqlUrl, { headers: { accept: 'text/html' } });
    expect(none.headers.get('content-type') ?? '').not.toMatch('text/html');
  });

  test('bytes that are no HTTP end their connection alone', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.end('\x16\x03\x01 nonsense\r\n\r\n');
    await once(socket.resume(), 'close');
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
  });

  test('only /graphql becomes a socket', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(String(first)).toMatch(/^HTTP\/1\.1 404 /);
    socket.destroy();
  });
});
