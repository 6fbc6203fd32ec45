import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { isDatabaseDown } from '../../src/util/database-errors.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { startTestServer } from '../support/server.ts';
import { lorem } from '../support/stream-plan.ts';
import { CHAT, type ChatEvent, chatInput, eventsOf, watchToEnd } from '../support/turns.ts';

describe('a database that goes away in the middle of an answer', () => {
  it('does not stop the stream, and has the whole answer once it is back', async () => {
    const tokens = lorem(300);
    const upstream = await startScriptedUpstream({ plans: { long: { tokens, intervalMs: 8 } } });
    onTestFinished(() => upstream.close());
    const { url, drop } = await createPostgresDatabase();
    const proxy = await startCuttingProxy(url);
    const behind = new URL(url);
    behind.port = new URL(proxy.url).port;
    behind.hostname = '127.0.0.1';
    const database = await openPostgresDatabase(behind.toString(), { poolSize: 5, prepare: true });
    const server = await startTestServer({ openAiUrl: upstream.url, overrides: { database } });
    onTestFinished(async () => {
      await proxy.close();
      await drop();
    });
    const user = await server.register();

    async function* disturbed(): AsyncGenerator<ChatEvent> {
      let count = 0;
      for await (const event of eventsOf(server, 'ws', user.token, CHAT, { input: chatInput('long') })) {
        yield event;
        count += 1;
        if (count === 20) {
          proxy.refuse();
          proxy.cut();
        }
        const textIsWhole =
          event.__typename === 'TurnDelta' && event.offset + event.text.length === tokens.join('').length;
        if (!textIsWhole) continue;
        // Down when the turn wants to be finished, and for a while after.
        const health = await fetch(`${server.url}/health`);
        expect(health.status).toBe(503);
        expect((await fetch(`${server.url}/ready`)).status).toBe(503);
        const asked = await server.request('{ conversations { totalCount } }', {}, user.token);
        expect(asked.errors?.map(({ extensions }) => extensions?.code)).toEqual(['UNAVAILABLE']);
        // A new socket is told to come back later, in a way that clients retry.
        const refused = eventsOf(server, 'ws', user.token, CHAT, { input: chatInput('long') });
        await expect(refused.next()).rejects.toMatchObject({ code: 1013 });
        proxy.accept();
      }
    }

    const { text, last } = await watchToEnd(disturbed());
    expect(text).toBe(tokens.join(''));
    expect(last).toMatchObject({ finishReason: 'STOP', message: { status: 'COMPLETE', content: text } });
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
    await server.close();
  });
});

describe('a database that is restarted', () => {
  it('is told as one that comes back, not as a fault of the server', async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const database = await openPostgresDatabase(url, { poolSize: 5, prepare: true });
    const server = await startTestServer({ overrides: { database } });
    const user = await server.register();
    const [holder, administrator] = [new pg.Client(url), new pg.Client(url)];
    await Promise.all([holder.connect(), administrator.connect()]);
    await holder.query('BEGIN; LOCK TABLE conversations');
    const asked = server.request('{ conversations { totalCount } }', {}, user.token);
    const waiting = () =>
      administrator.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`);
    await expect.poll(async () => (await waiting()).rowCount).toBeGreaterThan(0);
    expect((await asked).errors?.map(({ extensions }) => extensions?.code)).toEqual(['UNAVAILABLE']);
    await Promise.all([holder.end(), administrator.end()]);
    expect((await server.data('{ conversations { totalCount } }', {}, user.token)).conversations.totalCount).toBe(0);
    await server.close();
  });
});

describe('a connection to the database that is dead and does not say so', () => {
  it('is given up, and another one used', async () => {
    const { url, drop } = await createPostgresDatabase();
    const proxy = await startCuttingProxy(url);
    const behind = new URL(url);
    behind.host = new URL(proxy.url).host;
    const database = await openPostgresDatabase(behind.toString(), { poolSize: 1, prepare: true, statementMs: 300 });
    onTestFinished(async () => {
      await database.dispose();
      await proxy.close();
      await drop();
    });
    const { prisma } = database;
    expect(await prisma.user.count()).toBe(0);
    proxy.freeze();
    const failure = await prisma.user.count().catch((error: unknown) => error);
    expect(isDatabaseDown(failure)).toBe(true);
    expect(await prisma.user.count()).toBe(0);
    proxy.freeze();
    const raw = await prisma.$executeRawUnsafe('SELECT 1').catch((error: unknown) => error);
    expect(isDatabaseDown(raw)).toBe(true);
  });
});
