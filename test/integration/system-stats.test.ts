import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTotals } from '../../src/services/stats/totals.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, type Engine, openTestDatabase, startTestServer, subscribe } from '../support/server.ts';
import { lorem, type StreamPlan } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND } from '../support/turns.ts';
import { uploadFile } from '../support/uploads.ts';

const FIELDS = `users apiKeys conversations messages files chunks activeTurns activeSubscriptions cpuPercent residentBytes
  eventLoopLagMs instances`;
const SYSTEM = `{ stats { system { ${FIELDS} } } }`;
const WATCH = `subscription ($every: Int) { systemStats(everySeconds: $every) { ${FIELDS} } }`;
const PLANS: Record<string, StreamPlan> = {
  short: { tokens: lorem(5) },
  held: { tokens: lorem(5_000), intervalMs: 20 },
};
const REGENERATE =
  'mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { id assistantMessage { id } } }';

async function start(engine: Engine) {
  const upstream = await startScriptedUpstream({ plans: PLANS });
  onTestFinished(() => upstream.close());
  const server = await startTestServer({ engine, openAiUrl: upstream.url });
  const admin = await server.register();
  const system = async (): Promise<Data> => (await server.data(SYSTEM, {}, admin.token)).stats.system;
  return { server, admin, system };
}

/** What there is, counted row by row. */
async function counted(database: { sql: { query: Awaited<ReturnType<typeof openTestDatabase>>['sql']['query'] } }) {
  const [row] = await database.sql.query<Data>(`SELECT (SELECT count(*)::int FROM conversations) AS conversations,
    (SELECT count(*)::int FROM messages) AS messages, (SELECT count(*)::int FROM files) AS files,
    (SELECT count(*)::int FROM chunks JOIN files ON id = file_id AND live_generation = chunks.generation) AS chunks`);
  return row as Data;
}

describe.each<Engine>(['pglite', 'postgresql'])('stats.system on %s', (engine) => {
  it('counts to the row through whatever changes the tables', async () => {
    const { server, admin, system } = await start(engine);
    const { database } = server.app;
    expect(await system()).toMatchObject({ users: 1, apiKeys: 0, conversations: 0, messages: 0, files: 0, chunks: 0 });
    const other = await server.register();
    const send = async (token: string, more: Data = {}): Promise<Data> =>
      (await server.data(SEND, { input: chatInput('short', more), wait: true }, token)).sendMessage;
    const first = await send(other.token);
    await send(other.token, { conversationId: first.conversation.id });
    await server.data(
      REGENERATE,
      { input: { turnKey: randomUUID(), messageId: first.assistantMessage.id, model: 'openai/short' } },
      other.token,
    );
    const mine = await send(admin.token);
    const upload = await uploadFile(server, 'Some text that is read. '.repeat(500), { token: admin.token });
    await uploadFile(server, 'Some other text. '.repeat(100), { token: other.token });
    await expect.poll(async () => (await system()).chunks, { timeout: 20_000 }).toBeGreaterThan(2);
    await expect
      .poll(async () => database.prisma.file.count({ where: { status: 'READY' } }), { timeout: 20_000 })
      .toBe(2);
    const before = await system();
    expect(before).toMatchObject({ users: 2, conversations: 2, messages: 7, files: 2, activeTurns: 0, instances: 1 });
    expect(before).toMatchObject(await counted(database));

    await server.data(
      'mutation ($id: ID!) { deleteFile(id: $id) }',
      { id: upload.body.data?.uploadFile.id },
      admin.token,
    );
    await server.data('mutation ($id: ID!) { deleteConversation(id: $id) }', { id: mine.conversation.id }, admin.token);
    expect(await system()).toMatchObject({ conversations: 1, messages: 5, files: 1 });
    await server.data('mutation ($id: ID!) { deleteUser(id: $id) }', { id: other.id }, admin.token);
    expect(await system()).toMatchObject({ users: 1, conversations: 0, messages: 0, files: 0, chunks: 0 });
    expect(await counted(database)).toMatchObject({ conversations: 0, messages: 0, files: 0, chunks: 0 });
  });

  it('says what the server does and uses', async () => {
    const { server, admin, system } = await start(engine);
    const stream = eventsOf(server, 'ws', admin.token, CHAT, { input: chatInput('held') });
    await stream.next();
    const during = await system();
    expect(during).toMatchObject({ activeTurns: 1, activeSubscriptions: 1, messages: 2 });
    expect(during.cpuPercent).toBeGreaterThan(0);
    expect(during.residentBytes).toBeGreaterThan(1_000_000);
    expect(during.eventLoopLagMs).toBeGreaterThanOrEqual(0);
    await stream.return(undefined);
    await expect.poll(async () => (await system()).activeSubscriptions).toBe(0);
  });
});

describe.each<Engine>(['pglite', 'postgresql'])('totals on %s', (engine) => {
  async function open() {
    const database = await openTestDatabase(engine);
    onTestFinished(database.dispose);
    const totals = createTotals({ sql: database.sql, vacuum: engine === 'pglite' });
    const change = (conversations: number, messages: number) =>
      database.prisma.total.create({ data: { conversations, messages } });
    return { database, totals, change };
  }

  it('are the same before and after they are added up, also by two at a time', async () => {
    const { database, totals, change } = await open();
    for (let count = 0; count < 20; count += 1) await change(1, 3);
    await change(-4, -12);
    expect(await totals.read()).toMatchObject({ conversations: 16, messages: 48 });
    const another = createTotals({ sql: database.sql, vacuum: false });
    await Promise.all([totals.fold(), another.fold(), change(1, 2), totals.read(), another.read()]);
    await totals.fold();
    expect(await totals.read()).toMatchObject({ conversations: 17, messages: 50, rows: 1 });
  });

  it('are one statement, which looks into none of the tables that grow', async () => {
    const { database } = await open();
    const asked: string[] = [];
    const query: typeof database.sql.query = (text, parameters) => {
      asked.push(text);
      return database.sql.query(text, parameters);
    };
    await createTotals({ sql: { ...database.sql, query }, vacuum: false }).read();
    expect(asked).toHaveLength(1);
    const plan = JSON.stringify(await database.sql.query(`EXPLAIN (FORMAT JSON) ${asked[0]}`));
    const tables = new Set([...plan.matchAll(/\\?"Relation Name\\?":\s*\\?"(\w+)/g)].map(([, name]) => name));
    expect(tables).toEqual(new Set(['totals', 'turns', 'instances']));
  });

  it('are added up by whoever reads them, once they are many', async () => {
    const { database, totals } = await open();
    await database.sql.query('INSERT INTO totals (files) SELECT 1 FROM generate_series(1, 600)');
    expect(await totals.read()).toMatchObject({ files: 600 });
    expect(await totals.read()).toMatchObject({ files: 600, rows: 1 });
  });

  it('forget what a transaction that is rolled back has changed', async () => {
    const { database, totals } = await open();
    const user = await database.prisma.user.create({
      data: { id: randomUUID(), username: 'a', usernameKey: 'a', passwordHash: 'x' },
    });
    const create = { id: randomUUID(), userId: user.id, title: 'x', messageCount: 4 };
    const failing = database.prisma.$transaction(async (transaction) => {
      await transaction.conversation.create({ data: create });
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await totals.read()).toMatchObject({ conversations: 0, messages: 0 });
    await database.prisma.conversation.create({ data: create });
    await database.prisma.conversation.updateMany({ data: { messageCount: 9, title: 'y' } });
    expect(await totals.read()).toMatchObject({ conversations: 1, messages: 9 });
  });
});

describe('systemStats', () => {
  it.each(['ws', 'sse'] as const)('comes at once and then again, over %s', async (transport) => {
    const { server, admin } = await start('pglite');
    const stream = subscribe(server, transport, admin.token, WATCH, { every: 1 });
    expect((await stream.next()).value.data.systemStats).toMatchObject({ users: 1, activeSubscriptions: 1 });
    await server.register();
    await expect.poll(async () => (await stream.next()).value.data.systemStats.users).toBe(2);
    await stream.return?.();
  });

  it('is for admins, and ends when one is no admin any more', async () => {
    const { server, admin } = await start('pglite');
    const other = await server.register();
    const refused = await subscribe(server, 'sse', other.token, WATCH).next();
    expect(refused.value.errors[0].extensions.code).toBe('FORBIDDEN');
    const role = (value: string) =>
      server.data(
        `mutation ($id: ID!) { updateUser(id: $id, role: ${value}) { role } }`,
        { id: other.id },
        admin.token,
      );
    await role('ADMIN');
    const login = `mutation { login(input: { username: "${other.username}", password: "a passphrase for tests" }) { accessToken } }`;
    const token = (await server.data(login)).login.accessToken;
    const streams = (['ws', 'sse'] as const).map((transport) =>
      subscribe(server, transport, token, WATCH, { every: 60 }),
    );
    for (const stream of streams) expect((await stream.next()).value.data.systemStats.users).toBe(2);
    const rest = Promise.allSettled(streams.map((stream) => stream.next()));
    await role('USER');
    const [overSocket, overEvents] = await rest;
    expect(overSocket).toMatchObject({ status: 'rejected', reason: expect.objectContaining({ code: 4403 }) });
    expect(overEvents).toMatchObject({ status: 'fulfilled', value: { done: true } });
  });

  it('wants something between a second and a minute', async () => {
    const { server, admin } = await start('pglite');
    for (const every of [0, 61]) {
      const result = await subscribe(server, 'sse', admin.token, WATCH, { every }).next();
      expect(result.value.errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });
});
