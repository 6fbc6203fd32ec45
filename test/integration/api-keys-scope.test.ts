import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId } from '../../src/graphql/ids.ts';
import { createKey, type TestKey } from '../support/api-keys.ts';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { rootFields, shortestDocument } from '../support/schema-walk.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { seedFile } from '../support/seeded-files.ts';
import { type Data, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { CHAT, eventsOf, watchToEnd } from '../support/turns.ts';
import { postFile, someText, uploadFile } from '../support/uploads.ts';

/** All that a key may do. What is not named here is FORBIDDEN, also when it is new. */
const FOR_KEYS = [
  'chat',
  'collections',
  'conversation',
  'conversationChanged',
  'conversationDeleted',
  'conversations',
  'createConversation',
  'deleteConversation',
  'deleteFile',
  'file',
  'fileProgress',
  'files',
  'models',
  'node',
  'nodes',
  'providers',
  'rateMessage',
  'regenerate',
  'retryFile',
  'search',
  'sendMessage',
  'stats',
  'stopTurn',
  'turn',
  'updateConversation',
];
const OPEN = ['health', 'login', 'refresh', 'register', 'viewer'];
/** It cannot be asked for without a file. */
const WITH_FILE = ['uploadFile', 'importConversations'];

const SEND = `mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) {
  id conversation { id } assistantMessage { id status content systemPromptId systemPromptRevision
    citations { passage { text file { id } } } usage { totalTokens } }
} }`;
const REGENERATE = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) {
  assistantMessage { systemPromptId systemPromptRevision }
} }`;
const SEARCH = 'query ($input: SearchInput!) { search(input: $input) { text file { id } } }';
const CREATE_PROMPT = 'mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { id } }';

describe.each(['pglite', 'postgresql'] as const)('what an API key may do, on %s', (engine) => {
  let upstream: ScriptedUpstream;
  let server: TestServer;
  let admin: TestUser;
  let owner: TestUser;
  /** Bound to the collection of `owner`, with a prompt. */
  let key: TestKey;
  let sibling: TestKey;
  let unbound: TestKey;
  let bound: string;
  let shared: string;
  let prompt: string;
  const files = {} as Record<'bound' | 'shared' | 'loose', string>;

  beforeAll(async () => {
    upstream = await startScriptedUpstream({
      script: ({ messages }) => {
        const told = messages.filter(({ role }: Data) => role === 'system').map(({ content }: Data) => content);
        return { tokens: [JSON.stringify(told)] };
      },
    });
    server = await startTestServer({
      engine,
      shared: true,
      openAiUrl: upstream.url,
      environment: { DEFAULT_MODEL: 'openai/scripted', DEFAULT_SYSTEM_PROMPT: 'the default', WORKER_ENABLED: 'false' },
    });
    admin = await server.register('the-admin');
    owner = await server.register();
    bound = await makeCollection('bound', 'PRIVATE', owner.token);
    shared = await makeCollection('for all', 'SHARED', admin.token);
    files.bound = await seedFile(server, owner, { chunks: ['The harbour has a crane.'], collectionId: bound });
    files.shared = await seedFile(server, admin, { chunks: ['The harbour has a tower.'], collectionId: shared });
    files.loose = await seedFile(server, owner, { chunks: ['The harbour has a wall.'] });
    prompt = await makePrompt('of the key');
    key = await createKey(server, admin.token, { collectionId: bound, systemPromptId: prompt });
    sibling = await createKey(server, admin.token, { collectionId: bound });
    unbound = await createKey(server, admin.token);
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
  });

  async function makeCollection(name: string, visibility: string, token: string): Promise<string> {
    const mutation = `mutation ($name: String!, $visibility: Visibility) {
      createCollection(name: $name, visibility: $visibility) { id }
    }`;
    return (await server.data(mutation, { name, visibility }, token)).createCollection.id;
  }
  const makePrompt = async (text: string): Promise<string> =>
    (await server.data(CREATE_PROMPT, { input: { name: randomUUID(), text } }, admin.token)).createSystemPrompt.id;
  const input = (more: object = {}) => ({ input: { turnKey: randomUUID(), text: 'harbour', ...more } });
  const send = async (secret: string, more: object = {}): Promise<Data> =>
    (await server.data(SEND, input(more), secret)).sendMessage;
  const textsOf = async (secret: string, scope: object = {}) =>
    (await server.data(SEARCH, { input: { text: 'harbour', ...scope } }, secret)).search.map(({ text }: Data) => text);

  /** The first that is heard of a subscription, or of a query that came after it and reads the database. */
  async function beginningOf(document: string) {
    const { socket, subscribe, take } = await openGraphqlSocket(server, { token: key.secret });
    subscribe('one', document);
    subscribe('two', '{ collections { totalCount } }');
    const message = await take(['error', 'next']);
    socket.close();
    return message;
  }

  test('what is listed, and nothing else', async () => {
    for (const field of rootFields()) {
      if (WITH_FILE.includes(field.name) || OPEN.includes(field.name)) continue;
      const document = shortestDocument(field);
      const answer = await (field.operation === 'subscription'
        ? beginningOf(document)
        : server.request(document, {}, key.secret));
      const text = JSON.stringify(answer);
      if (FOR_KEYS.includes(field.name)) expect(text, field.name).not.toContain('FORBIDDEN');
      else expect(text, field.name).toMatch(/An API key may not do this.*"code":"FORBIDDEN"/);
    }
  });

  test.each<['ws' | 'sse']>([['ws'], ['sse']])('its prompt applies by itself, over %s too', async (transport) => {
    const { last } = await watchToEnd(eventsOf(server, transport, key.secret, CHAT, input()));
    expect(JSON.parse(last.message.content)).toEqual(['of the key']);
  });

  test('its prompt stands in the answers, also regenerated, in the revision of their time', async () => {
    const first = await send(key.secret);
    expect(first.assistantMessage).toMatchObject({ systemPromptId: prompt, systemPromptRevision: 1 });
    const update = 'mutation ($input: UpdateSystemPromptInput!) { updateSystemPrompt(input: $input) { revision } }';
    await server.data(update, { input: { id: prompt, version: '2' } }, admin.token);
    const variables = { input: { turnKey: randomUUID(), messageId: first.assistantMessage.id } };
    const { regenerate } = await server.data(REGENERATE, variables, key.secret);
    expect(regenerate.assistantMessage).toEqual({ systemPromptId: prompt, systemPromptRevision: 2 });
    expect(JSON.parse((await send(unbound.secret)).assistantMessage.content)).toEqual(['the default']);
    const apiKey = await server.data('{ viewer { apiKey { tokensUsedToday } } }', {}, key.secret);
    expect(apiKey.viewer.apiKey.tokensUsedToday).toBeGreaterThanOrEqual(first.assistantMessage.usage.totalTokens);
  });

  test('it may choose its own prompt and no other; another’s is as unknown', async () => {
    const other = await makePrompt('of others');
    const create = 'mutation ($id: ID) { createConversation(input: { systemPromptId: $id }) { id } }';
    const { createConversation } = await server.data(create, { id: prompt }, key.secret);
    const unknown = encodeId('SystemPrompt', randomUUID());
    const answers = [other, unknown].map((id) => server.request(create, { id }, key.secret));
    const [one, two] = await Promise.all(answers);
    expect(one).toEqual(two);
    expect(codeOf(one ?? {})).toBe('NOT_FOUND');
    const update = `mutation ($id: ID!, $prompt: ID) {
      updateConversation(input: { id: $id, systemPromptId: $prompt }) { systemPrompt { id } }
    }`;
    const refused = await server.request(update, { id: createConversation.id, prompt: other }, key.secret);
    expect(codeOf(refused)).toBe('NOT_FOUND');
    const cleared = await server.data(update, { id: createConversation.id, prompt: null }, key.secret);
    expect(cleared.updateConversation.systemPrompt).toBeNull();
    const { assistantMessage } = await send(key.secret, { conversationId: createConversation.id });
    expect(JSON.parse(assistantMessage.content)).toEqual(['of the key']);
  });

  test('it searches its collection, and nothing where it has none', async () => {
    expect(await textsOf(key.secret)).toEqual(['The harbour has a crane.']);
    expect(await textsOf(key.secret, { collectionIds: [bound] })).toEqual(['The harbour has a crane.']);
    expect(await textsOf(key.secret, { fileIds: [files.bound] })).toEqual(['The harbour has a crane.']);
    expect(await textsOf(unbound.secret)).toEqual([]);
    // People go on finding what is for all.
    expect((await textsOf(owner.token)).length).toBe(3);
  });

  test('another collection or file is as unknown, those for all too', async () => {
    const unknown = { collectionIds: [encodeId('Collection', randomUUID())] };
    const noFile = { fileIds: [encodeId('File', randomUUID())] };
    const tries: [object, object][] = [
      [{ collectionIds: [shared] }, unknown],
      [{ fileIds: [files.shared] }, noFile],
      [{ fileIds: [files.loose] }, noFile],
    ];
    for (const [foreign, missing] of tries) {
      const ask = (scope: object) => server.request(SEARCH, { input: { text: 'harbour', ...scope } }, key.secret);
      expect(await ask(foreign)).toEqual(await ask(missing));
      expect(codeOf(await ask(foreign))).toBe('NOT_FOUND');
      const turn = (retrieval: object) => server.request(SEND, input({ retrieval }), key.secret);
      expect(await turn(foreign)).toEqual(await turn(missing));
      expect(codeOf(await turn(foreign))).toBe('NOT_FOUND');
    }
    expect(codeOf(await server.request(SEARCH, { input: { text: 'x', collectionIds: [bound] } }, unbound.secret))).toBe(
      'NOT_FOUND',
    );
  });

  test('its answers are made from its collection alone', async () => {
    const passages = ({ assistantMessage }: Data) =>
      assistantMessage.citations.map(({ passage }: Data) => passage.text);
    expect(passages(await send(key.secret))).toEqual(['The harbour has a crane.']);
    expect(passages(await send(unbound.secret))).toEqual([]);
  });

  test('it sees its collection, the files in it and no other', async () => {
    const list = '{ collections { edges { node { id fileCount } } } }';
    const collectionsOf = async (secret: string) => (await server.data(list, {}, secret)).collections.edges;
    expect((await collectionsOf(key.secret)).map(({ node }: Data) => node.id)).toEqual([bound]);
    expect(await collectionsOf(unbound.secret)).toEqual([]);
    const ids = [bound, shared, files.bound, files.shared, files.loose, prompt, sibling.id, owner.id];
    const { nodes } = await server.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, key.secret);
    expect(nodes.map((node: Data | null) => node?.id ?? null)).toEqual([
      bound,
      null,
      files.bound,
      null,
      null,
      prompt,
      null,
      null,
    ]);
    const filter = { collectionId: shared };
    const foreign = 'query ($filter: FileFilter) { files(filter: $filter) { totalCount } }';
    expect(codeOf(await server.request(foreign, { filter }, key.secret))).toBe('NOT_FOUND');
  });

  test('who binds a key to somebody’s collection does not see what is in it by that', async () => {
    const query = `query ($id: ID!) {
      node(id: $id) { ... on ApiKey { collection { files { totalCount edges { node { id } } } } } }
    }`;
    const ids = async (token: string): Promise<string[]> => {
      const { files } = (await server.data(query, { id: key.id }, token)).node.collection;
      expect(files.totalCount).toBe(files.edges.length);
      return files.edges.map(({ node }: Data) => node.id);
    };
    expect(await ids(key.secret)).toContain(files.bound);
    expect(await ids(admin.token)).toEqual([]);
  });

  test('what it uploads goes into its collection, and is its own and the collection owner’s to delete', async () => {
    const mine = async (secret: string) =>
      (await server.data('{ files { edges { node { id } } } }', {}, secret)).files.edges.map(
        ({ node }: Data) => node.id,
      );
    const uploaded = await uploadFile(server, someText(), { token: key.secret });
    const { id, collection } = uploaded.body.data?.uploadFile ?? {};
    expect(collection).toEqual({ id: bound });
    const posted = await postFile(server, someText(), { token: key.secret, name: 'b.txt', collectionId: bound });
    expect(posted.body.file?.collection.id).toBe(bound);
    expect((await mine(key.secret)).sort()).toEqual([id, posted.body.file?.id].sort());
    expect(await mine(sibling.secret)).toEqual([]);

    const remove = (file: string, token: string) =>
      server.request('mutation ($id: ID!) { deleteFile(id: $id) }', { id: file }, token);
    // It sees what others have put into its collection, and may not change it.
    expect(codeOf(await remove(files.bound, key.secret))).toBe('NOT_FOUND');
    expect(codeOf(await remove(id, sibling.secret))).toBe('NOT_FOUND');
    expect(await remove(id, key.secret)).toEqual({ data: { deleteFile: id } });
    const download = await fetch(posted.body.file?.downloadUrl, {
      headers: { authorization: `Bearer ${owner.token}` },
    });
    expect(download.status).toBe(200);
    await download.body?.cancel();
    expect(await remove(posted.body.file?.id, owner.token)).toEqual({ data: { deleteFile: posted.body.file?.id } });
  });

  test('an upload elsewhere, or without a collection, is refused with the reason', async () => {
    for (const upload of [uploadFile, postFile]) {
      const elsewhere = { token: key.secret, name: 'a.txt', collectionId: shared };
      const unknown = { ...elsewhere, collectionId: encodeId('Collection', randomUUID()) };
      const answers = [await upload(server, someText(), elsewhere), await upload(server, someText(), unknown)];
      expect(answers[0]?.body).toEqual(answers[1]?.body);
      expect(failure(answers[0]?.body ?? {}).code).toBe('NOT_FOUND');
      const without = await upload(server, someText(), { token: unbound.secret, name: 'a.txt' });
      expect(failure(without.body).code).toBe('FORBIDDEN');
      expect(without.body.errors?.[0]?.message).toMatch(/bound to no collection/);
    }
  });

  test('conversations are its own: not another key’s, nor a person’s, nor an admin’s', async () => {
    const { conversation } = await send(key.secret);
    const query = 'query ($id: ID!) { conversation(id: $id) { id } }';
    expect((await server.data(query, { id: conversation.id }, key.secret)).conversation).toEqual(conversation);
    for (const token of [sibling.secret, owner.token, admin.token]) {
      expect((await server.data(query, { id: conversation.id }, token)).conversation).toBeNull();
    }
    const { conversations } = await server.data('{ conversations { totalCount } }', {}, sibling.secret);
    expect(conversations.totalCount).toBe(0);
  });

  test('a key whose collection is deleted has none any more', async () => {
    const collection = await makeCollection('soon gone', 'PRIVATE', owner.token);
    const { secret, id } = await createKey(server, admin.token, { collectionId: collection });
    const uploaded = await postFile(server, someText(), { token: secret, name: 'a.txt' });
    expect(uploaded.status).toBe(201);
    await server.data('mutation ($id: ID!) { deleteCollection(id: $id) }', { id: collection }, owner.token);
    const node = 'query ($id: ID!) { node(id: $id) { ... on ApiKey { active collection { id } } } }';
    expect((await server.data(node, { id }, admin.token)).node).toEqual({ active: true, collection: null });
    expect(await textsOf(secret)).toEqual([]);
    const refused = await postFile(server, someText(), { token: secret, name: 'b.txt' });
    expect(failure(refused.body).code).toBe('FORBIDDEN');
  });

  test('files that a key has uploaded go with it, and its collection stays', async () => {
    const { secret, id } = await createKey(server, admin.token, { collectionId: bound });
    const { body } = await postFile(server, someText(), { token: secret, name: 'a.txt' });
    await server.data('mutation ($id: ID!) { deleteApiKey(id: $id) }', { id }, admin.token);
    const ids = [body.file?.id, files.bound, bound];
    const { nodes } = await server.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, owner.token);
    expect(nodes).toEqual([null, { id: files.bound }, { id: bound }]);
  });
});
