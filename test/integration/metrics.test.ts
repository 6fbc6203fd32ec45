import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { exposed, parseExposition } from '../support/exposition.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { openTestDatabase, startTestServer, type TestServer, type TestServerOptions } from '../support/server.ts';
import { lorem, type StreamPlan } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND, watchToEnd } from '../support/turns.ts';

const PLANS: Record<string, StreamPlan> = {
  short: { tokens: lorem(20), usage: { promptTokens: 11, completionTokens: 20 } },
  held: { tokens: lorem(5_000), intervalMs: 20 },
};
const TOKEN = 'a-token-for-the-metrics';

async function start(options: TestServerOptions = {}) {
  const upstream = await startScriptedUpstream({ plans: PLANS, models: [{ id: 'short' }, { id: 'held' }] });
  onTestFinished(() => upstream.close());
  const server = await startTestServer({ ...options, openAiUrl: upstream.url });
  const user = await server.register();
  return { server, user };
}

async function scrape(server: TestServer): Promise<string> {
  const response = await fetch(`${server.url}/metrics`);
  expect(response.status).toBe(200);
  return response.text();
}

/** A GET whose every header, Host too, is what the test says. */
function get(server: TestServer, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ status: number | undefined; challenge: string | undefined; length: number }>(
    (resolve, reject) => {
      const request = httpRequest(`${server.url}/metrics`, { method, headers, agent: false }, async (response) => {
        let length = 0;
        for await (const chunk of response) length += (chunk as Buffer).length;
        resolve({ status: response.statusCode, challenge: response.headers['www-authenticate'], length });
      });
      request.on('error', reject).end();
    },
  );
}

describe('/metrics', () => {
  it('is the text format 0.0.4, strictly, and HEAD is GET without the text', async () => {
    const { server } = await start();
    const response = await fetch(`${server.url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const metrics = parseExposition(await response.text());
    expect(metrics.get('http_requests_total')?.type).toBe('counter');
    expect(metrics.get('http_request_duration_ms')?.type).toBe('histogram');
    expect(metrics.get('process_resident_memory_bytes')?.samples[0]?.value).toBeGreaterThan(1_000_000);
    expect(await get(server, {}, 'HEAD')).toMatchObject({ status: 200, length: 0 });
    expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('is for this machine without a token, and for nobody who comes through a proxy', async () => {
    const { server } = await start({ environment: { TRUST_PROXY: '1' } });
    const host = new URL(server.url).host;
    for (const name of [host, 'localhost:4000', '[::1]:4000', '127.0.0.1']) {
      expect((await get(server, { host: name })).status).toBe(200);
    }
    const ofOthers: Record<string, string>[] = [
      { 'X-Forwarded-For': '203.0.113.9' },
      { 'X-Forwarded-For': '127.0.0.1' },
      { 'X-Forwarded-For': '' },
      { Forwarded: 'for=127.0.0.1' },
      { 'X-Real-IP': '127.0.0.1' },
      { Via: '1.1 proxy' },
      { host: 'chat.example.com' },
      { host: 'localhost.example.com' },
      { host: '127.0.0.1.example.com' },
      { Authorization: 'Bearer a-guess' },
    ];
    for (const headers of ofOthers) {
      expect(await get(server, headers), JSON.stringify(headers)).toMatchObject({ status: 403 });
    }
    expect(await scrape(server)).not.toContain('example.com');
  });

  it('is for whoever has the token, from anywhere', async () => {
    const { server, user } = await start({ environment: { METRICS_TOKEN: TOKEN } });
    const outside = { 'X-Forwarded-For': '203.0.113.9' };
    expect((await get(server, { ...outside, Authorization: `Bearer ${TOKEN}` })).status).toBe(200);
    expect((await get(server, { ...outside, Authorization: `bearer  ${TOKEN}` })).status).toBe(200);
    expect((await get(server, {})).status).toBe(200);
    const others = [`Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`, 'Bearer', `Bearer ${user.token}`];
    for (const Authorization of others) {
      expect(await get(server, { ...outside, Authorization })).toMatchObject({ status: 401, challenge: 'Bearer' });
      expect((await get(server, { Authorization })).status).toBe(401);
    }
    expect((await get(server, outside)).status).toBe(401);
  });

  it('knows requests by their routes, whatever is asked for', async () => {
    const { server } = await start();
    await fetch(`${server.url}/files/${TOKEN}`);
    await fetch(`${server.url}/files/another?secret=1`);
    await fetch(`${server.url}/no/such/path/${TOKEN}`, { method: 'DELETE' });
    await server.request('{ health { status } }');
    const text = await scrape(server);
    expect(text).not.toContain(TOKEN);
    expect(text).not.toContain('secret');
    expect(exposed(text, 'http_requests_total', { method: 'GET', path: '/files/:id', status: '401' })).toBe(2);
    expect(exposed(text, 'http_requests_total', { method: 'DELETE', path: 'other', status: '404' })).toBe(1);
    const graphql = { method: 'POST', path: '/graphql', status: '200' };
    expect(exposed(text, 'http_requests_total', graphql)).toBe(2);
    expect(exposed(text, 'http_request_duration_ms_count', graphql)).toBe(2);
    expect(exposed(text, 'http_request_duration_ms_sum', graphql)).toBeGreaterThan(0);
  });

  it('counts turns, their tokens and operations as they end, over both transports', async () => {
    const { server, user } = await start({ environment: { TURNS_PER_MINUTE: '4' } });
    // Known to the server from here on.
    await server.data('{ models { id } }', {}, user.token);
    await server.data(SEND, { input: chatInput('short'), wait: true }, user.token);
    await watchToEnd(eventsOf(server, 'ws', user.token, CHAT, { input: chatInput('short') }));
    await watchToEnd(eventsOf(server, 'sse', user.token, CHAT, { input: chatInput('short') }));
    await server.data(SEND, { input: chatInput('nobody-has-it-404'), wait: true }, user.token);
    expect((await server.request(SEND, { input: chatInput('short') }, user.token)).errors).toBeDefined();
    await server.request('{ nothing }');
    const text = await scrape(server);
    const short = { model: 'openai/short' };
    expect(exposed(text, 'turns_total', { ...short, status: 'complete', cached: 'false' })).toBe(3);
    expect(exposed(text, 'turns_total', { model: 'other' })).toBe(1);
    expect(text).not.toContain('nobody-has-it');
    expect(exposed(text, 'tokens_total', { model: 'other' })).toBe(0);
    expect(exposed(text, 'tokens_total', { ...short, kind: 'prompt' })).toBe(33);
    expect(exposed(text, 'tokens_total', { ...short, kind: 'completion' })).toBe(60);
    expect(exposed(text, 'first_token_ms_count', short)).toBe(3);
    expect(exposed(text, 'turn_duration_ms_count', short)).toBe(3);
    expect(exposed(text, 'rate_limit_refusals_total', { limit: 'turns' })).toBe(1);
    expect(exposed(text, 'graphql_operations_total', { type: 'subscription', code: 'OK' })).toBe(2);
    expect(exposed(text, 'graphql_operations_total', { type: 'mutation', code: 'RATE_LIMITED' })).toBe(1);
    expect(exposed(text, 'graphql_operations_total', { type: 'invalid', code: 'BAD_USER_INPUT' })).toBe(1);
  });

  it('counts what was refused, also of requests', async () => {
    const { server, user } = await start({ environment: { REQUESTS_PER_MINUTE: '3' } });
    for (let count = 0; count < 5; count++) await server.request('{ viewer { isAdmin } }', {}, user.token);
    expect(exposed(await scrape(server), 'rate_limit_refusals_total', { limit: 'requests' })).toBe(2);
  });

  it.each(['ws', 'sse'] as const)('shows what is open over %s while it is', async (transport) => {
    const { server, user } = await start();
    const stream = eventsOf(server, transport, user.token, CHAT, { input: chatInput('held') });
    await stream.next();
    await stream.next();
    const during = await scrape(server);
    expect(exposed(during, 'active_turns')).toBe(1);
    expect(exposed(during, 'active_subscriptions', { field: 'chat' })).toBe(1);
    expect(exposed(during, 'open_sockets')).toBe(transport === 'ws' ? 1 : 0);
    await stream.return(undefined);
    await expect.poll(async () => exposed(await scrape(server), 'active_subscriptions')).toBe(0);
    expect(exposed(await scrape(server), 'provider_active', { provider: 'openai' })).toBe(1);
  });

  it('is read by admins in the graph, with the same figures', async () => {
    const { server, user } = await start();
    const { stats } = await server.data(
      '{ stats { observability { metrics { name type help labels value } } } }',
      {},
      user.token,
    );
    const samples: { name: string; type: string; help: string; labels: object; value: number }[] =
      stats.observability.metrics;
    expect(samples).toContainEqual({
      name: 'http_requests_total',
      type: 'counter',
      help: expect.any(String),
      labels: { method: 'POST', path: '/graphql', status: '200' },
      value: 1,
    });
    expect(samples).toContainEqual(
      expect.objectContaining({
        name: 'http_request_duration_ms_bucket',
        labels: expect.objectContaining({ le: '+Inf' }),
      }),
    );
    const names = new Set(
      [...parseExposition(await scrape(server)).values()].flatMap((metric) => metric.samples.map((s) => s.name)),
    );
    for (const { name } of samples) expect(names).toContain(name);
    const other = await server.register();
    const refused = await server.request('{ stats { observability { metrics { name } } } }', {}, other.token);
    expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  });

  it('does not mix two servers of one process', async () => {
    const [first, second] = [await start(), await start()];
    await first.server.data(SEND, { input: chatInput('short'), wait: true }, first.user.token);
    expect(exposed(await scrape(first.server), 'turns_total')).toBe(1);
    expect(exposed(await scrape(second.server), 'turns_total')).toBe(0);
    expect(exposed(await scrape(second.server), 'http_requests_total', { path: '/graphql' })).toBe(1);
  });

  it('answers while the database is away, without its figures', async () => {
    const database = await openTestDatabase('pglite');
    const query = database.sql.query;
    let isAway = false;
    const sql = {
      ...database.sql,
      query: ((text, parameters) => (isAway ? new Promise(() => {}) : query(text, parameters))) as typeof query,
    };
    const { server } = await start({ overrides: { database: { ...database, sql } } });
    expect(exposed(await scrape(server), 'worker_jobs')).toBe(0);
    expect(parseExposition(await scrape(server)).has('worker_jobs')).toBe(true);
    isAway = true;
    const metrics = parseExposition(await scrape(server));
    expect(metrics.has('worker_jobs')).toBe(false);
    expect(metrics.has('cache_hits_total')).toBe(true);
    expect(metrics.has('active_turns')).toBe(true);
    isAway = false;
  });

  it('has all that docs/monitoring.md lists, and nothing else', async () => {
    const { server } = await start({ engine: 'postgresql', environment: { REDIS_URL: inject('redisUrl') } });
    const names = [...parseExposition(await scrape(server)).keys()].filter((name) => !/^(process|nodejs)_/.test(name));
    const text = await readFile(new URL('../../docs/monitoring.md', import.meta.url), 'utf8');
    const listed = [...text.matchAll(/^\| `([a-z_]+)`/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual(listed.sort());
  });
});
