import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeId, encodeId } from '../../src/graphql/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { type Data, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';

const FIELDS = 'id name text version revision createdAt updatedAt';
const CREATE = `mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { ${FIELDS} } }`;
const UPDATE = `mutation ($input: UpdateSystemPromptInput!) { updateSystemPrompt(input: $input) { ${FIELDS} } }`;
const RESTORE = `mutation ($id: ID!, $revision: Int!) {
  restoreSystemPrompt(id: $id, revision: $revision) { ${FIELDS} }
}`;
const DELETE = 'mutation ($id: ID!) { deleteSystemPrompt(id: $id) }';
const ONE = `query ($id: ID!) { systemPrompt(id: $id) { ${FIELDS} } }`;
const NODE = `query ($id: ID!) { node(id: $id) { id ... on SystemPrompt { ${FIELDS} } } }`;
const PAGE = 'totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String) {
  systemPrompts(first: $first, after: $after, last: $last, before: $before) {
    ${PAGE} edges { cursor node { ${FIELDS} } }
  }
}`;
const REVISIONS = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  systemPrompt(id: $id) { revisions(first: $first, after: $after, last: $last, before: $before) {
    ${PAGE} edges { cursor node { revision version text createdAt author { username } } }
  } }
}`;
const CREATE_CONVERSATION = `mutation ($input: CreateConversationInput!) {
  createConversation(input: $input) { id systemPrompt { ${FIELDS} } }
}`;
const UPDATE_CONVERSATION = `mutation ($input: UpdateConversationInput!) {
  updateConversation(input: $input) { title systemPrompt { id } }
}`;
const CONVERSATION = `query ($id: ID!) { conversation(id: $id) { systemPrompt { ${FIELDS} } } }`;

const input = (more: object = {}) => ({ name: `prompt-${randomUUID()}`, text: 'Be brief.', ...more });
const missing = () => encodeId('SystemPrompt', randomUUID());
const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Every moment is later than the one before it. */
function createClock(): () => Date {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Date.now());
    return new Date(last);
  };
}

describe.each(['pglite', 'postgresql'] as const)('system prompts on %s', (engine) => {
  let server: TestServer;
  let admin: TestUser;
  let user: TestUser;
  const errors: unknown[] = [];

  beforeAll(async () => {
    server = await startTestServer({ engine, shared: true, errors, overrides: { now: createClock() } });
    admin = await server.register('the-admin');
    user = await server.register();
  });
  afterAll(() => server.close());

  const create = async (more: object = {}): Promise<Data> =>
    (await server.data(CREATE, { input: input(more) }, admin.token)).createSystemPrompt;
  const update = async (id: string, changes: object): Promise<Data> =>
    (await server.data(UPDATE, { input: { id, ...changes } }, admin.token)).updateSystemPrompt;
  const restore = async (id: string, revision: number): Promise<Data> =>
    (await server.data(RESTORE, { id, revision }, admin.token)).restoreSystemPrompt;
  const remove = (id: string) => server.request(DELETE, { id }, admin.token);
  const list = async (variables: object = {}): Promise<Data> =>
    (await server.data(LIST, { ...variables }, admin.token)).systemPrompts;
  const revisions = async (id: string, variables: object = {}): Promise<Data> =>
    (await server.data(REVISIONS, { id, ...variables }, admin.token)).systemPrompt.revisions;
  const createConversation = async (systemPromptId: string | null, asker = user): Promise<Data> =>
    (await server.data(CREATE_CONVERSATION, { input: { systemPromptId } }, asker.token)).createConversation;

  test('one is made, and every change of it is a revision more', async () => {
    const name = `prompt-${randomUUID()}`;
    const made = await create({ name: `  ${name}\n`, text: '  Be brief.\n' });
    expect(made).toEqual({
      id: expect.any(String),
      name,
      text: '  Be brief.\n',
      version: '1',
      revision: 1,
      createdAt: made.updatedAt,
      updatedAt: expect.stringMatching(/Z$/),
    });
    expect((await server.data(ONE, { id: made.id }, admin.token)).systemPrompt).toEqual(made);
    expect((await server.data(NODE, { id: made.id }, admin.token)).node).toEqual(made);

    const second = await update(made.id, { text: 'Be kind.', version: ' 1.1 ' });
    const later = expect.not.stringMatching(made.updatedAt);
    expect(second).toEqual({ ...made, text: 'Be kind.', version: '1.1', revision: 2, updatedAt: later });
    expect(await update(made.id, { name: `${name}-new`, text: null })).toMatchObject({
      name: `${name}-new`,
      text: 'Be kind.',
      version: '1.1',
      revision: 3,
    });
    expect(await update(made.id, { version: '1.2' })).toMatchObject({ text: 'Be kind.', version: '1.2', revision: 4 });
    const restored = await restore(made.id, 1);
    expect(restored).toMatchObject({ name: `${name}-new`, text: '  Be brief.\n', version: '1', revision: 5 });

    const { totalCount, edges } = await revisions(made.id);
    expect(totalCount).toBe(5);
    const author = { username: 'the-admin' };
    const createdAt = expect.stringMatching(/Z$/);
    expect(edges.map(({ node }: Data) => node)).toEqual([
      { revision: 5, version: '1', text: '  Be brief.\n', createdAt: restored.updatedAt, author },
      { revision: 4, version: '1.2', text: 'Be kind.', createdAt, author },
      { revision: 3, version: '1.1', text: 'Be kind.', createdAt, author },
      { revision: 2, version: '1.1', text: 'Be kind.', createdAt: second.updatedAt, author },
      { revision: 1, version: '1', text: '  Be brief.\n', createdAt: made.createdAt, author },
    ]);

    expect((await remove(made.id)).data).toEqual({ deleteSystemPrompt: made.id });
    expect((await server.data(ONE, { id: made.id }, admin.token)).systemPrompt).toBeNull();
    expect(await server.app.database.prisma.systemPromptRevision.count({ where: { version: '1.2' } })).toBe(0);
  });

  test('those who change one at the same moment all get a revision of their own', async () => {
    const { id } = await create();
    const texts = Array.from({ length: 6 }, (_, index) => `Text ${index}`);
    await Promise.all(texts.map((text) => update(id, { text })));
    const { edges } = await revisions(id);
    expect(edges.map(({ node }: Data) => node.revision)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(edges.map(({ node }: Data) => node.text).sort()).toEqual(['Be brief.', ...texts]);
    expect((await server.data(ONE, { id }, admin.token)).systemPrompt.text).toBe(edges[0].node.text);
  });

  test('of those who started from the same revision and say so, one gets through', async () => {
    const { id, name } = await create();
    const attempts = Array.from({ length: 5 }, (_, index) =>
      server.request(UPDATE, { input: { id, text: `Text ${index}`, ifRevision: 1 } }, admin.token),
    );
    const answers = await Promise.all(attempts);
    expect(answers.map(codeOf).sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', undefined]);
    const refused = answers.find((answer) => codeOf(answer));
    expect(refused?.errors?.[0]?.message).toMatch(/changed meanwhile: it has revision 2/);
    expect((await revisions(id)).edges).toHaveLength(2);
    expect(await update(id, { name: `${name}-new`, ifRevision: 2 })).toMatchObject({ revision: 3 });
    expect(codeOf(await server.request(UPDATE, { input: { id, ifRevision: 3 } }, admin.token))).toBe('BAD_USER_INPUT');
  });

  test('only an admin reads and changes them', async () => {
    const made = await create();
    for (const [query, variables] of [
      [CREATE, { input: input() }],
      [UPDATE, { input: { id: made.id, text: 'x' } }],
      [RESTORE, { id: made.id, revision: 1 }],
      [DELETE, { id: made.id }],
      [ONE, { id: made.id }],
      [LIST, {}],
    ] as const) {
      expect(codeOf(await server.request(query, { ...variables }, user.token))).toBe('FORBIDDEN');
      expect(codeOf(await server.request(query, { ...variables }))).toBe('UNAUTHENTICATED');
    }
    const asked = [made.id, missing()].map((id) => server.request(NODE, { id }, user.token));
    expect(await Promise.all(asked)).toEqual([{ data: { node: null } }, { data: { node: null } }]);
  });

  test('who has it in a conversation sees what applies there, and nothing of what was before', async () => {
    const made = await create();
    const conversation = await createConversation(made.id);
    expect(conversation.systemPrompt).toEqual(made);
    const other = await server.register();
    const seen = async (asker: TestUser) => [
      (await server.data(NODE, { id: made.id }, asker.token)).node,
      (await server.data(CONVERSATION, { id: conversation.id }, asker.token)).conversation,
    ];
    expect(await seen(user)).toEqual([made, { systemPrompt: made }]);
    expect(await seen(other)).toEqual([null, null]);
    // An admin has all prompts, and nobody's conversations.
    expect(await seen(admin)).toEqual([made, null]);
    const withRevisions = CONVERSATION.replace(FIELDS, 'revisions { totalCount }');
    expect(codeOf(await server.request(withRevisions, { id: conversation.id }, user.token))).toBe('FORBIDDEN');
    await update(made.id, { text: 'Be kind.' });
    expect((await seen(user))[1]).toMatchObject({ systemPrompt: { text: 'Be kind.', revision: 2 } });
  });

  test('what is not there is NOT_FOUND, and what is no id of one is refused', async () => {
    const made = await create();
    const gone = await create();
    await remove(gone.id);
    const conversation = await createConversation(null);
    const places = [
      ['input.id', UPDATE, (id: string) => ({ input: { id, text: 'x' } })],
      ['id', RESTORE, (id: string) => ({ id, revision: 1 })],
      ['id', DELETE, (id: string) => ({ id })],
      ['input.systemPromptId', CREATE_CONVERSATION, (id: string) => ({ input: { systemPromptId: id } })],
      [
        'input.systemPromptId',
        CREATE_CONVERSATION,
        (id: string) => ({ input: { systemPromptId: id, prompt: 'A question' } }),
      ],
      [
        'input.systemPromptId',
        CREATE_CONVERSATION,
        (id: string) => ({ input: { systemPromptId: id, prompt: 'A question', response: 'An answer' } }),
      ],
      [
        'input.systemPromptId',
        UPDATE_CONVERSATION,
        (id: string) => ({ input: { id: conversation.id, title: 'changed', systemPromptId: id } }),
      ],
    ] as const;
    for (const [field, query, variables] of places) {
      const asker = field === 'input.systemPromptId' ? user : admin;
      for (const id of [gone.id, missing()]) {
        const result = await server.request(query, variables(id), asker.token);
        expect(codeOf(result), query).toBe('NOT_FOUND');
        expect(result.errors?.[0]?.message).toBe('No such system prompt.');
      }
      for (const id of ['', 'nonsense', encodeId('SystemPrompt', '1'), encodeId('Message', randomUUID())]) {
        expect(failure(await server.request(query, variables(id), asker.token)), query).toMatchObject({
          code: 'BAD_USER_INPUT',
          fields: { [field]: expect.stringMatching(/./) },
        });
      }
    }
    for (const revision of [-1, 0, 2, 2_147_483_647]) {
      expect(codeOf(await server.request(RESTORE, { id: made.id, revision }, admin.token))).toBe('NOT_FOUND');
    }
    expect((await server.data(ONE, { id: made.id }, admin.token)).systemPrompt).toEqual(made);
    const shown = '{ conversations(first: 100, filter: { text: "changed" }) { totalCount } }';
    expect((await server.data(shown, {}, user.token)).conversations.totalCount).toBe(0);
  });

  test.each([
    ['name', ''],
    ['name', ' \t'],
    ['name', 'x'.repeat(201)],
    ['name', 'nul\0'],
    ['text', ''],
    ['text', ' \n'],
    ['text', 'x'.repeat(100_001)],
    ['text', 'nul\0'],
    ['version', ' '],
    ['version', 'x'.repeat(101)],
    ['version', 'nul\0'],
  ])('a bad %s is refused (%#)', async (field, value) => {
    const { id } = await create();
    const more = { [field]: value };
    const expected = { code: 'BAD_USER_INPUT', fields: { [`input.${field}`]: expect.stringMatching(/./) } };
    expect(failure(await server.request(CREATE, { input: input(more) }, admin.token))).toMatchObject(expected);
    expect(failure(await server.request(UPDATE, { input: { id, ...more } }, admin.token))).toMatchObject(expected);
    expect((await revisions(id)).totalCount).toBe(1);
  });

  test('a change that changes nothing is refused', async () => {
    const { id } = await create();
    for (const changes of [{}, { name: null, text: null, version: null }]) {
      expect(codeOf(await server.request(UPDATE, { input: { id, ...changes } }, admin.token))).toBe('BAD_USER_INPUT');
    }
    expect((await revisions(id)).totalCount).toBe(1);
  });

  test('the longest that are taken, in the widest characters, can be stored', async () => {
    const widest = { name: '名'.repeat(200), text: '語'.repeat(100_000), version: '版'.repeat(100) };
    const made = await create(widest);
    expect(made).toMatchObject(widest);
    await remove(made.id);
    expect(await create({ text: 'lone \ud800' })).toMatchObject({ text: 'lone \ufffd' });
  });

  test('a name is there once', async () => {
    const { id, name } = await create({ name: `caf\u00e9-${randomUUID()}` });
    const second = await create();
    for (const taken of [name, ` ${name} `, name.normalize('NFD')]) {
      expect(codeOf(await server.request(CREATE, { input: input({ name: taken }) }, admin.token))).toBe('CONFLICT');
      const renamed = await server.request(UPDATE, { input: { id: second.id, name: taken } }, admin.token);
      expect(codeOf(renamed)).toBe('CONFLICT');
    }
    expect((await revisions(second.id)).totalCount).toBe(1);
    // Its own stays its own.
    expect(await update(id, { name })).toMatchObject({ name, revision: 2 });

    const raced = input();
    const results = await Promise.all(
      Array.from({ length: 5 }, () => server.request(CREATE, { input: raced }, admin.token)),
    );
    const codes = results.map(codeOf).sort();
    expect(codes).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', undefined]);
  });

  test('one that is in use stays, and who uses it is told', async () => {
    const made = await create();
    const conversation = await createConversation(made.id);
    await createConversation(made.id);
    await createConversation(made.id, admin);
    const refused = await remove(made.id);
    expect(codeOf(refused)).toBe('CONFLICT');
    const owners = ['the-admin', user.username].sort().join(' and ');
    expect(refused.errors?.[0]?.message).toContain(`in use: by 3 conversations of ${owners}.`);
    expect((await server.data(ONE, { id: made.id }, admin.token)).systemPrompt).toEqual(made);

    // Of many, some are named.
    const { prisma } = server.app.database;
    const people = Array.from({ length: 6 }, (_, index) => ({ id: randomUUID(), name: `a${index}-${randomUUID()}` }));
    await prisma.user.createMany({
      data: people.map(({ id, name }) => ({ id, username: name, usernameKey: name, passwordHash: 'none' })),
    });
    const systemPromptId = decodeId('SystemPrompt', made.id, 'id');
    await prisma.conversation.createMany({
      data: people.map(({ id }) => ({ id: randomUUID(), userId: id, title: 'mine alone', systemPromptId })),
    });
    const message = (await remove(made.id)).errors?.[0]?.message ?? '';
    const named = people.slice(0, 5).map(({ name }) => name);
    expect(message).toContain(`9 conversations of ${named.join(', ')}, and others.`);
    expect(message).not.toContain('mine alone');
    await prisma.user.deleteMany({ where: { id: { in: people.map(({ id }) => id) } } });

    const withoutIt = { input: { id: conversation.id, systemPromptId: null } };
    const updated = await server.data(UPDATE_CONVERSATION, withoutIt, user.token);
    expect(updated.updateConversation.systemPrompt).toBeNull();
    expect((await remove(made.id)).errors?.[0]?.message).toContain('by 2 conversations of');
    await prisma.conversation.deleteMany({ where: { systemPromptId } });
    expect(codeOf(await remove(made.id))).toBeUndefined();
  });

  test('it is either deleted or taken into use, also at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await create();
      const taking = { input: { systemPromptId: id } };
      const results = await Promise.all([remove(id), server.request(CREATE_CONVERSATION, taking, user.token)]);
      expect([
        [undefined, 'NOT_FOUND'],
        ['CONFLICT', undefined],
      ]).toContainEqual(results.map(codeOf));
    }
  });

  test('what a person has written stays when the account is deleted', async () => {
    const { id } = await create();
    const { prisma } = server.app.database;
    const author = decodeId('User', (await server.register()).id, 'id');
    const where = { promptId: decodeId('SystemPrompt', id, 'id') };
    await prisma.systemPromptRevision.updateMany({ where, data: { authorId: author } });
    await prisma.user.delete({ where: { id: author } });
    expect((await revisions(id)).edges[0].node).toMatchObject({ text: 'Be brief.', author: null });
  });

  test('the list and the revisions are paged both ways, the newest first', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.unshift((await create()).id);
    const id = made[0] as string;
    for (let index = 0; index < 4; index += 1) await update(id, { text: `Text ${index}` });
    for (const [pages, keyOf, expected] of [
      [list, ({ node }: Data) => node.id, made],
      [(page: object) => revisions(id, page), ({ node }: Data) => node.revision, [5, 4, 3, 2, 1]],
    ] as const) {
      const forward: Data[] = [];
      for (let after: string | null = null; ; ) {
        const page: Data = await pages({ first: 2, after });
        expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
        forward.push(...page.edges);
        after = page.pageInfo.endCursor;
        if (!page.pageInfo.hasNextPage) break;
      }
      expect(forward).toHaveLength((await pages({ first: 0 })).totalCount);
      expect(forward.map(keyOf).slice(0, 5)).toEqual(expected);
      const backward = await pages({ last: 2, before: forward[3]?.cursor });
      expect(backward.edges.map(keyOf)).toEqual(expected.slice(1, 3));
      expect(backward.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    }
    const page = '{ systemPrompts(first: 100) { edges { node { name text version revision } } } }';
    expect(await statementsOf(() => server.data(page, {}, admin.token))).toHaveLength(1);
    expect(await statementsOf(() => revisions(id, { first: 5 }))).toHaveLength(2);
    for (const query of [LIST, REVISIONS]) {
      for (const after of ['nonsense', cursor('a'), cursor(9_000_000_000, 'b'), cursor()]) {
        expect(failure(await server.request(query, { id, after }, admin.token))).toMatchObject({
          code: 'BAD_USER_INPUT',
          fields: { after: expect.stringMatching(/./) },
        });
      }
      expect(codeOf(await server.request(query, { id, first: 101 }, admin.token))).toBe('BAD_USER_INPUT');
    }
  });

  test('nothing of all this was a fault of the server', () => {
    expect(errors).toEqual([]);
  });
});
