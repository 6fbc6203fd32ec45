import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, failure } from '../support/errors.ts';
import { startTestServer, subscribe, type TestServer, type TestUser } from '../support/server.ts';

let server: TestServer;
let user: TestUser;
const errors: unknown[] = [];
beforeAll(async () => {
  server = await startTestServer({ shared: true, errors });
  user = await server.register();
});
afterAll(() => server.close());

const SEND = 'mutation ($input: ChatInput!) { sendMessage(input: $input) { id } }';
const CHAT = 'subscription ($input: ChatInput!) { chat(input: $input) { __typename } }';
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: ConversationFilter) {
  conversations(first: $first, after: $after, last: $last, before: $before, filter: $filter) { totalCount }
}`;
const PATH = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  conversation(id: $id) { messages(first: $first, after: $after, last: $last, before: $before) {
    totalCount edges { cursor node { id } }
  } }
}`;

const FILES = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: FileFilter) {
  files(first: $first, after: $after, last: $last, before: $before, filter: $filter) { totalCount }
}`;
const COLLECTIONS = `query ($first: Int, $after: String, $last: Int, $before: String) {
  collections(first: $first, after: $after, last: $last, before: $before) { totalCount }
}`;
const COLLECTION_FILES = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  node(id: $id) { ... on Collection { files(first: $first, after: $after, last: $last, before: $before) { totalCount } } }
}`;

const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

/** The text of a schema with so many levels. */
const nested = (levels: number) => `${'{"not":'.repeat(levels)}{}${'}'.repeat(levels)}`;

/** What a prompt may not come with, and the place that the refusal names. */
const BAD_CHAT: [object, string][] = [
  [{ text: '' }, 'input.text'],
  [{ text: ' \n\t' }, 'input.text'],
  [{ text: 'nul\0' }, 'input.text'],
  [{ text: 'x'.repeat(200_001) }, 'input.text'],
  [{ text: 5 }, 'input.text'],
  [{ text: null }, 'input.text'],
  [{ turnKey: 'nonsense' }, 'input.turnKey'],
  [{ turnKey: '' }, 'input.turnKey'],
  [{ turnKey: 1 }, 'input.turnKey'],
  [{ turnKey: '00000000-0000-4000-8000-00000000000g' }, 'input.turnKey'],
  [{ turnKey: null }, 'input.turnKey'],
  [{ model: 'nonsense' }, 'input.model'],
  [{ model: 'nobody/model' }, 'input.model'],
  [{ model: 'builtin/' }, 'input.model'],
  [{ model: 'openai/unconfigured' }, 'input.model'],
  [{ model: 'builtin/nul\0' }, 'input.model'],
  [{ model: 'x'.repeat(301) }, 'input.model'],
  [{ after: -1 }, 'input.after'],
  [{ after: 3_000_000_000 }, 'input.after'],
  [{ after: 1.5 }, 'input.after'],
  [{ options: { temperature: 2.1 } }, 'input.options.temperature'],
  [{ options: { temperature: -0.1 } }, 'input.options.temperature'],
  [{ options: { temperature: 'hot' } }, 'input.options.temperature'],
  [{ options: { topP: 1.1 } }, 'input.options.topP'],
  [{ options: { topK: 0 } }, 'input.options.topK'],
  [{ options: { maxTokens: 0 } }, 'input.options.maxTokens'],
  [{ options: { maxTokens: 1_000_001 } }, 'input.options.maxTokens'],
  [{ options: { seed: 2 ** 31 } }, 'input.options.seed'],
  [{ options: { stop: ['a', 'b', 'c', 'd', 'e'] } }, 'input.options.stop'],
  [{ options: { stop: ['a', ''] } }, 'input.options.stop.1'],
  [{ options: { jsonSchema: 'a string' } }, 'input.options.jsonSchema'],
  [{ options: { jsonSchema: [] } }, 'input.options.jsonSchema'],
  [{ options: { jsonSchema: 5 } }, 'input.options.jsonSchema'],
  [{ options: { jsonSchema: { type: 'nonsense' } } }, 'input.options.jsonSchema'],
  [{ options: { jsonSchema: { type: 'object', properties: 5 } } }, 'input.options.jsonSchema'],
  [{ options: { jsonSchema: { properties: { name: { type: 5 } } } } }, 'input.options.jsonSchema'],
  [{ options: { jsonSchema: { required: 'name' } } }, 'input.options.jsonSchema'],
  [{ options: { jsonSchema: { description: 'x'.repeat(50_001) } } }, 'input.options.jsonSchema'],
  [{ options: { jsonSchema: JSON.parse(nested(100)) } }, 'input.options.jsonSchema'],
  [{ options: { unknown: 1 } }, 'input.options'],
  [{ options: 'none' }, 'input.options'],
  [{ retrieval: { topK: 0 } }, 'input.retrieval.topK'],
  [{ retrieval: { topK: 51 } }, 'input.retrieval.topK'],
  [{ retrieval: { enabled: 'yes' } }, 'input.retrieval.enabled'],
  [{ conversationId: 'nonsense' }, 'input.conversationId'],
  [{ parentId: 'nonsense' }, 'input.parentId'],
];

const label = (input: object) => inspect(input, { depth: 4, breakLength: Number.POSITIVE_INFINITY }).slice(0, 80);

test.each(BAD_CHAT.map(([input, field]) => [label(input), field, input] as const))(
  'a prompt with %s is refused at %s',
  async (_label, field, input) => {
    const variables = { input: { turnKey: randomUUID(), text: 'x', model: 'builtin/extractive', ...input } };
    const expected = { code: 'BAD_USER_INPUT', fields: { [field]: expect.stringMatching(/./) } };
    expect(failure(await server.request(SEND, variables, user.token))).toMatchObject(expected);
    for (const transport of ['sse', 'ws'] as const) {
      const told = await subscribe(server, transport, user.token, CHAT, variables)
        .next()
        .then(
          ({ value }) => value,
          // A refusal of the whole operation is an error message of the protocol, which the client throws.
          (errors) => ({ errors }),
        );
      expect(failure(told), transport).toMatchObject(expected);
    }
  },
);

test('a schema so deep that whoever walks it runs out of stack is refused like any other', async () => {
  const body = JSON.stringify({
    query: SEND,
    variables: { input: { turnKey: randomUUID(), text: 'x', options: { jsonSchema: '@' } } },
  });
  const response = await fetch(server.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${user.token}` },
    body: body.replace('"@"', nested(100_000)),
  });
  expect(failure((await response.json()) as object)).toMatchObject({
    code: 'BAD_USER_INPUT',
    fields: { 'input.options.jsonSchema': expect.stringMatching(/./) },
  });
});

test('what is at the edge of being allowed is taken', async () => {
  const good: object[] = [
    { text: 'x'.repeat(200_000) },
    { text: 'lone \ud800 surrogate' },
    { model: 'BUILTIN/extractive' },
    { model: '', options: null, retrieval: null, parentId: null, conversationId: null, after: null },
    { options: { temperature: 0, topP: 0, topK: 1, maxTokens: 1, seed: -1, stop: [] } },
    { options: { temperature: 2, topP: 1, topK: 1_000, maxTokens: 1_000_000, stop: ['a', 'b', 'c', 'd'] } },
    { options: { jsonSchema: {} } },
    {
      options: {
        jsonSchema: {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          $defs: { name: { type: ['string', 'null'], enum: ['a', null] } },
          type: 'object',
          properties: { name: { $ref: '#/$defs/name' }, more: { type: 'array', items: { anyOf: [true, {}] } } },
          required: ['name'],
          additionalProperties: false,
        },
      },
    },
  ];
  for (const input of good) {
    const variables = { input: { turnKey: randomUUID(), text: 'x', ...input } };
    expect(codeOf(await server.request(SEND, variables, user.token)), label(input)).toBeUndefined();
  }
});

describe('pages', () => {
  const BAD_PAGES: [object, string][] = [
    [{ first: -1 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ first: 3_000_000_000 }, 'first'],
    [{ first: 'ten' }, 'first'],
    [{ last: -1 }, 'last'],
    [{ last: 101 }, 'last'],
    [{ first: 1, last: 1 }, 'last'],
    ...['', 'nonsense', 'ü', cursor(), cursor('x'), cursor(null, null), 'x'.repeat(5_000)].flatMap(
      (text): [object, string][] => [
        [{ after: text }, 'after'],
        [{ before: text }, 'before'],
      ],
    ),
  ];

  test.each(BAD_PAGES.map(([page, field]) => [label(page), field, page] as const))(
    'of every list with %s are refused at %s',
    async (_label, field, page) => {
      const { createConversation, createCollection } = await server.data(
        'mutation { createConversation(input: {}) { id } createCollection(name: "x") { id } }',
        {},
        user.token,
      );
      const answers = [
        await server.request(LIST, { ...page }, user.token),
        await server.request(PATH, { id: createConversation.id, ...page }, user.token),
        await server.request(FILES, { ...page }, user.token),
        await server.request(COLLECTIONS, { ...page }, user.token),
        await server.request(COLLECTION_FILES, { id: createCollection.id, ...page }, user.token),
      ];
      for (const answer of answers) {
        expect(failure(answer)).toMatchObject({
          code: 'BAD_USER_INPUT',
          fields: { [field]: expect.stringMatching(/./) },
        });
      }
    },
  );

  test('cursors that nobody was given, of the right shape or of another list, fail as input does', async () => {
    const id = randomUUID();
    const strange = [
      [8.64e15, id],
      [-8.64e15, id],
      [8.65e15, id],
      [1.5, id],
      [0, 'x'],
      [id, 0],
      [0, id, 0],
      [id],
      ['x'],
    ];
    for (const parts of strange) {
      for (const side of ['after', 'before']) {
        for (const query of [LIST, FILES, COLLECTIONS]) {
          const answer = await server.request(query, { [side]: cursor(...parts) }, user.token);
          expect([undefined, 'BAD_USER_INPUT'], JSON.stringify(parts)).toContain(codeOf(answer));
        }
      }
    }
    const made = await server.data(
      'mutation { createConversation(input: { prompt: "a", response: "b" }) { id } }',
      {},
      user.token,
    );
    const conversation = made.createConversation.id;
    for (const part of [-1, 1.5, 2 ** 53, 1e300, '0', null]) {
      const answer = await server.request(PATH, { id: conversation, after: cursor(part) }, user.token);
      expect(failure(answer).fields, String(part)).toEqual({ after: expect.stringMatching(/./) });
    }
    for (const [page, depths] of [
      [{ after: cursor(2 ** 53 - 1) }, []],
      [{ before: cursor(2 ** 53 - 1) }, [cursor(0), cursor(1)]],
      [{ before: cursor(0) }, []],
      [{ last: 1, before: cursor(2 ** 53 - 1) }, [cursor(1)]],
    ] as const) {
      const { messages } = (await server.data(PATH, { id: conversation, ...page }, user.token)).conversation;
      expect(messages.edges.map((edge: { cursor: string }) => edge.cursor)).toEqual(depths);
    }
  });

  test('a search has at most 200 characters and no NUL', async () => {
    for (const text of ['x'.repeat(201), 'nul\0']) {
      for (const query of [LIST, FILES]) {
        expect(failure(await server.request(query, { filter: { text } }, user.token))).toMatchObject({
          code: 'BAD_USER_INPUT',
          fields: { 'filter.text': expect.stringMatching(/./) },
        });
      }
    }
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(errors).toEqual([]);
});
