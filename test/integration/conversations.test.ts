import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeId, encodeId } from '../../src/graphql/ids.ts';
import { createId } from '../../src/util/ids.ts';
import { failure } from '../support/errors.ts';
import { type Data, type Engine, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';

const ENGINES: Engine[] = ['pglite', 'postgresql'];

const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: ConversationFilter) {
  conversations(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    edges { cursor node { id title } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount
  }
}`;
const CREATE = `mutation ($input: CreateConversationInput!) {
  createConversation(input: $input) { id title }
}`;
const UPDATE = `mutation ($input: UpdateConversationInput!) {
  updateConversation(input: $input) { id title pinned archivedAt updatedAt createdAt }
}`;

const MINUTE = 60_000;

describe.each(ENGINES)('lists of conversations on %s', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true });
  });
  afterAll(() => server.close());

  const list = async (user: TestUser, variables: object): Promise<Data> =>
    (await server.data(LIST, { ...variables }, user.token)).conversations;
  const idsOf = (connection: Data): string[] => connection.edges.map(({ node }: Data) => node.id);
  const titlesOf = (connection: Data): string[] => connection.edges.map(({ node }: Data) => node.title).sort();

  async function create(user: TestUser, input: object): Promise<Data> {
    return (await server.data(CREATE, { input }, user.token)).createConversation;
  }

  /** Sixty, of which seven at a time were last active at the same moment. In the order in which they are listed. */
  async function createSixty(user: TestUser): Promise<string[]> {
    const userId = decodeId('User', user.id, 'id');
    const rows = Array.from({ length: 60 }, (_, index) => ({
      id: createId(),
      userId,
      title: `Conversation ${index}`,
      activeAt: new Date(Date.UTC(2026, 0, 1) + Math.floor(index / 7) * MINUTE),
    }));
    await server.app.database.prisma.conversation.createMany({ data: rows });
    return rows.reverse().map(({ id }) => encodeId('Conversation', id));
  }

  test('sixty, with ties, are paged forwards and backwards without a gap or a repetition', async () => {
    const user = await server.register();
    const expected = await createSixty(user);
    const forwards: string[] = [];
    let after: string | null = null;
    for (let more = true; more; ) {
      const page: Data = await list(user, { first: 8, after });
      expect(page.totalCount).toBe(60);
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      expect(page.pageInfo.startCursor).toBe(page.edges[0].cursor);
      forwards.push(...idsOf(page));
      ({ hasNextPage: more, endCursor: after } = page.pageInfo);
    }
    expect(forwards).toEqual(expected);
    const backwards: string[] = [];
    let before: string | null = null;
    for (let more = true; more; ) {
      const page: Data = await list(user, { last: 8, before });
      expect(page.pageInfo.hasNextPage).toBe(before !== null);
      backwards.unshift(...idsOf(page));
      ({ hasPreviousPage: more, startCursor: before } = page.pageInfo);
    }
    expect(backwards).toEqual(expected);
  });

  test('a page lies between two cursors, and may be empty, whole or the usual twenty', async () => {
    const user = await server.register();
    const expected = await createSixty(user);
    const all = await list(user, { first: 100 });
    expect(idsOf(all)).toEqual(expected);
    expect(all.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    const [from, to] = [all.edges[9].cursor, all.edges[15].cursor];
    expect(idsOf(await list(user, { first: 100, after: from, before: to }))).toEqual(expected.slice(10, 15));
    expect(idsOf(await list(user, { last: 2, after: from, before: to }))).toEqual(expected.slice(13, 15));
    expect(idsOf(await list(user, {}))).toEqual(expected.slice(0, 20));
    const none = await list(user, { first: 0 });
    expect(none).toMatchObject({ edges: [], totalCount: 60, pageInfo: { startCursor: null, endCursor: null } });
    const nobody = await list(await server.register(), {});
    expect(nobody).toMatchObject({ edges: [], totalCount: 0, pageInfo: { hasNextPage: false } });
  });

  test('text is looked for as it is written, in titles and messages, whatever its case', async () => {
    const [user, other] = [await server.register(), await server.register()];
    const titles = [
      '100% sure',
      '100 percent',
      'snake_case',
      'snakeXcase',
      'back\\slash',
      'backXslash',
      'Ärger im Büro',
    ];
    for (const title of titles) await create(user, { title });
    await create(user, { title: 'talk', prompt: 'Where is the NEEDLE?', response: 'In the hay, 50% of it.' });
    await create(other, { title: '100% sure needle' });
    const found = async (text: string) => titlesOf(await list(user, { filter: { text } }));
    expect(await found('%')).toEqual(['100% sure', 'talk']);
    expect(await found('100% S')).toEqual(['100% sure']);
    expect(await found('_')).toEqual(['snake_case']);
    expect(await found('E_C')).toEqual(['snake_case']);
    expect(await found('\\')).toEqual(['back\\slash']);
    expect(await found('K\\S')).toEqual(['back\\slash']);
    expect(await found('needle')).toEqual(['talk']);
    expect(await found(' THE HAY ')).toEqual(['talk']);
    expect(await found('ärger')).toEqual(['Ärger im Büro']);
    expect(await found('ÄRGER IM BÜRO')).toEqual(['Ärger im Büro']);
    expect(await found('nothing has this')).toEqual([]);
    expect(await found('lone \ud800')).toEqual([]);
    expect(await found('   ')).toHaveLength(8);
    expect((await list(user, { first: 1, filter: { text: '100' } })).totalCount).toBe(2);
  });

  test('pinned and archived are told apart, and together', async () => {
    const user = await server.register();
    for (const [pinned, archived] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]) {
      const title = `${pinned ? 'pinned' : 'loose'} ${archived ? 'archived' : 'open'}`;
      const { id } = await create(user, { title });
      await server.data(UPDATE, { input: { id, pinned, archived } }, user.token);
    }
    const found = async (filter: object) => titlesOf(await list(user, { filter }));
    expect(await found({})).toHaveLength(4);
    expect(await found({ pinned: true })).toEqual(['pinned archived', 'pinned open']);
    expect(await found({ pinned: false })).toEqual(['loose archived', 'loose open']);
    expect(await found({ archived: true })).toEqual(['loose archived', 'pinned archived']);
    expect(await found({ archived: false, pinned: true })).toEqual(['pinned open']);
    expect(await found({ archived: false, pinned: true, text: 'loose' })).toEqual([]);
  });

  test('an update changes what it names and nothing else', async () => {
    const user = await server.register();
    const { id } = await create(user, { title: 'Before' });
    const update = async (changes: object) =>
      (await server.data(UPDATE, { input: { id, ...changes } }, user.token)).updateConversation;
    const renamed = await update({ title: '  After  ' });
    expect(renamed).toMatchObject({ title: 'After', pinned: false, archivedAt: null });
    expect(await update({ pinned: true })).toMatchObject({ title: 'After', pinned: true, archivedAt: null });
    const archived = await update({ archived: true });
    expect(archived).toMatchObject({ title: 'After', pinned: true, archivedAt: expect.stringMatching(/Z$/) });
    expect(archived.updatedAt >= renamed.updatedAt).toBe(true);
    // When it was archived is not when somebody asked again.
    expect((await update({ archived: true, title: null })).archivedAt).toBe(archived.archivedAt);
    expect(await update({ archived: false, pinned: null })).toMatchObject({ pinned: true, archivedAt: null });
    for (const title of ['', '  ', 'x'.repeat(201), 'nul\0']) {
      const refused = await server.request(UPDATE, { input: { id, title } }, user.token);
      expect(failure(refused)).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { 'input.title': expect.stringMatching(/./) },
      });
    }
    expect((await update({ title: 'lone \ud800' })).title).toBe('lone \ufffd');
  });

  test('the list is a handful of statements, however many it shows', async () => {
    const user = await server.register();
    for (let index = 0; index < 20; index++) {
      await create(user, { prompt: `Prompt ${index}`, response: `Answer ${index}`, id: randomUUID() });
    }
    const query = `{ conversations(first: 20) { totalCount edges { node {
      id title pinned archivedAt updatedAt messageCount model
      lastMessage { id role content status createdAt citations { index } }
      activeTurn { id }
    } } } }`;
    let shown: Data = {};
    const statements = await statementsOf(async () => {
      shown = await server.data(query, {}, user.token);
    });
    expect(shown.conversations.edges).toHaveLength(20);
    expect(shown.conversations.edges[0].node.lastMessage.content).toBe('Answer 19');
    expect(statements.length, statements.join('\n\n')).toBeLessThanOrEqual(3);
    expect(statements.length).toBeGreaterThan(0);
  });
});
