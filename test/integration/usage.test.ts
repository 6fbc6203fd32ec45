import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { decodeAnyId } from '../../src/graphql/ids.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { codeOf, failure } from '../support/errors.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Engine, startTestServer, subscribe, type TestServer, type Transport } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';
import { lorem } from '../support/stream-plan.ts';
import { CHAT, chatInput, SEND, STOP } from '../support/turns.ts';
import { postFile } from '../support/uploads.ts';

const ENGINES: Engine[] = ['pglite', 'postgresql'];
const NOON = Date.UTC(2026, 2, 1, 12);
const DAY_MS = 86_400_000;
const MEGABYTE = 1_048_576;

const STATS = `query ($days: Int) { stats { user {
  conversations messages turns files storageBytes storageLimitBytes uploadLimitBytes promptTokens completionTokens
  byDay(days: $days) { day turns promptTokens completionTokens }
  byModel { model turns promptTokens completionTokens meanFirstTokenMs }
} } }`;

async function openUpstream() {
  const upstream = await startScriptedUpstream({
    plans: {
      short: { tokens: lorem(5), usage: { promptTokens: 30, completionTokens: 20 } },
      other: { tokens: lorem(5), usage: { promptTokens: 3, completionTokens: 2 } },
      endless: { tokens: lorem(20_000), intervalMs: 20 },
      broken: { fault: { type: 'status', status: 500 } },
    },
  });
  onTestFinished(() => upstream.close());
  return upstream;
}

async function start(engine: Engine, environment: Record<string, string> = {}) {
  const upstream = await openUpstream();
  const clock = { time: NOON };
  const server = await startTestServer({
    engine,
    openAiUrl: upstream.url,
    environment: { ACCESS_TOKEN_MINUTES: '1440', ...environment },
    overrides: { now: () => new Date(clock.time) },
  });
  return { server, user: await server.register(), clock };
}

const statsOf = async (server: TestServer, token: string, days = 2) =>
  (await server.data(STATS, { days }, token)).stats.user;

describe.each(ENGINES)('the usage of a user on %s', (engine) => {
  it('is counted by day and model, and is his own', async () => {
    const { server, user, clock } = await start(engine, { USER_STORAGE_MB: '3', MAX_UPLOAD_MB: '2' });
    const send = async (model: string) =>
      (await server.data(SEND, { input: chatInput(model), wait: true }, user.token)).sendMessage;
    await send('short');
    const { conversation } = await send('other');
    clock.time += DAY_MS - 3_600_000;
    await send('short');
    await postFile(server, 'Twelve bytes', { token: user.token, name: 'notes.txt' });
    await server.data('mutation ($id: ID!) { deleteConversation(id: $id) }', { id: conversation.id }, user.token);
    const limits = { storageLimitBytes: 3 * MEGABYTE, uploadLimitBytes: 2 * MEGABYTE };
    const none = { turns: 0, promptTokens: 0, completionTokens: 0 };
    const expected = {
      conversations: 2,
      messages: 4,
      turns: 3,
      files: 1,
      storageBytes: 12,
      ...limits,
      promptTokens: 63,
      completionTokens: 42,
      byDay: [
        { day: '2026-02-28', ...none },
        { day: '2026-03-01', turns: 2, promptTokens: 33, completionTokens: 22 },
        { day: '2026-03-02', turns: 1, promptTokens: 30, completionTokens: 20 },
      ],
      byModel: [
        {
          model: 'openai/short',
          turns: 2,
          promptTokens: 60,
          completionTokens: 40,
          meanFirstTokenMs: expect.any(Number),
        },
        { model: 'openai/other', turns: 1, promptTokens: 3, completionTokens: 2, meanFirstTokenMs: expect.any(Number) },
      ],
    };
    expect(await statsOf(server, user.token, 3)).toEqual(expected);
    const { byDay, ...stranger } = await statsOf(server, (await server.register()).token, 366);
    const nothing = { conversations: 0, messages: 0, files: 0, storageBytes: 0, ...limits, byModel: [], ...none };
    expect(stranger).toEqual(nothing);
    expect(byDay).toHaveLength(366);
    expect(byDay[0].day).toBe('2025-03-02');
    for (const days of [0, 367]) {
      expect(failure(await server.request(STATS, { days }, user.token))).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
    expect(codeOf(await server.request(STATS))).toBe('UNAUTHENTICATED');
  });

  it('is looked up with a statement for each kind of figure, and none for messages', async () => {
    const { server, user } = await start(engine);
    await server.data(SEND, { input: chatInput('short'), wait: true }, user.token);
    const statements = await statementsOf(() => statsOf(server, user.token));
    expect(statements).toHaveLength(6);
    for (const sql of statements) expect(sql).not.toMatch(/FROM ("public"\.)?"?messages\b/i);
  });

  it('holds what was stopped, and no tokens of what failed or came from the cache', async () => {
    const { server, user } = await start(engine, { ENABLE_CACHE: 'true' });
    const send = async (model: string, text = 'A question') =>
      (await server.data(SEND, { input: { ...chatInput(model), text }, wait: true }, user.token)).sendMessage;
    await send('broken');
    expect(await statsOf(server, user.token)).toMatchObject({ turns: 1, promptTokens: 0, completionTokens: 0 });
    await send('short');
    await send('short');
    expect(await statsOf(server, user.token)).toMatchObject({ turns: 3, promptTokens: 30, completionTokens: 20 });
    const { sendMessage } = await server.data(SEND, { input: chatInput('endless') }, user.token);
    const { id } = decodeAnyId(sendMessage.id);
    const partial = `query ($id: ID!) { turn(id: $id) { cursor } }`;
    await expect
      .poll(async () => (await server.data(partial, { id: sendMessage.id }, user.token)).turn.cursor)
      .toBeGreaterThan(20);
    await server.data(STOP, { id: sendMessage.id }, user.token);
    const turn = await server.app.database.prisma.turn.findUniqueOrThrow({
      where: { id },
      include: { assistantMessage: true },
    });
    const { completionTokens } = turn.assistantMessage;
    expect(completionTokens).toBeGreaterThan(0);
    expect(await statsOf(server, user.token)).toMatchObject({
      turns: 4,
      completionTokens: 20 + (completionTokens ?? 0),
    });
  });

  it('holds what was interrupted, and is deleted with him', async () => {
    const { server, user } = await start(engine);
    const { prisma } = server.app.database;
    await server.data(SEND, { input: chatInput('short'), wait: true }, user.token);
    // As a server leaves them that was killed.
    const left = { partialContent: 'x'.repeat(9), partialReasoning: 'y'.repeat(40), instanceId: randomUUID() };
    await prisma.turn.updateMany({ data: { ...left, status: 'GENERATING' } });
    const interrupted = () => prisma.turn.count({ where: { status: 'INTERRUPTED' } });
    await expect.poll(interrupted, { timeout: 20_000 }).toBe(1);
    const stats = { turns: 2, promptTokens: 30, completionTokens: 33 };
    expect(await statsOf(server, user.token)).toMatchObject(stats);
    await prisma.user.delete({ where: { id: decodeAnyId(user.id).id } });
    expect(await prisma.usageDay.count()).toBe(0);
  });

  it('holds all of the turns that end at the same time', async () => {
    const { server, user } = await start(engine);
    await Promise.all(
      Array.from({ length: 20 }, () => server.data(SEND, { input: chatInput('short'), wait: true }, user.token)),
    );
    expect(await statsOf(server, user.token)).toMatchObject({ turns: 20, promptTokens: 600, completionTokens: 400 });
  });

  it('is found for what there was before it was counted', async () => {
    const { server, user } = await start(engine, { ENABLE_CACHE: 'true' });
    const { prisma } = server.app.database;
    for (const model of ['short', 'short', 'broken', 'other']) {
      await server.data(SEND, { input: chatInput(model), wait: true }, user.token);
    }
    const rows = () => prisma.usageDay.findMany({ orderBy: { model: 'asc' } });
    const counted = await rows();
    expect(counted).toHaveLength(3);
    await prisma.usageDay.deleteMany();
    const migration = new URL('../../prisma/migrations/20261126152135_usage_days/migration.sql', import.meta.url);
    const [backfill = ''] = /^INSERT INTO "usage_days"[^;]*;/m.exec(readFileSync(migration, 'utf8')) ?? [];
    await prisma.$executeRawUnsafe(backfill);
    expect(await rows()).toEqual(counted);
  });
});

describe.each(ENGINES)('tokens of a day on %s', (engine) => {
  it('are refused when they are used up, until midnight; what is there is joined', async () => {
    const { server, user, clock } = await start(engine, { TOKENS_PER_DAY: '100' });
    const inputs = [chatInput('short'), chatInput('short')];
    for (const input of inputs) await server.data(SEND, { input, wait: true }, user.token);
    const refused = failure(await server.request(SEND, { input: chatInput('short') }, user.token));
    expect(refused).toMatchObject({ code: 'QUOTA_EXCEEDED', retryAfterSeconds: 43_200 });
    for (const input of inputs) await server.data(SEND, { input }, user.token);
    const { sendMessage } = await server.data(SEND, { input: inputs[0] }, user.token);
    const again = `mutation ($id: ID!, $key: UUID!) { regenerate(input: { messageId: $id, turnKey: $key }) { id } }`;
    const regenerate = { id: sendMessage.assistantMessage.id, key: randomUUID() };
    expect(codeOf(await server.request(again, regenerate, user.token))).toBe('QUOTA_EXCEEDED');
    // Nothing of it was stored, and others have theirs.
    expect(await server.app.database.prisma.conversation.count()).toBe(2);
    const other = await server.register();
    await server.data(SEND, { input: chatInput('short') }, other.token);
    clock.time += DAY_MS / 2;
    await server.data(SEND, { input: chatInput('short') }, user.token);
  });

  it('may be those of the credential', async () => {
    const { server, user } = await start(engine, { TOKENS_PER_DAY: '1000' });
    const { chat } = server.app.services;
    const { id: userId } = decodeAnyId(user.id);
    const ask = (tokensPerDay: number | null) => {
      const turnKey = randomUUID();
      const text = 'A question';
      const request = { turnKey, text, conversationId: null, parentId: null, model: 'openai/short', options: {} };
      return chat.chat(userId, { ...request, tokensPerDay });
    };
    await chat.ended(userId, (await ask(40)).id);
    await expect(ask(40)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await chat.ended(userId, (await ask(null)).id);
    await chat.ended(userId, (await ask(0)).id);
  });
});

describe.each(ENGINES)('answers that are written at once on %s', (engine) => {
  it('are five at most, also of twenty that are asked for in one moment, in one document or many', async () => {
    const { server, user } = await start(engine, { MAX_CONCURRENT_TURNS: '5' });
    const { prisma } = server.app.database;
    const inputs = Array.from({ length: 12 }, () => chatInput('endless'));
    const results = await Promise.all([
      ...inputs.map((input) => server.request(SEND, { input }, user.token)),
      ...Array.from({ length: 2 }, () => server.request(aliased(4), {}, user.token)),
    ]);
    expect(await prisma.turn.count({ where: { status: 'GENERATING' } })).toBe(5);
    expect(await prisma.turn.count()).toBe(5);
    expect(await prisma.conversation.count()).toBe(5);
    const refused = results.filter(({ errors }) => errors).map(failure);
    for (const { code, retryAfterSeconds } of refused) {
      expect(code).toBe('RATE_LIMITED');
      expect(retryAfterSeconds).toBeGreaterThan(0);
    }
    const other = await server.register();
    expect(codeOf(await server.request(SEND, { input: chatInput('endless') }, other.token))).toBeUndefined();
    // One that has ended makes room for one.
    const [turn] = await prisma.turn.findMany({ where: { userId: decodeAnyId(user.id).id } });
    await server.app.services.chat.stop(turn?.userId ?? '', turn?.id ?? '');
    const more = await Promise.all(
      Array.from({ length: 3 }, () => server.request(SEND, { input: chatInput('endless') }, user.token)),
    );
    expect(more.filter(({ errors }) => !errors)).toHaveLength(1);
  });

  it.each<Transport>(['ws', 'sse'])('are refused over %s; those that run are joined', async (transport) => {
    const { server, user } = await start(engine, { MAX_CONCURRENT_TURNS: '1' });
    const input = chatInput('endless');
    const running = subscribe(server, transport, user.token, CHAT, { input });
    expect((await running.next()).value.data.chat.__typename).toBe('TurnStarted');
    const told = await subscribe(server, transport, user.token, CHAT, { input: chatInput('endless') })
      .next()
      .then(
        ({ value }) => JSON.stringify(value),
        (error: unknown) => JSON.stringify(error),
      );
    expect(told).toContain('RATE_LIMITED');
    const joined = subscribe(server, transport, user.token, CHAT, { input });
    expect((await joined.next()).value.data.chat.__typename).toBe('TurnStarted');
    await Promise.all([running.return?.(), joined.return?.()]);
  });
});

describe('answers that are written at once by two servers', () => {
  it('are counted together', async () => {
    const { url, drop } = await createPostgresDatabase();
    onTestFinished(drop);
    const upstream = await openUpstream();
    const startOne = async () => {
      const database = await openPostgresDatabase(url, { poolSize: 10, prepare: true });
      const environment = { MAX_CONCURRENT_TURNS: '5' };
      return startTestServer({ openAiUrl: upstream.url, environment, overrides: { database } });
    };
    const [here, there] = await Promise.all([startOne(), startOne()]);
    const { token } = await here.register();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 ? here : there).request(SEND, { input: chatInput('endless') }, token),
      ),
    );
    expect(results.filter(({ errors }) => !errors)).toHaveLength(5);
    expect(await here.app.database.prisma.turn.count({ where: { status: 'GENERATING' } })).toBe(5);
  });
});

function aliased(count: number): string {
  const send = (index: number) =>
    `a${index}: sendMessage(input: { turnKey: "${randomUUID()}", text: "A question", model: "openai/endless" }) { id }`;
  return `mutation { ${Array.from({ length: count }, (_, index) => send(index)).join(' ')} }`;
}
