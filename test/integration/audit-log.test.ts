import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { encodeId } from '../../src/graphql/ids.ts';
import { createAudit } from '../../src/services/audit/audit.ts';
import { createId } from '../../src/util/ids.ts';
import { codeOf } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { type ScriptedOllama, startScriptedOllama } from '../support/scripted-ollama.ts';
import {
  type Data,
  openTestDatabase,
  PASSWORD,
  startTestServer,
  type TestServer,
  type TestUser,
} from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';

const FIELDS = 'id at actor actorId action target targetType targetId detail ip';
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String) {
  auditEvents(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { ${FIELDS} } }
  }
}`;
const NODE = 'query ($id: ID!) { node(id: $id) { __typename id } }';
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { accessToken } }';
const VERSION = { provider: 'OPENAI', modelName: 'gpt', versionTag: 'v1', notes: 'not for the log' };
const NEVER = { targetType: null, targetId: null, target: null };

describe.each(['pglite', 'postgresql'] as const)('the audit log on %s', (engine) => {
  let ollama: ScriptedOllama;
  let server: TestServer;
  let admin: TestUser;
  let user: TestUser;
  const errors: unknown[] = [];

  beforeAll(async () => {
    ollama = await startScriptedOllama({ models: [], pulls: { 'tiny:1b': { layers: [10] } } });
    const environment = { OLLAMA_BASE_URL: ollama.url, LOGIN_ATTEMPTS_PER_MINUTE: '100', ENABLE_CACHE: 'true' };
    server = await startTestServer({ engine, shared: true, errors, environment });
    admin = await server.register('the-admin');
    user = await server.register();
  });
  afterAll(async () => {
    await server.close();
    await ollama.close();
  });

  const list = async (variables: object = {}): Promise<Data> =>
    (await server.data(LIST, { ...variables }, admin.token)).auditEvents;
  const eventsOf = ({ edges }: Data): Data[] => edges.map(({ node }: Data) => node);
  /** What `work` has put down, the oldest first. */
  async function recorded(work: () => Promise<unknown>): Promise<Data[]> {
    const { totalCount: before } = await list({ first: 1 });
    await work();
    const after = await list({ first: 50 });
    return eventsOf(after)
      .slice(0, after.totalCount - before)
      .reverse();
  }
  const asAdmin = (query: string, variables: object = {}) => server.data(query, { ...variables }, admin.token);
  const by = (action: string, more: object) => ({
    id: expect.any(String),
    at: expect.stringMatching(/Z$/),
    actor: 'the-admin',
    actorId: admin.id,
    ip: '127.0.0.1',
    action,
    detail: null,
    ...NEVER,
    ...more,
  });

  test('people who are made, changed and deleted are in it, without their passwords', async () => {
    const username = `made-${randomUUID().slice(0, 8)}`;
    let id = '';
    const events = await recorded(async () => {
      const input = { username, password: PASSWORD, email: `${username}@example.com` };
      const made = await asAdmin('mutation ($input: RegisterInput!) { createUser(input: $input) { id } }', { input });
      id = made.createUser.id;
      await asAdmin('mutation ($id: ID!) { updateUser(id: $id, role: ADMIN, email: null) { id } }', { id });
      // Nothing is another than it was.
      await asAdmin('mutation ($id: ID!) { updateUser(id: $id, role: ADMIN, disabled: false) { id } }', { id });
      await asAdmin('mutation ($id: ID!) { updateUser(id: $id, disabled: true) { id } }', { id });
      await asAdmin('mutation ($id: ID!) { deleteUser(id: $id) }', { id });
    });
    const subject = { target: username, targetType: 'User', targetId: id };
    expect(events).toEqual([
      by('user-created', { ...subject, detail: { role: 'USER', email: `${username}@example.com` } }),
      by('user-changed', { ...subject, detail: { role: 'ADMIN', email: null } }),
      by('user-changed', { ...subject, detail: { disabled: true } }),
      by('user-deletion-begun', subject),
      by('user-deleted', subject),
    ]);
  });

  test('versions of models are', async () => {
    let id = '';
    const events = await recorded(async () => {
      const create = 'mutation ($input: ModelVersionInput!) { createModelVersion(input: $input) { id } }';
      id = (await asAdmin(create, { input: VERSION })).createModelVersion.id;
      const update =
        'mutation ($id: ID!, $input: ModelVersionInput!) { updateModelVersion(id: $id, input: $input) { id } }';
      await asAdmin(update, { id, input: { ...VERSION, versionTag: 'v2' } });
      await asAdmin('mutation ($id: ID!) { deleteModelVersion(id: $id) }', { id });
    });
    const subject = (tag: string) => ({ target: `openai/gpt ${tag}`, targetType: 'ModelVersion', targetId: id });
    expect(events).toEqual([
      by('model-version-created', subject('v1')),
      by('model-version-changed', subject('v2')),
      by('model-version-deleted', subject('v2')),
    ]);
  });

  test('system prompts are, all that becomes of them, without their texts', async () => {
    const name = `prompt-${randomUUID()}`;
    let id = '';
    let bound = '';
    const events = await recorded(async () => {
      const create = 'mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { id } }';
      id = (await asAdmin(create, { input: { name, text: 'not for the log' } })).createSystemPrompt.id;
      const update = 'mutation ($input: UpdateSystemPromptInput!) { updateSystemPrompt(input: $input) { id } }';
      await asAdmin(update, { input: { id, text: 'nor this' } });
      await asAdmin(update, { input: { id, name: `${name}-2` } });
      await asAdmin('mutation ($id: ID!) { restoreSystemPrompt(id: $id, revision: 1) { id } }', { id });
      await asAdmin('mutation ($id: ID!) { deleteSystemPrompt(id: $id) }', { id });
      const input = { clientName: name, prompt: { name, text: 'be brief' } };
      const key =
        'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { systemPrompt { id } } } }';
      bound = (await asAdmin(key, { input })).createApiKey.apiKey.systemPrompt.id;
      // In use: it stays.
      await server.request('mutation ($id: ID!) { deleteSystemPrompt(id: $id) }', { id: bound }, admin.token);
    });
    const subject = (target: string, targetId: string) => ({ target, targetType: 'SystemPrompt', targetId });
    expect(events.slice(0, -1)).toEqual([
      by('system-prompt-created', subject(name, id)),
      by('system-prompt-changed', { ...subject(name, id), detail: { revision: 2 } }),
      by('system-prompt-changed', { ...subject(name, id), detail: { revision: 3, name: `${name}-2` } }),
      by('system-prompt-restored', { ...subject(`${name}-2`, id), detail: { revision: 4, from: 1 } }),
      by('system-prompt-deleted', subject(`${name}-2`, id)),
      by('system-prompt-created', subject(name, bound)),
    ]);
    expect(events.at(-1)?.action).toBe('api-key-created');
  });

  test('collections for everybody are, and nobody’s own', async () => {
    const create = `mutation ($visibility: Visibility) { createCollection(name: "Rules", visibility: $visibility) { id } }`;
    const make = async (visibility: string) => (await asAdmin(create, { visibility })).createCollection.id as string;
    let id = '';
    const events = await recorded(async () => {
      const own = await make('PRIVATE');
      id = await make('SHARED');
      for (const one of [own, id]) {
        await asAdmin('mutation ($id: ID!) { updateCollection(id: $id, name: "Laws") { id } }', { id: one });
        await asAdmin('mutation ($id: ID!) { deleteCollection(id: $id) }', { id: one });
      }
    });
    const subject = (target: string) => ({ target, targetType: 'Collection', targetId: id });
    expect(events).toEqual([
      by('collection-created', subject('Rules')),
      by('collection-changed', { ...subject('Laws'), detail: { name: 'Laws' } }),
      by('collection-deletion-begun', subject('Laws')),
      by('collection-deleted', subject('Laws')),
    ]);
  });

  test('models that are pulled and removed, the cache and reading anew are', async () => {
    const model = 'ollama/tiny:1b';
    const { createCollection } = await asAdmin('mutation { createCollection(name: "C") { id } }');
    const events = await recorded(async () => {
      await asAdmin('mutation ($model: String!) { pullModel(model: $model) { done } }', { model });
      await expect
        .poll(async () => (await asAdmin('{ models(provider: OLLAMA) { id } }')).models)
        .toEqual([{ id: model }]);
      await asAdmin('mutation ($model: String!) { cancelModelPull(model: $model) }', { model });
      await asAdmin('mutation ($model: String!) { removeModel(model: $model) }', { model });
      await asAdmin('mutation { flushCache }');
      await asAdmin('mutation { reindex }');
      await asAdmin('mutation ($id: ID!) { reindex(collectionId: $id, all: true) }', { id: createCollection.id });
    });
    const subject = { target: model, targetType: 'Model' };
    expect(events).toEqual([
      by('model-pull-ordered', subject),
      by('model-pull-cancelled', subject),
      by('model-removed', subject),
      by('cache-flushed', { detail: { entries: 0 } }),
      by('reindex-ordered', { detail: { all: false } }),
      by('reindex-ordered', { targetType: 'Collection', targetId: createCollection.id, detail: { all: true } }),
    ]);
  });

  test('what was refused is not, but for sign-ins that have failed', async () => {
    const leaving = await server.register();
    await asAdmin('mutation ($id: ID!) { updateUser(id: $id, disabled: true) { id } }', { id: leaving.id });
    const login = async (username: string, password: string) =>
      expect(codeOf(await server.request(LOGIN, { input: { username, password } }))).toBe('UNAUTHENTICATED');
    const events = await recorded(async () => {
      await login(user.username, 'wrong');
      await login(leaving.username, PASSWORD);
      await login('my-secret-typed-too-early', 'wrong');
      await server.data(LOGIN, { input: { username: user.username, password: PASSWORD } });
      await server.request('mutation { flushCache }', {}, user.token);
      await server.request('mutation { removeModel(model: "ollama/none") }', {}, admin.token);
      const taken = { input: { username: user.username, password: PASSWORD } };
      await server.request(
        'mutation ($input: RegisterInput!) { createUser(input: $input) { id } }',
        taken,
        admin.token,
      );
    });
    const failed = { actor: 'anonymous', actorId: null };
    const of = ({ username, id }: TestUser) => ({ target: username, targetType: 'User', targetId: id });
    expect(events).toEqual([
      by('login-failed', { ...failed, ...of(user), detail: { reason: 'wrong password' } }),
      by('login-failed', { ...failed, ...of(leaving), detail: { reason: 'disabled account' } }),
      by('login-failed', { ...failed, detail: { reason: 'unknown account' } }),
    ]);
  });

  test('what is done over a socket has its address', async () => {
    const events = await recorded(async () => {
      const { subscribe, take } = await openGraphqlSocket(server, { token: admin.token });
      subscribe('one', 'mutation { flushCache }');
      await take('complete', 'one');
    });
    expect(events).toEqual([by('cache-flushed', { detail: { entries: 0 } })]);
  });

  test('it is read by pages, the newest first, by admins alone', async () => {
    for (let count = 0; count < 3; count++) await asAdmin('mutation { flushCache }');
    const whole = await list({ first: 100 });
    const ids = eventsOf(whole).map(({ id }) => id);
    const times = eventsOf(whole).map(({ at }) => at);
    expect(ids).toHaveLength(whole.totalCount);
    expect(times).toEqual([...times].sort().reverse());
    const first = await list({ first: 2 });
    const next = await list({ first: 2, after: first.pageInfo.endCursor });
    expect([...eventsOf(first), ...eventsOf(next)].map(({ id }) => id)).toEqual(ids.slice(0, 4));
    const last = await list({ last: 1 });
    expect(eventsOf(last).map(({ id }) => id)).toEqual(ids.slice(-1));
    expect(await statementsOf(() => list({ first: 2 }))).toHaveLength(2);

    expect((await server.data(NODE, { id: ids[0] }, admin.token)).node).toEqual({
      __typename: 'AuditEvent',
      id: ids[0],
    });
    const unknown = encodeId('AuditEvent', randomUUID());
    for (const id of [ids[0], unknown]) expect((await server.data(NODE, { id }, user.token)).node).toBeNull();
    expect(codeOf(await server.request(LIST, {}, user.token))).toBe('FORBIDDEN');
    expect(codeOf(await server.request(LIST))).toBe('UNAUTHENTICATED');
  });

  test('nobody changes what is in it', async () => {
    const { prisma } = server.app.database;
    const change = `UPDATE audit_events SET actor_name = 'somebody else'`;
    await expect(server.app.database.sql.query(change)).rejects.toThrow(/append-only/);
    expect(await prisma.auditEvent.count({ where: { actorName: 'somebody else' } })).toBe(0);
  });

  test('nothing of all this was a fault of the server', () => {
    expect(errors).toEqual([]);
  });

  test('what is older than it is kept for is removed, in batches, and nothing else', async () => {
    const database = await openTestDatabase(engine);
    onTestFinished(database.dispose);
    const { prisma } = database;
    const at = (day: number) => new Date(Date.UTC(2026, 0, day));
    await prisma.auditEvent.createMany({
      data: Array.from({ length: 2_500 }, (_, index) => ({
        id: createId(),
        createdAt: at(index < 2_400 ? 1 : 20),
        actorName: 'somebody',
        action: 'cache-flushed',
      })),
    });
    const { purge } = createAudit({ prisma, now: () => at(31), createId, retentionDays: 20 });
    let removed = 0;
    const statements = await statementsOf(async () => {
      removed = await purge();
    });
    expect(removed).toBe(2_400);
    expect(statements).toHaveLength(3);
    expect(await prisma.auditEvent.count()).toBe(100);
    expect(await purge()).toBe(0);
  });
});

test.each([
  ['false', '127.0.0.1'],
  ['true', '203.0.113.9'],
  ['2', '198.51.100.7'],
])('with TRUST_PROXY=%s the address is %s', async (TRUST_PROXY, ip) => {
  const server = await startTestServer({ environment: { TRUST_PROXY } });
  const admin = await server.register();
  const headers = { 'x-forwarded-for': '192.0.2.66, 198.51.100.7, 203.0.113.9' };
  await fetch(server.graphqlUrl, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', authorization: `Bearer ${admin.token}` },
    body: JSON.stringify({ query: 'mutation { flushCache }' }),
  });
  const socket = await openGraphqlSocket(server, { token: admin.token, headers });
  socket.subscribe('one', 'mutation { flushCache }');
  await socket.take('complete', 'one');
  const { auditEvents } = await server.data('{ auditEvents { edges { node { ip } } } }', {}, admin.token);
  expect(auditEvents.edges).toEqual([{ node: { ip } }, { node: { ip } }]);
});
