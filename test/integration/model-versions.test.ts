import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { decodeAnyId, encodeId } from '../../src/graphql/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';
import { CHAT, chatInput, eventsOf, watchToEnd } from '../support/turns.ts';

const FIELDS = 'id provider modelName versionTag notes createdAt updatedAt';
const CREATE = `mutation ($input: ModelVersionInput!) { createModelVersion(input: $input) { ${FIELDS} } }`;
const UPDATE = `mutation ($id: ID!, $input: ModelVersionInput!) {
  updateModelVersion(id: $id, input: $input) { ${FIELDS} }
}`;
const DELETE = 'mutation ($id: ID!) { deleteModelVersion(id: $id) }';
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String) {
  modelVersions(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { ${FIELDS} } }
  }
}`;
const NODE = `query ($id: ID!) { node(id: $id) { id ... on ModelVersion { ${FIELDS} } } }`;
const ANSWER = 'id cached userMessage { id modelVersion } assistantMessage { id status model modelVersion }';
const SEND = `mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { ${ANSWER} } }`;
const REGENERATE = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { ${ANSWER} } }`;

const input = (more: object = {}) => ({
  provider: 'OPENAI',
  modelName: `model-${randomUUID()}`,
  versionTag: 'v1',
  ...more,
});

/** Every moment is later than the one before it. */
function createClock(): () => Date {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Date.now());
    return new Date(last);
  };
}

describe.each(['pglite', 'postgresql'] as const)('versions of models on %s', (engine) => {
  let upstream: ScriptedUpstream;
  let server: TestServer;
  let [admin, user]: TestUser[] = [];
  const errors: unknown[] = [];

  beforeAll(async () => {
    upstream = await startScriptedUpstream({ script: () => ({ tokens: ['An ', 'answer.'] }) });
    const overrides = { now: createClock() };
    server = await startTestServer({ engine, shared: true, errors, openAiUrl: upstream.url, overrides });
    admin = await server.register('the-admin');
    user = await server.register();
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
  });

  const create = async (more: object = {}): Promise<Data> =>
    (await server.data(CREATE, { input: input(more) }, admin?.token)).createModelVersion;
  const remove = (id: string) => server.data(DELETE, { id }, admin?.token);
  const list = async (variables: object = {}): Promise<Data> =>
    (await server.data(LIST, { ...variables }, user?.token)).modelVersions;

  test('one is made, corrected and deleted', async () => {
    const name = `model-${randomUUID()}`;
    const made = await create({ modelName: `  ${name}\n`, versionTag: ' 2026-11-26 ', notes: '  Pulled today. ' });
    expect(made).toEqual({
      id: expect.any(String),
      provider: 'OPENAI',
      modelName: name,
      versionTag: '2026-11-26',
      notes: 'Pulled today.',
      createdAt: made.updatedAt,
      updatedAt: expect.stringMatching(/Z$/),
    });
    expect((await server.data(NODE, { id: made.id }, user?.token)).node).toEqual(made);

    const update = async (more: object) => {
      const variables = { id: made.id, input: input({ modelName: name, versionTag: 'v2', ...more }) };
      return (await server.data(UPDATE, variables, admin?.token)).updateModelVersion;
    };
    const updated = await update({ provider: 'LLAMA_CPP' });
    expect(updated).toEqual({
      ...made,
      provider: 'LLAMA_CPP',
      versionTag: 'v2',
      updatedAt: expect.not.stringMatching(made.updatedAt),
    });
    expect(await update({ notes: 'Other' })).toMatchObject({ provider: 'OPENAI', notes: 'Other' });
    expect(await update({ notes: '  ' })).toMatchObject({ notes: null });
    await update({ notes: 'Other' });
    expect(await update({ notes: null })).toMatchObject({ notes: null });

    expect(await remove(made.id)).toEqual({ deleteModelVersion: made.id });
    expect((await server.data(NODE, { id: made.id }, user?.token)).node).toBeNull();
  });

  test('only an admin changes them, and everybody who has signed in sees them', async () => {
    const made = await create();
    for (const [query, variables] of [
      [CREATE, { input: input() }],
      [UPDATE, { id: made.id, input: input() }],
      [DELETE, { id: made.id }],
    ] as const) {
      expect(codeOf(await server.request(query, { ...variables }, user?.token))).toBe('FORBIDDEN');
      expect(codeOf(await server.request(query, { ...variables }))).toBe('UNAUTHENTICATED');
    }
    expect(codeOf(await server.request(LIST))).toBe('UNAUTHENTICATED');
    expect((await list({ first: 1 })).edges[0].node).toEqual(made);
  });

  test('what is not there cannot be changed, and what is no id of one is refused', async () => {
    const made = await create();
    await remove(made.id);
    for (const id of [made.id, encodeId('ModelVersion', randomUUID())]) {
      expect(codeOf(await server.request(UPDATE, { id, input: input() }, admin?.token))).toBe('NOT_FOUND');
      expect(codeOf(await server.request(DELETE, { id }, admin?.token))).toBe('NOT_FOUND');
    }
    for (const id of ['', 'nonsense', encodeId('ModelVersion', '1'), encodeId('Message', randomUUID())]) {
      const expected = { code: 'BAD_USER_INPUT', fields: { id: expect.stringMatching(/./) } };
      expect(failure(await server.request(UPDATE, { id, input: input() }, admin?.token))).toMatchObject(expected);
      expect(failure(await server.request(DELETE, { id }, admin?.token))).toMatchObject(expected);
    }
  });

  test.each([
    [{ modelName: '' }, 'modelName'],
    [{ modelName: ' \t' }, 'modelName'],
    [{ modelName: 'x'.repeat(301) }, 'modelName'],
    [{ modelName: 'nul\0' }, 'modelName'],
    [{ versionTag: '\n' }, 'versionTag'],
    [{ versionTag: 'x'.repeat(101) }, 'versionTag'],
    [{ versionTag: 'nul\0' }, 'versionTag'],
    [{ notes: 'x'.repeat(5_001) }, 'notes'],
    [{ notes: 'nul\0' }, 'notes'],
  ])('%j is refused', async (more, field) => {
    const made = await create();
    const expected = { code: 'BAD_USER_INPUT', fields: { [`input.${field}`]: expect.stringMatching(/./) } };
    expect(failure(await server.request(CREATE, { input: input(more) }, admin?.token))).toMatchObject(expected);
    const update = { id: made.id, input: input(more) };
    expect(failure(await server.request(UPDATE, update, admin?.token))).toMatchObject(expected);
  });

  test('the longest that are taken, in the widest characters, can be stored', async () => {
    const widest = { modelName: '語'.repeat(300), versionTag: '版'.repeat(100), notes: '記'.repeat(5_000) };
    const made = await create(widest);
    expect(made).toMatchObject(widest);
    await remove(made.id);
    expect(await create({ versionTag: 'lone \ud800' })).toMatchObject({ versionTag: 'lone \ufffd' });
  });

  test('a model has a tag once', async () => {
    const { id, provider, modelName } = await create();
    const again = { provider, modelName, versionTag: ' v1 ' };
    expect(codeOf(await server.request(CREATE, { input: again }, admin?.token))).toBe('CONFLICT');
    const second = await create({ modelName, versionTag: 'v2' });
    const taken = await server.request(UPDATE, { id: second.id, input: again }, admin?.token);
    expect(codeOf(taken)).toBe('CONFLICT');
    // Its own stays its own, and another model or provider has tags of its own.
    await server.data(UPDATE, { id, input: again }, admin?.token);
    await create({ modelName, provider: 'AIHUB' });
    await create({ modelName: `${modelName}-mini` });

    const raced = input();
    const results = await Promise.all(
      Array.from({ length: 5 }, () => server.request(CREATE, { input: raced }, admin?.token)),
    );
    const codes = results.map(codeOf).sort();
    expect(codes).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', undefined]);
  });

  test('the list is paged both ways, the newest first, by one statement a page', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.unshift((await create()).id);
    const { totalCount } = await list({ first: 0 });
    const forward: Data[] = [];
    for (let after: string | null = null; ; ) {
      const page = await list({ first: 2, after });
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      forward.push(...page.edges);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    const ids = forward.map(({ node }) => node.id);
    expect(ids).toHaveLength(totalCount);
    expect(ids.slice(0, 5)).toEqual(made);
    expect(await list({ last: 2, before: forward[3]?.cursor })).toMatchObject({
      edges: [{ node: { id: made[1] } }, { node: { id: made[2] } }],
      pageInfo: { hasNextPage: true, hasPreviousPage: true },
    });
    expect(failure(await server.request(LIST, { after: 'nonsense' }, user?.token))).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { after: expect.stringMatching(/./) },
    });
    expect(codeOf(await server.request(LIST, { first: 101 }, user?.token))).toBe('BAD_USER_INPUT');
    const page = '{ modelVersions(first: 100) { edges { node { versionTag } } } }';
    expect(await statementsOf(() => server.data(page, {}, user?.token))).toHaveLength(1);
  });

  describe('in a turn', () => {
    const send = async (model: string, more: Data = {}): Promise<Data> =>
      (await server.data(SEND, { input: chatInput(model, more) }, user?.token)).sendMessage;
    const regenerate = async (messageId: string, more: Data = {}): Promise<Data> => {
      const variables = { input: { turnKey: randomUUID(), messageId, ...more } };
      return (await server.data(REGENERATE, variables, user?.token)).regenerate;
    };
    const tagOf = ({ assistantMessage }: Data): string | null => assistantMessage.modelVersion;
    const shownTags = async (turns: Data[]): Promise<(string | null)[]> => {
      const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Message { modelVersion } } }';
      const ids = turns.map(({ assistantMessage }) => assistantMessage.id);
      return (await server.data(query, { ids }, user?.token)).nodes.map((node: Data) => node.modelVersion);
    };

    test('the tag stands that was current when it began, whatever becomes of the record', async () => {
      const { modelName } = input();
      const turns = [await send(modelName)];
      const first = await create({ modelName });
      turns.push(await send(modelName));
      const second = await create({ modelName, versionTag: 'v2' });
      turns.push(await send(modelName));
      // Corrected, a record is as new as it was.
      await server.data(UPDATE, { id: first.id, input: input({ modelName, versionTag: 'v1.0' }) }, admin?.token);
      turns.push(await send(modelName));
      await remove(second.id);
      turns.push(await send(modelName));
      await remove(first.id);
      turns.push(await send(modelName));
      const expected = [null, 'v1', 'v2', 'v2', 'v1.0', null];
      expect(turns.map(tagOf)).toEqual(expected);
      expect(await shownTags(turns)).toEqual(expected);
      expect(turns.map(({ userMessage }) => userMessage.modelVersion)).toEqual(expected.map(() => null));
      expect(turns.map(({ assistantMessage }) => assistantMessage.status)).toEqual(expected.map(() => 'COMPLETE'));
    });

    test('another answer has the tag of when it is made, and of the model that makes it', async () => {
      const { modelName } = await create();
      const other = await create({ versionTag: 'other' });
      const turn = await send(modelName);
      await create({ modelName, versionTag: 'v2' });
      const again = await regenerate(turn.assistantMessage.id);
      const byOther = await regenerate(turn.userMessage.id, { model: `openai/${other.modelName}` });
      const byUnknown = await regenerate(turn.userMessage.id, { model: 'openai/unknown' });
      expect([turn, again, byOther, byUnknown].map(tagOf)).toEqual(['v1', 'v2', 'other', null]);
      expect(await shownTags([turn])).toEqual(['v1']);
    });

    test('it is that of the whole model id: its provider, its alias, its slashes', async () => {
      const { modelName } = input();
      await create({ modelName, provider: 'AIHUB', versionTag: 'of another provider' });
      await create({ modelName: `${modelName}/part`, versionTag: 'with a slash' });
      await create({ modelName, provider: 'OLLAMA', versionTag: 'local' });
      const turns = [await send(modelName), await send(`${modelName}/part`)];
      // Nobody answers there: the answer fails, and still says what was to make it.
      turns.push(await send('', { model: `local/${modelName}` }));
      expect(turns.map(tagOf)).toEqual([null, 'with a slash', 'local']);
      expect(turns[2]?.assistantMessage).toMatchObject({ status: 'FAILED', model: `ollama/${modelName}` });
    });

    test('of two that are equally new, that which is listed first is current', async () => {
      const { modelName } = input();
      const older = await create({ modelName, versionTag: 'a' });
      const newer = await create({ modelName, versionTag: 'b' });
      const createdAt = new Date(newer.createdAt);
      const where = { id: decodeAnyId(older.id).id };
      await server.app.database.prisma.modelVersion.update({ where, data: { createdAt } });
      const { edges } = await list({ first: 2 });
      expect(edges.map(({ node }: Data) => node.versionTag)).toEqual(['b', 'a']);
      expect(tagOf(await send(modelName))).toBe('b');
    });

    test('a stream tells it, and a retry joins the turn with the tag that it has', async () => {
      const { modelName } = await create();
      const key = chatInput(modelName);
      const turn = (await server.data(SEND, { input: key }, user?.token)).sendMessage;
      await create({ modelName, versionTag: 'v2' });
      const joined = (await server.data(SEND, { input: key }, user?.token)).sendMessage;
      expect(joined).toEqual(turn);
      expect(tagOf(joined)).toBe('v1');
      const query = CHAT.replace('message { id', 'message { id modelVersion');
      const stream = eventsOf(server, 'ws', user?.token ?? '', query, { input: chatInput(modelName) });
      expect((await watchToEnd(stream)).last.message).toMatchObject({ modelVersion: 'v2', content: 'An answer.' });
    });

    test('what is stored as it is has none', async () => {
      const { modelName } = await create();
      const stored = { prompt: 'A question', response: 'An answer', model: `openai/${modelName}` };
      const query = `mutation ($input: CreateConversationInput!) {
        createConversation(input: $input) { lastMessage { model modelVersion } }
      }`;
      const { createConversation } = await server.data(query, { input: stored }, user?.token);
      expect(createConversation.lastMessage).toEqual({ model: `openai/${modelName}`, modelVersion: null });
    });

    test('it costs no statement of its own', async () => {
      const { modelName } = await create();
      const statements = await statementsOf(async () => expect(tagOf(await send(modelName))).toBe('v1'));
      const asking = statements.filter((sql) => sql.includes('model_versions'));
      expect(asking).toHaveLength(1);
      expect(asking[0]).toContain('INSERT INTO turns');
    });
  });

  test('nothing of all this was a fault of the server', () => {
    expect(errors).toEqual([]);
  });
});

test('a cached answer is that of the version that made it', async () => {
  const upstream = await startScriptedUpstream({ script: () => ({ tokens: ['An ', 'answer.'] }) });
  onTestFinished(() => upstream.close());
  const server = await startTestServer({ openAiUrl: upstream.url, environment: { ENABLE_CACHE: 'true' } });
  const { token } = await server.register();
  const send = async () => {
    const { sendMessage } = await server.data(SEND, { input: chatInput('scripted') }, token);
    return [sendMessage.cached, sendMessage.assistantMessage.modelVersion];
  };
  const version = async (versionTag: string) => {
    const made = await server.data(CREATE, { input: input({ modelName: 'scripted', versionTag }) }, token);
    return made.createModelVersion.id as string;
  };
  expect([await send(), await send()]).toEqual([
    [false, null],
    [true, null],
  ]);
  await version('v1');
  expect([await send(), await send()]).toEqual([
    [false, 'v1'],
    [true, 'v1'],
  ]);
  const second = await version('v2');
  expect(await send()).toEqual([false, 'v2']);
  await server.data(DELETE, { id: second }, token);
  expect(await send()).toEqual([true, 'v1']);
});
