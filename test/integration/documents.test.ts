import { randomUUID } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeId } from '../../src/graphql/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';

let server: TestServer;
let user: TestUser;
beforeAll(async () => {
  server = await startTestServer({ shared: true });
  user = await server.register();
});
afterAll(() => server.close());

const ask = (query: string, variables = {}) => server.request(query, variables, user.token);

test('nodes takes a hundred ids, and not one more', async () => {
  const ids = Array.from({ length: 101 }, () => encodeId('Message', randomUUID()));
  const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  expect(await ask(query, { ids: ids.slice(1) })).toEqual({ data: { nodes: Array(100).fill(null) } });
  expect(failure(await ask(query, { ids }))).toMatchObject({
    code: 'BAD_USER_INPUT',
    fields: { ids: expect.stringMatching(/100/) },
  });
  expect(codeOf(await ask(`{ nodes(ids: ${JSON.stringify(ids)}) { id } }`))).toBe('BAD_USER_INPUT');
});

test('documents that are too deep, too wide or ask for too much are refused before they run', async () => {
  const deep = (levels: number) => `{ node(id: "${encodeId('Message', randomUUID())}") { ... on Message {
    ${'parent { '.repeat(levels)} id ${'} '.repeat(levels)} } } }`;
  expect(codeOf(await ask(deep(10)))).toBeUndefined();
  expect(codeOf(await ask(deep(20)))).toBe('BAD_USER_INPUT');
  const wide = (fields: number) =>
    `{ ${Array.from({ length: fields }, (_, index) => `a${index}: viewer { isAdmin }`)} }`;
  expect(codeOf(await ask(wide(20)))).toBeUndefined();
  expect(codeOf(await ask(wide(600)))).toBe('BAD_USER_INPUT');
  const heavy = (first: number) => `{ conversations(first: ${first}) { edges { node {
    messages(first: ${first}) { edges { node { siblings { id parent { siblings { id } } } } } } } } } }`;
  expect(codeOf(await ask(heavy(2)))).toBeUndefined();
  expect(codeOf(await ask(heavy(100)))).toBe('BAD_USER_INPUT');
  const long = `{ ${'viewer { isAdmin } '.repeat(3_000)} }`;
  expect(codeOf(await ask(long))).toBe('BAD_USER_INPUT');
  const unread = await ask(heavy(100));
  expect(unread.errors?.[0]?.message).toMatch(/smaller pages/);
});

test('the pages that clients show are far from the limits', async () => {
  const { createConversation } = await server.data('mutation { createConversation(input: {}) { id } }', {}, user.token);
  const screen = `query ($id: ID!) {
    conversations(first: 100) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node {
      id title pinned archivedAt updatedAt messageCount lastMessage { id content } activeTurn { id cursor }
    } } }
    conversation(id: $id) { id title messages(last: 100) { totalCount pageInfo { hasPreviousPage startCursor } edges { node {
      id role status content reasoning model siblings { id } citations { index passage { fileName text page score } }
      turn { id key status } usage { promptTokens completionTokens totalTokens durationMs } feedback { rating comment }
      error { code message retryable }
    } } } }
    models { id name isDefault } viewer { isAdmin user { id username } }
  }`;
  expect((await ask(screen, { id: createConversation.id })).errors).toBeUndefined();
});

test.each(['production', 'development'])(
  'in %s, the schema is told only to those who develop with it',
  async (mode) => {
    const its = await startTestServer({ environment: { NODE_ENV: mode } });
    const isOpen = mode === 'development';
    const socket = await openGraphqlSocket(its);
    const overSocket = async (query: string) => {
      socket.subscribe('one', query);
      return socket.take(['next', 'error'], 'one');
    };
    for (const query of [
      getIntrospectionQuery(),
      '{ __schema { queryType { name } } }',
      '{ __type(name: "User") { name } }',
    ]) {
      expect(codeOf(await its.request(query))).toBe(isOpen ? undefined : 'BAD_USER_INPUT');
      const { type } = await overSocket(query);
      expect(type).toBe(isOpen ? 'next' : 'error');
      if (isOpen) await socket.take('complete', 'one');
    }
    const mistaken = '{ viewr { isAdmin } }';
    const told = [JSON.stringify(await its.request(mistaken)), JSON.stringify(await overSocket(mistaken))];
    for (const text of told) {
      if (isOpen) expect(text).toMatch(/Did you mean.*viewer/);
      else expect(text).not.toMatch(/Did you mean|viewer/);
    }
    // Nor do values that do not fit tell what would have.
    const guessing = 'mutation ($input: LoginInput!) { login(input: $input) { tokenType } }';
    const variables = { input: { usernam: 'a', password: 'b' } };
    socket.subscribe('two', guessing, variables);
    const { payload } = await socket.take(['next', 'error'], 'two');
    for (const text of [JSON.stringify(await its.request(guessing, variables)), JSON.stringify(payload)]) {
      if (isOpen) expect(text).toMatch(/Did you mean.*username/);
      else expect(text).not.toMatch(/Did you mean/);
    }
    // The name of a type is always told: clients need it.
    expect((await its.request('{ __typename }')).data).toEqual({ __typename: 'Query' });
  },
);
