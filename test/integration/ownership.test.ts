import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId, type NodeType } from '../../src/graphql/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { idArguments, rootFields, shortestDocument } from '../support/schema-walk.ts';
import { type Data, startTestServer, subscribe, type TestServer, type TestUser } from '../support/server.ts';
import { bearer, postFile, someText } from '../support/uploads.ts';

type Place = {
  query: string;
  type: OwnType;
  /** Of the caller's own, with what is asked for in one place. */
  variables: (id: string, own: Own) => Record<string, unknown>;
  /** A query that answers null, and does not fail, for what is not there. */
  nullable?: true;
  /** What names the field where it is not the path of the argument. */
  field?: string;
  /** Sent with a file, for the null of the variables. */
  file?: true;
};
/** The others are the same for everybody, or for admins alone. */
type OwnType = Exclude<NodeType, 'ModelVersion' | 'AuditEvent' | 'SystemPrompt' | 'ApiKey'>;
type Own = Record<OwnType, string> & { prompt: string };

const chat = (input: object) => ({ input: { turnKey: randomUUID(), text: 'x', ...input } });
const SEND = 'mutation ($input: ChatInput!) { sendMessage(input: $input) { id } }';
const CHAT = 'subscription ($input: ChatInput!) { chat(input: $input) { __typename } }';
const search = (scope: object) => ({ input: { text: 'x', ...scope } });
const SEARCH = 'query ($input: SearchInput!) { search(input: $input) { text } }';
const REGENERATE = 'mutation ($input: RegenerateInput!) { regenerate(input: $input) { id } }';

/** Every place that takes an id; the schema is walked below, so that none is forgotten. */
const PLACES: Record<string, Place> = {
  'Query.conversation(id)': {
    query: 'query ($id: ID!) { conversation(id: $id) { id } }',
    type: 'Conversation',
    variables: (id) => ({ id }),
    nullable: true,
  },
  'Query.node(id)': {
    query: 'query ($id: ID!) { node(id: $id) { id } }',
    type: 'Conversation',
    variables: (id) => ({ id }),
    nullable: true,
  },
  'Query.nodes(ids)': {
    query: 'query ($id: ID!) { nodes(ids: [$id]) { id } }',
    type: 'Message',
    variables: (id) => ({ id }),
    nullable: true,
  },
  'Query.turn(id)': {
    query: 'query ($id: ID!) { turn(id: $id) { id } }',
    type: 'Turn',
    variables: (id) => ({ id }),
    nullable: true,
  },
  'Conversation.messages(leaf)': {
    query: 'query ($id: ID!, $leaf: ID) { conversation(id: $id) { messages(leaf: $leaf) { totalCount } } }',
    type: 'Message',
    variables: (leaf, own) => ({ id: own.Conversation, leaf }),
  },
  'Mutation.updateConversation(input.id)': {
    query: 'mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { id } }',
    type: 'Conversation',
    variables: (id) => ({ input: { id, title: 'taken over' } }),
  },
  'Mutation.deleteConversation(id)': {
    query: 'mutation ($id: ID!) { deleteConversation(id: $id) }',
    type: 'Conversation',
    variables: (id) => ({ id }),
  },
  'Mutation.rateMessage(id)': {
    query: 'mutation ($id: ID!) { rateMessage(id: $id, rating: UP) { id } }',
    type: 'Message',
    variables: (id) => ({ id }),
  },
  'Mutation.stopTurn(id)': {
    query: 'mutation ($id: ID!) { stopTurn(id: $id) { id } }',
    type: 'Turn',
    variables: (id) => ({ id }),
  },
  'Mutation.regenerate(input.messageId)': {
    query: REGENERATE,
    type: 'Message',
    variables: (messageId) => ({ input: { turnKey: randomUUID(), messageId } }),
  },
  'Mutation.sendMessage(input.conversationId)': {
    query: SEND,
    type: 'Conversation',
    variables: (conversationId) => chat({ conversationId }),
  },
  'Mutation.sendMessage(input.parentId)': {
    query: SEND,
    type: 'Message',
    variables: (parentId, own) => chat({ conversationId: own.Conversation, parentId }),
  },
  'Subscription.chat(input.conversationId)': {
    query: CHAT,
    type: 'Conversation',
    variables: (conversationId) => chat({ conversationId }),
  },
  'Subscription.chat(input.parentId)': {
    query: CHAT,
    type: 'Message',
    variables: (parentId, own) => chat({ conversationId: own.Conversation, parentId }),
  },
  'Subscription.conversationChanged(id)': {
    query: 'subscription ($id: ID) { conversationChanged(id: $id) { id } }',
    type: 'Conversation',
    variables: (id) => ({ id }),
  },
  'Subscription.turn(id)': {
    query: 'subscription ($id: ID!) { turn(id: $id) { __typename } }',
    type: 'Turn',
    variables: (id) => ({ id }),
  },
  'Query.file(id)': {
    query: 'query ($id: ID!) { file(id: $id) { id } }',
    type: 'File',
    variables: (id) => ({ id }),
    nullable: true,
  },
  'Query.files(filter.collectionId)': {
    query: 'query ($filter: FileFilter) { files(filter: $filter) { totalCount } }',
    type: 'Collection',
    variables: (collectionId) => ({ filter: { collectionId } }),
  },
  'Query.search(input.collectionIds)': {
    query: SEARCH,
    type: 'Collection',
    variables: (id) => search({ collectionIds: [id] }),
  },
  'Query.search(input.fileIds)': {
    query: SEARCH,
    type: 'File',
    variables: (id) => search({ fileIds: [id] }),
  },
  'Mutation.uploadFile(input.collectionId)': {
    query: 'mutation ($input: UploadFileInput!) { uploadFile(input: $input) { id } }',
    type: 'Collection',
    variables: (collectionId) => ({ input: { file: null, collectionId } }),
    file: true,
  },
  'Mutation.deleteFile(id)': {
    query: 'mutation ($id: ID!) { deleteFile(id: $id) }',
    type: 'File',
    variables: (id) => ({ id }),
  },
  'Mutation.retryFile(id)': {
    query: 'mutation ($id: ID!) { retryFile(id: $id) { id } }',
    type: 'File',
    variables: (id) => ({ id }),
  },
  'Mutation.updateCollection(id)': {
    query: 'mutation ($id: ID!) { updateCollection(id: $id, name: "taken over") { id } }',
    type: 'Collection',
    variables: (id) => ({ id }),
  },
  'Mutation.deleteCollection(id)': {
    query: 'mutation ($id: ID!) { deleteCollection(id: $id) }',
    type: 'Collection',
    variables: (id) => ({ id }),
  },
  'Subscription.fileProgress(id)': {
    query: 'subscription ($id: ID!) { fileProgress(id: $id) { file { id } } }',
    type: 'File',
    variables: (id) => ({ id }),
  },
  ...inRetrieval('Mutation.sendMessage', SEND, (retrieval) => chat({ retrieval })),
  ...inRetrieval('Subscription.chat', CHAT, (retrieval) => chat({ retrieval })),
  ...inRetrieval('Mutation.regenerate', REGENERATE, (retrieval, own) => ({
    input: { turnKey: randomUUID(), messageId: own.Message, retrieval },
  })),
};

/** The places where an operation takes what its answer is to be grounded in. */
function inRetrieval(
  name: string,
  query: string,
  variables: (retrieval: object, own: Own) => Record<string, unknown>,
): Record<string, Place> {
  return Object.fromEntries(
    (['Collection', 'File'] as const).map((type): [string, Place] => {
      const list = type === 'Collection' ? 'collectionIds' : 'fileIds';
      const place: Place = { query, type, variables: (id, own) => variables({ [list]: [id] }, own) };
      return [`${name}(input.retrieval.${list})`, place];
    }),
  );
}

/** Whoever may ask at all may ask for all: admins, and of a system prompt whoever has been given its id. */
const OF_NOBODY =
  /^(Query\.systemPrompt|Mutation\.(reindex|(update|delete)(ModelVersion|User)|(update|restore|delete)SystemPrompt|(create|deactivate|delete)ApiKey|setApiKeyPrompt))\(|systemPromptId\)$/;

let server: TestServer;
let [admin, user, owner]: TestUser[] = [];
const own: Partial<Record<'user' | 'owner', Own>> = {};

beforeAll(async () => {
  server = await startTestServer({ shared: true, environment: { WORKER_ENABLED: 'false' } });
  admin = await server.register('the-admin');
  user = await server.register();
  owner = await server.register();
  own.user = await makeOwn(user);
  own.owner = await makeOwn(owner);
});
afterAll(() => server.close());

async function makeOwn({ id, token }: TestUser): Promise<Own> {
  const { sendMessage: turn } = await server.data(
    `mutation ($input: ChatInput!) {
      sendMessage(input: $input, wait: true) { id conversation { id } userMessage { id } assistantMessage { id } }
    }`,
    chat({ text: 'mine alone' }),
    token,
  );
  const made = await server.data('mutation { createCollection(name: "mine alone") { id } }', {}, token);
  const uploaded = await postFile(server, someText(), { token, name: 'mine-alone.txt' });
  return {
    User: id,
    Collection: made.createCollection.id,
    File: uploaded.body.file?.id,
    Conversation: turn.conversation.id,
    Message: turn.assistantMessage.id,
    prompt: turn.userMessage.id,
    Turn: turn.id,
  };
}

const isSubscription = (query: string) => query.startsWith('subscription');

/** The answer, byte for byte. */
async function ask({ query, variables, file }: Place, id: string, asker = user): Promise<string> {
  if (file) return askWithFile(JSON.stringify({ query, variables: variables(id, own.user as Own) }), asker);
  const response = await fetch(server.graphqlUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${asker?.token}`,
      accept: isSubscription(query) ? 'text/event-stream' : 'application/json',
    },
    body: JSON.stringify({ query, variables: variables(id, own.user as Own) }),
  });
  return response.text();
}

async function askWithFile(operations: string, asker = user): Promise<string> {
  const body = new FormData();
  body.append('operations', operations);
  body.append('map', '{"0":["variables.input.file"]}');
  body.append('0', new Blob([someText()]), 'notes.txt');
  return (await fetch(server.graphqlUrl, { method: 'POST', headers: bearer(asker?.token), body })).text();
}

/** As `ask`, over a socket. */
async function askOverSocket({ query, variables }: Place, id: string): Promise<string> {
  const { take, subscribe, socket } = await openGraphqlSocket(server, { token: user?.token });
  subscribe('one', query, variables(id, own.user as Own));
  const message = await take(['next', 'error'], 'one');
  socket.close();
  return JSON.stringify(message);
}

test('every place that takes an id is tried below', () => {
  expect(idArguments().filter((place) => !OF_NOBODY.test(place))).toEqual(Object.keys(PLACES).sort());
});

describe.each(Object.entries(PLACES))('%s', (name, place) => {
  const path = place.field ?? /\((.*)\)$/.exec(name)?.[1] ?? '';

  test('answers the same for what is another’s and for what is not there', async () => {
    const theirs = (own.owner as Own)[place.type];
    const unknown = encodeId(place.type, randomUUID());
    const answers = [await ask(place, theirs), await ask(place, unknown)];
    expect(answers[0]).toBe(answers[1]);
    expect(answers[0]).toMatch(place.nullable ? /^\{"data":\{"\w+":(null|\[null\])\}\}$/ : /"code":"NOT_FOUND"/);
    // An admin runs the server, and reads nobody's conversations.
    expect(await ask(place, theirs, admin)).toBe(await ask(place, unknown, admin));
    if (isSubscription(place.query)) {
      const told = [await askOverSocket(place, theirs), await askOverSocket(place, unknown)];
      expect(told[0]).toBe(told[1]);
      expect(told[0]).toContain('"code":"NOT_FOUND"');
    }
  });

  test('refuses what is no id, and the id of something else, and says where', async () => {
    const wrongType = place.type === 'Turn' ? 'Message' : 'Turn';
    const bad = [
      '',
      'nonsense',
      'ünïcode \0',
      randomUUID(),
      'x'.repeat(10_000),
      Buffer.from(`${place.type}:`).toString('base64url'),
      Buffer.from(`${place.type}:1`).toString('base64url'),
      Buffer.from(`${place.type}:${randomUUID()}:1`).toString('base64url'),
      Buffer.from(`Nothing:${randomUUID()}`).toString('base64url'),
      Buffer.from(`constructor:${randomUUID()}`).toString('base64url'),
      // `node` takes the ids of every type.
      ...(name.startsWith('Query.node') ? [] : [(own.user as Own)[wrongType]]),
    ];
    for (const id of bad) {
      const answer = await ask(place, id);
      // A stream tells of it in its first event.
      const json = answer.startsWith('{') ? answer : answer.split('data: ')[1]?.split('\n')[0];
      expect(failure(JSON.parse(json ?? 'null') ?? {}), `${id}: ${answer}`).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { [path]: expect.stringMatching(/./) },
      });
    }
  });
});

test('what was tried on another’s has changed nothing', async () => {
  const shown = await server.data(
    `query ($id: ID!, $file: ID!) {
      conversation(id: $id) { title messageCount pinned lastMessage { feedback { rating } } }
      file(id: $file) { name }
      collections { edges { node { name fileCount } } }
    }`,
    { id: own.owner?.Conversation, file: own.owner?.File },
    owner?.token,
  );
  expect(shown.file).toEqual({ name: 'mine-alone.txt' });
  expect(shown.collections.edges).toEqual([{ node: { name: 'mine alone', fileCount: 0 } }]);
  expect(shown.conversation).toEqual({
    title: 'mine alone',
    messageCount: 2,
    pinned: false,
    lastMessage: { feedback: null },
  });
});

test('node and nodes find what is one’s own; accounts are for their owner and for admins', async () => {
  const ids = [own.user?.Conversation, own.owner?.Turn, own.user?.prompt, own.user?.Turn, own.user?.User, owner?.id];
  ids.push(own.user?.File, own.owner?.File, own.user?.Collection, own.owner?.Collection);
  const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';
  const types = async (asker: TestUser | undefined) =>
    (await server.data(query, { ids }, asker?.token)).nodes.map((node: Data | null) => node?.__typename ?? null);
  expect(await types(user)).toEqual([
    'Conversation',
    null,
    'Message',
    'Turn',
    'User',
    null,
    'File',
    null,
    'Collection',
    null,
  ]);
  expect(await types(admin)).toEqual([null, null, null, null, 'User', 'User', null, null, null, null]);
});

test('a turn is found by the client’s key, for that client alone', async () => {
  const { turn } = await server.data('query ($id: ID!) { turn(id: $id) { key } }', { id: own.user?.Turn }, user?.token);
  const query = 'query ($key: UUID!) { turn(key: $key) { id } }';
  expect((await server.data(query, { key: turn.key }, user?.token)).turn.id).toBe(own.user?.Turn);
  expect((await server.data(query, { key: turn.key }, owner?.token)).turn).toBeNull();
  for (const query of ['{ turn { id } }', `{ turn(id: "${own.user?.Turn}", key: "${turn.key}") { id } }`]) {
    expect(failure(await server.request(query, {}, user?.token))).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { id: expect.stringMatching(/./) },
    });
  }
});

const OPEN = ['health', 'viewer', 'register', 'login', 'refresh'];

/** They cannot be asked for without a file. */
const WITH_FILE: Record<string, string | undefined> = {
  uploadFile: PLACES['Mutation.uploadFile(input.collectionId)']?.query,
  importConversations:
    'mutation ($input: ImportConversationsInput!) { importConversations(input: $input) { imported } }',
};

test.each(Object.entries(WITH_FILE))('%s is for who has signed in', async (_name, query) => {
  const operations = JSON.stringify({ query, variables: { input: { file: null } } });
  expect(codeOf(JSON.parse(await askWithFile(operations, { token: 'nonsense' } as TestUser)))).toBe('UNAUTHENTICATED');
});

test.each(rootFields().filter(({ name }) => !(name in WITH_FILE)))(
  '$operation { $name } is for who has signed in, unless it is open to all',
  async (field) => {
    const document = shortestDocument(field);
    const codes: (string | undefined)[] = [];
    if (field.operation !== 'subscription') codes.push(codeOf(await server.request(document)));
    else {
      for await (const result of subscribe(server, 'sse', '', document)) codes.push(codeOf(result));
      const socket = await openGraphqlSocket(server);
      socket.subscribe('one', document);
      const { payload } = await socket.take(['next', 'error'], 'one');
      codes.push(codeOf({ errors: Array.isArray(payload) ? payload : payload?.errors }));
    }
    if (OPEN.includes(field.name)) expect(codes).not.toContain('INTERNAL');
    else expect(new Set(codes)).toEqual(new Set(['UNAUTHENTICATED']));
  },
);
