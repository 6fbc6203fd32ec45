import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { encodeId } from '../../src/graphql/ids.ts';
import { CREATE_KEY, createKey, KEY_FIELDS } from '../support/api-keys.ts';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { type Data, PASSWORD, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';

const LIST = `query ($first: Int, $after: String) {
  apiKeys(first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage } edges { node { ${KEY_FIELDS} } } }
}`;
const STATUS = `query ($secret: String!) {
  apiKeyStatus(secret: $secret) { exists active clientName collectionName systemPromptName lastUsedAt createdAt }
}`;
const DEACTIVATE = 'mutation ($id: ID!) { deactivateApiKey(id: $id) { id active deactivatedAt } }';
const DELETE = 'mutation ($id: ID!) { deleteApiKey(id: $id) }';
const SET_PROMPT = `mutation ($id: ID!, $systemPromptId: ID) {
  setApiKeyPrompt(id: $id, systemPromptId: $systemPromptId) { id systemPrompt { id } }
}`;
const CREATE_PROMPT = 'mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { id } }';
const VIEWER = `{ viewer { isAdmin user { id } apiKey { id clientName } } }`;
const AUDIT =
  '{ auditEvents(first: 50) { edges { node { actor actorId action target targetType targetId detail ip } } } }';

describe.each(['pglite', 'postgresql'] as const)('API keys on %s', (engine) => {
  let server: TestServer;
  let admin: TestUser;
  let user: TestUser;
  let now = new Date();
  const lines: unknown[] = [];

  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true, lines, overrides: { now: () => now } });
    admin = await server.register('the-admin');
    user = await server.register();
  });
  afterAll(() => server.close());

  const asAdmin = (query: string, variables: object = {}) => server.data(query, { ...variables }, admin.token);
  const attempt = (query: string, variables: object = {}) => server.request(query, { ...variables }, admin.token);
  const make = (input: object = {}) => createKey(server, admin.token, input);
  const viewerOf = async (secret: string) => (await server.data(VIEWER, {}, secret)).viewer;
  const isRefused = async (secret: string) => codeOf(await server.request(VIEWER, {}, secret)) === 'UNAUTHENTICATED';
  const keyEvents = async (id: string): Promise<Data[]> =>
    (await asAdmin(AUDIT)).auditEvents.edges
      .map(({ node }: Data) => node)
      .filter(({ targetId }: Data) => targetId === id)
      .reverse();
  const makePrompt = async () =>
    (await asAdmin(CREATE_PROMPT, { input: { name: randomUUID(), text: 'a text' } })).createSystemPrompt.id as string;
  const makeCollection = async (token = user.token) =>
    (await server.data('mutation { createCollection(name: "the collection") { id } }', {}, token)).createCollection
      .id as string;

  test('is made with all that it is bound to, and its secret is told once and kept nowhere', async () => {
    const [collectionId, systemPromptId] = [await makeCollection(), await makePrompt()];
    const input = {
      clientName: `  Ünïcode ${randomUUID()} `,
      notes: 'for the shop',
      collectionId,
      systemPromptId,
      requestsPerMinute: 10,
      tokensPerDay: 1_000,
      expiresAt: '2999-01-01T00:00:00.000Z',
    };
    const { secret, apiKey } = await make(input);
    expect(secret).toMatch(/^api_[\w-]{43}$/);
    expect(apiKey).toMatchObject({
      prefix: secret.slice(0, 12),
      clientName: input.clientName.trim().normalize('NFC'),
      notes: 'for the shop',
      active: true,
      requestsPerMinute: 10,
      tokensPerDay: 1_000,
      tokensUsedToday: 0,
      expiresAt: input.expiresAt,
      lastUsedAt: null,
      collection: { id: collectionId, name: 'the collection' },
      systemPrompt: { id: systemPromptId },
    });
    expect(await viewerOf(secret)).toEqual({
      isAdmin: false,
      user: null,
      apiKey: { id: apiKey.id, clientName: apiKey.clientName },
    });
    const { sql } = server.app.database;
    const tables = await sql.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
      [],
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const rows = await sql.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`, []);
      expect(rows.filter(({ row }) => row.includes(secret.slice(12)))).toEqual([]);
    }
    expect(JSON.stringify(lines)).not.toContain(secret.slice(12));
  });

  test('is made with a prompt of its own, or not at all', async () => {
    const clientName = randomUUID();
    const prompt = { name: `prompt-${randomUUID()}`, text: 'be brief' };
    const { apiKey } = await make({ clientName, prompt });
    expect(apiKey.systemPrompt.name).toBe(prompt.name);
    // Neither is made where the other is refused.
    const other = { name: `prompt-${randomUUID()}`, text: 'be brief' };
    expect(codeOf(await attempt(CREATE_KEY, { input: { clientName, prompt: other } }))).toBe('CONFLICT');
    const { prisma } = server.app.database;
    expect(await prisma.systemPrompt.count({ where: { name: other.name } })).toBe(0);
    expect(codeOf(await attempt(CREATE_KEY, { input: { clientName: randomUUID(), prompt } }))).toBe('CONFLICT');
    const owners = await prisma.user.count({ where: { kind: 'KEY' } });
    expect(await prisma.apiKey.count()).toBe(owners);
  });

  test('a name is taken whatever its case', async () => {
    const clientName = `Ｓhop ${randomUUID()}`;
    await make({ clientName });
    const taken = await attempt(CREATE_KEY, { input: { clientName: clientName.normalize('NFKC').toUpperCase() } });
    expect(failure(taken)).toMatchObject({ code: 'CONFLICT', fields: { 'input.clientName': expect.any(String) } });
  });

  test.each<[string, object, string, string?]>([
    ['no name', { clientName: ' ' }, 'BAD_USER_INPUT', 'input.clientName'],
    ['a long name', { clientName: 'x'.repeat(201) }, 'BAD_USER_INPUT', 'input.clientName'],
    ['NUL in the name', { clientName: 'a\0b' }, 'BAD_USER_INPUT', 'input.clientName'],
    ['long notes', { notes: 'x'.repeat(5_001) }, 'BAD_USER_INPUT', 'input.notes'],
    ['no requests', { requestsPerMinute: 0 }, 'BAD_USER_INPUT', 'input.requestsPerMinute'],
    ['negative requests', { requestsPerMinute: -1 }, 'BAD_USER_INPUT', 'input.requestsPerMinute'],
    ['negative tokens', { tokensPerDay: -1 }, 'BAD_USER_INPUT', 'input.tokensPerDay'],
    ['an end in the past', { expiresAt: '2001-01-01T00:00:00Z' }, 'BAD_USER_INPUT', 'input.expiresAt'],
    ['an unknown collection', { collectionId: encodeId('Collection', randomUUID()) }, 'NOT_FOUND'],
    ['an unknown prompt', { systemPromptId: encodeId('SystemPrompt', randomUUID()) }, 'NOT_FOUND'],
    ['another type’s id', { collectionId: encodeId('File', randomUUID()) }, 'BAD_USER_INPUT', 'input.collectionId'],
    ['no id', { systemPromptId: 'nonsense' }, 'BAD_USER_INPUT', 'input.systemPromptId'],
  ])('is not made with %s', async (_name, input, code, field) => {
    const before = await server.app.database.prisma.user.count();
    const result = failure(await attempt(CREATE_KEY, { input: { clientName: randomUUID(), ...input } }));
    expect(result).toMatchObject({ code, ...(field && { fields: { [field]: expect.stringMatching(/./) } }) });
    expect(await server.app.database.prisma.user.count()).toBe(before);
  });

  test('is not made with two prompts', async () => {
    const prompt = { name: randomUUID(), text: 'x' };
    const input = { clientName: randomUUID(), systemPromptId: await makePrompt(), prompt };
    expect(failure(await attempt(CREATE_KEY, { input }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { 'input.prompt': expect.stringMatching(/./) },
    });
  });

  test('keys are listed in pages, in as many statements for many as for few', async () => {
    for (let index = 0; index < 3; index += 1) await make();
    const first = (await asAdmin(LIST, { first: 2 })).apiKeys;
    expect(first.edges).toHaveLength(2);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = (await asAdmin(LIST, { first: 2, after: first.pageInfo.endCursor })).apiKeys;
    const ids = [...first.edges, ...second.edges].map(({ node }: Data) => node.id);
    expect(new Set(ids).size).toBe(4);
    expect(first.totalCount).toBe(await server.app.database.prisma.apiKey.count());
    const few = await statementsOf(() => asAdmin(LIST, { first: 1 }));
    const many = await statementsOf(() => asAdmin(LIST, { first: 20 }));
    expect(many.length).toBe(few.length);
  });

  test('the status of a secret: of one that is known, and the same for what is unknown and what is none', async () => {
    const collectionId = await makeCollection();
    const { secret, apiKey } = await make({ collectionId });
    const statusOf = async (of: string) => (await asAdmin(STATUS, { secret: of })).apiKeyStatus;
    expect(await statusOf(secret)).toEqual({
      exists: true,
      active: true,
      clientName: apiKey.clientName,
      collectionName: 'the collection',
      systemPromptName: null,
      lastUsedAt: null,
      createdAt: apiKey.createdAt,
    });
    const unknown = await statusOf(`api_${'x'.repeat(43)}`);
    expect(unknown).toMatchObject({ exists: false, active: false, clientName: null });
    expect(await statusOf('')).toEqual(unknown);
    await asAdmin(DEACTIVATE, { id: apiKey.id });
    expect(await statusOf(secret)).toMatchObject({ exists: true, active: false });
    expect(JSON.stringify(lines)).not.toContain(secret.slice(12));
  });

  test('the last use is known to the minute, and costs no statement within it', async () => {
    const { secret, id } = await make();
    const lastUse = async () =>
      (await asAdmin('query ($id: ID!) { node(id: $id) { ... on ApiKey { lastUsedAt } } }', { id })).node.lastUsedAt;
    await viewerOf(secret);
    await expect.poll(lastUse).toBe(now.toISOString());
    expect(await statementsOf(() => server.data('{ viewer { isAdmin } }', {}, secret))).toEqual([]);
    const used = now;
    onTestFinished(() => {
      now = used;
    });
    now = new Date(used.getTime() + 61_000);
    await viewerOf(secret);
    await expect.poll(lastUse).toBe(now.toISOString());
  });

  test('ends at once when it is deactivated, with what is open, and what comes after is put down once', async () => {
    const { secret, id, apiKey } = await make();
    const { closed } = await openGraphqlSocket(server, { token: secret });
    expect((await viewerOf(secret)).apiKey.id).toBe(id);
    expect((await asAdmin(DEACTIVATE, { id })).deactivateApiKey).toEqual({
      id,
      active: false,
      deactivatedAt: now.toISOString(),
    });
    expect((await closed).code).toBe(4403);
    for (let count = 0; count < 3; count += 1) expect(await isRefused(secret)).toBe(true);
    // A second time changes nothing.
    await asAdmin(DEACTIVATE, { id });
    const events = await keyEvents(id);
    expect(events.map(({ action }) => action)).toEqual(['api-key-created', 'api-key-deactivated', 'api-key-refused']);
    expect(events[0]).toMatchObject({ actor: 'the-admin', actorId: admin.id, targetType: 'ApiKey' });
    expect(events[2]).toMatchObject({
      actor: apiKey.clientName,
      actorId: null,
      ip: '127.0.0.1',
      detail: { reason: 'deactivated' },
    });
    expect(JSON.stringify(events)).not.toContain(secret.slice(12));
  });

  test('ends by itself when its time is over, with what is open', async () => {
    const expiresAt = new Date(now.getTime() + 60_000);
    const { secret, id } = await make({ expiresAt: expiresAt.toISOString() });
    expect((await viewerOf(secret)).apiKey.id).toBe(id);
    const before = now;
    onTestFinished(() => {
      now = before;
    });
    now = new Date(expiresAt.getTime() - 1_000);
    const { closed } = await openGraphqlSocket(server, { token: secret });
    now = expiresAt;
    expect((await closed).code).toBe(4403);
    expect(await isRefused(secret)).toBe(true);
    const node = 'query ($id: ID!) { node(id: $id) { ... on ApiKey { active } } }';
    expect((await server.data(node, { id }, (await signInAgain()).token)).node.active).toBe(false);
  });

  /** The clock may have gone on beyond the end of an access token. */
  async function signInAgain() {
    const input = { username: admin.username, password: PASSWORD };
    const { login } = await server.data('mutation ($input: LoginInput!) { login(input: $input) { accessToken } }', {
      input,
    });
    return { token: login.accessToken as string };
  }

  test('is deleted with all that was made with it, and nothing else', async () => {
    const { prisma } = server.app.database;
    const { secret, id } = await make();
    const other = await make();
    const create = 'mutation { createConversation(input: { prompt: "hello" }) { id } }';
    const { createConversation } = await server.data(create, {}, secret);
    await server.data(create, {}, other.secret);
    const { closed } = await openGraphqlSocket(server, { token: secret });
    const owners = await prisma.user.count({ where: { kind: 'KEY' } });
    const conversations = await prisma.conversation.count();
    expect((await asAdmin(DELETE, { id })).deleteApiKey).toBe(id);
    expect((await closed).code).toBe(4403);
    expect(await isRefused(secret)).toBe(true);
    expect(await prisma.user.count({ where: { kind: 'KEY' } })).toBe(owners - 1);
    expect(await prisma.conversation.count()).toBe(conversations - 1);
    const found = await server.data(
      'query ($id: ID!) { conversation(id: $id) { id } }',
      createConversation,
      other.secret,
    );
    expect(found.conversation).toBeNull();
    expect(codeOf(await attempt(DELETE, { id }))).toBe('NOT_FOUND');
    const actions = (await keyEvents(id)).map(({ action }) => action);
    expect(actions).toEqual(['api-key-created', 'api-key-deletion-begun', 'api-key-deleted']);
  });

  test('gets another prompt, which is not deleted while keys have it', async () => {
    const [one, other] = [await makePrompt(), await makePrompt()];
    const { id, apiKey } = await make({ systemPromptId: one });
    const second = await make({ systemPromptId: one });
    const remove = (prompt: string) => attempt('mutation ($id: ID!) { deleteSystemPrompt(id: $id) }', { id: prompt });
    const inUse = await remove(one);
    expect(codeOf(inUse)).toBe('CONFLICT');
    for (const name of [apiKey.clientName, second.apiKey.clientName]) {
      expect(inUse.errors?.[0]?.message).toContain(`"${name}"`);
    }
    const users =
      'query ($id: ID!) { systemPrompt(id: $id) { apiKeys(first: 1) { totalCount edges { node { id } } } } }';
    expect((await asAdmin(users, { id: one })).systemPrompt.apiKeys).toEqual({
      totalCount: 2,
      edges: [{ node: { id: second.id } }],
    });
    expect((await asAdmin(SET_PROMPT, { id, systemPromptId: other })).setApiKeyPrompt.systemPrompt.id).toBe(other);
    expect((await asAdmin(SET_PROMPT, { id: second.id })).setApiKeyPrompt.systemPrompt).toBeNull();
    expect(codeOf(await remove(one))).toBeUndefined();
    const unknown = { id, systemPromptId: encodeId('SystemPrompt', randomUUID()) };
    expect(codeOf(await attempt(SET_PROMPT, unknown))).toBe('NOT_FOUND');
    expect((await keyEvents(id)).map(({ action }) => action)).toEqual(['api-key-created', 'api-key-prompt-set']);
  });

  test('is nobody among people: in no list, with no account, and no admin', async () => {
    const { prisma } = server.app.database;
    const { apiKey, id } = await make({ clientName: `somebody-${randomUUID().slice(0, 8)}` });
    const { users } = await asAdmin('query ($text: String) { users(text: $text) { totalCount } }', {
      text: 'somebody-',
    });
    expect(users.totalCount).toBe(0);
    const all = (await asAdmin('{ users(first: 100) { totalCount edges { node { username } } } }')).users;
    expect(all.totalCount).toBe(await prisma.user.count({ where: { kind: 'PERSON' } }));
    expect(all.edges).toHaveLength(all.totalCount);
    const row = await prisma.apiKey.findFirstOrThrow({
      where: { clientName: apiKey.clientName },
      include: { user: true },
    });
    const account = encodeId('User', row.userId);
    expect((await asAdmin('query ($id: ID!) { node(id: $id) { id } }', { id: account })).node).toBeNull();
    for (const field of ['updateUser(id: $id, role: ADMIN) { id }', 'deleteUser(id: $id)']) {
      expect(codeOf(await attempt(`mutation ($id: ID!) { ${field} }`, { id: account }))).toBe('NOT_FOUND');
    }
    for (const username of [apiKey.clientName, row.user.usernameKey]) {
      const input = { username, password: '' };
      const login = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
      expect(codeOf(await server.request(login, { input }))).toBe('UNAUTHENTICATED');
    }
    // The name of a client is no username.
    expect((await server.register(apiKey.clientName)).username).toBe(apiKey.clientName);
    await expect(prisma.user.update({ where: { id: row.userId }, data: { role: 'ADMIN' } })).rejects.toThrow();
    expect((await asAdmin('query ($id: ID!) { node(id: $id) { id } }', { id })).node.id).toBe(id);
  });

  test('only admins have to do with keys', async () => {
    const { secret, id } = await make();
    const operations: [string, object][] = [
      ['{ apiKeys { totalCount } }', {}],
      [STATUS, { secret }],
      [CREATE_KEY, { input: { clientName: randomUUID() } }],
      [DEACTIVATE, { id }],
      [DELETE, { id }],
      [SET_PROMPT, { id }],
    ];
    for (const [query, variables] of operations) {
      const codes = [user.token, secret, undefined].map(async (token) =>
        codeOf(await server.request(query, { ...variables }, token)),
      );
      expect(await Promise.all(codes)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'UNAUTHENTICATED']);
    }
  });
});

test('a key can be ended while it uploads into a collection that is being deleted', async () => {
  const server = await startTestServer({ engine: 'postgresql', environment: { WORKER_ENABLED: 'false' } });
  const admin = await server.register();
  const { createCollection } = await server.data('mutation { createCollection(name: "C") { id } }', {}, admin.token);
  const { id } = await createKey(server, admin.token, { collectionId: createCollection.id });
  const { prisma } = server.app.database;
  const { userId, collectionId } = await prisma.apiKey.findFirstOrThrow();
  const waiters = async () => {
    const [row] = await prisma.$queryRaw<[{ count: number }]>`
      SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return row.count;
  };
  const [uploads, deletes, goOn] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  // As add-file.ts and collections.ts lock their rows.
  const uploading = prisma.$transaction(async (transaction) => {
    await transaction.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
    uploads.resolve();
    await goOn.promise;
    await transaction.$queryRaw`SELECT 1 FROM collections WHERE id = ${collectionId}::uuid FOR KEY SHARE`;
  });
  const deleting = prisma.$transaction(async (transaction) => {
    await transaction.$queryRaw`SELECT 1 FROM collections WHERE id = ${collectionId}::uuid FOR UPDATE`;
    deletes.resolve();
    await goOn.promise;
    await expect.poll(waiters).toBe(2);
    await transaction.$executeRaw`DELETE FROM collections WHERE id = ${collectionId}::uuid`;
  });
  await Promise.all([uploads.promise, deletes.promise]);
  const ending = server.data(DEACTIVATE, { id }, admin.token);
  await expect.poll(waiters).toBe(1);
  goOn.resolve();
  await Promise.all([uploading, deleting]);
  expect((await ending).deactivateApiKey).toMatchObject({ id, active: false });
});
