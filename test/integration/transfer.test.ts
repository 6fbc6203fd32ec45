import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, type Engine, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import {
  conversationOf,
  exported,
  fileOf,
  imported,
  importedByGraph,
  LIST,
  postImport,
  REGENERATE,
  SEND,
  treesOfAnyShape,
  withoutIds,
} from '../support/transfers.ts';
import { bearer, settledBytes } from '../support/uploads.ts';

const ENGINES: Engine[] = ['pglite', 'postgresql'];

describe.each(ENGINES)('export and import on %s', (engine) => {
  let upstream: ScriptedUpstream;
  let server: TestServer;
  let admin: TestUser;
  const errors: unknown[] = [];

  beforeAll(async () => {
    upstream = await startScriptedUpstream({
      script: ({ messages }) => ({ tokens: ['You said ', messages.at(-1)?.content ?? ''] }),
    });
    server = await startTestServer({
      engine,
      shared: true,
      errors,
      openAiUrl: upstream.url,
      environment: { DEFAULT_MODEL: 'openai/scripted', MAX_IMPORT_MB: '20' },
    });
    admin = await server.register('the-admin');
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
    expect(errors).toEqual([]);
  });

  const send = async (user: TestUser, input: object) =>
    (await server.data(SEND, { input: { turnKey: randomUUID(), ...input } }, user.token)).sendMessage;
  const list = async (user: TestUser, filter: object | null = null): Promise<Data[]> =>
    (await server.data(LIST, { filter }, user.token)).conversations.edges.map(({ node }: Data) => node);

  test('what one user exports another imports, and it is the same but for the ids', async () => {
    const [user, other] = [await server.register(), await server.register()];
    const first = await send(user, { text: 'one 🙂' });
    const conversationId = first.conversation.id;
    await send(user, { text: 'two', conversationId });
    const regenerated = { turnKey: randomUUID(), messageId: first.assistantMessage.id };
    await server.data(REGENERATE, { input: regenerated }, user.token);
    await send(user, { text: 'another beginning', conversationId, parentId: conversationId });
    const feedback = `mutation ($id: ID!) { rateMessage(id: $id, rating: UP, comment: "good") { id } }`;
    await server.data(feedback, { id: first.assistantMessage.id }, user.token);
    const change = `mutation ($id: ID!) { updateConversation(input: { id: $id, title: "Ä title", pinned: true, archived: true }) { id } }`;
    await server.data(change, { id: conversationId }, user.token);
    await server.data('mutation { createConversation(input: { title: "Empty" }) { id } }', {}, user.token);

    const before = await exported(server, user);
    expect(before).toMatchObject({ format: 'colloquy.conversations', version: 1 });
    expect(before.conversations[0]).toMatchObject({ title: 'Ä title', autoTitle: false, pinned: true });
    expect(before.conversations[0].messages).toHaveLength(7);
    expect(before.conversations[0].messages[1]).toMatchObject({
      role: 'ASSISTANT',
      content: 'You said one 🙂',
      feedback: { rating: 'UP', comment: 'good' },
      usage: { promptTokens: expect.any(Number) },
    });

    expect(await imported(server, before, other)).toEqual({ imported: 2, skipped: 0, failedCount: 0, failed: [] });
    const after = await exported(server, other);
    expect(withoutIds(after)).toEqual(withoutIds(before));
    const ids = (document: Data) =>
      document.conversations.flatMap(({ id, messages }: Data) => [id, ...messages.map((message: Data) => message.id)]);
    expect(new Set([...ids(before), ...ids(after)]).size).toBe(2 * ids(before).length);

    expect(await imported(server, before, other)).toMatchObject({ imported: 0, skipped: 2 });
    expect(await imported(server, before, user)).toMatchObject({ imported: 0, skipped: 2 });
    expect(await imported(server, after, other)).toMatchObject({ imported: 0, skipped: 2 });
    expect(withoutIds(await exported(server, other))).toEqual(withoutIds(before));
  });

  test('lists, search, paths and counts take what was imported for what it is, and it goes on', async () => {
    const user = await server.register();
    const file = fileOf(
      conversationOf(
        [
          [null, 'USER', 'What is a needle?'],
          [0, 'ASSISTANT', 'A thin thing'],
          [0, 'ASSISTANT', 'Found in a haystack'],
          [2, 'USER', 'Really?'],
          [3, 'ASSISTANT', 'Really.'],
          [1, 'USER', 'How thin?'],
        ],
        { currentMessageId: 'm4', updatedAt: '2024-05-01T00:00:00.000Z' },
      ),
      conversationOf([[null, 'USER', 'older']], {
        updatedAt: '2024-04-01T00:00:00.000Z',
        archivedAt: '2024-04-02T00:00:00Z',
      }),
    );
    await imported(server, file, user);
    const [newer, older] = await list(user);
    expect(newer).toMatchObject({
      messageCount: 6,
      activeAt: '2024-05-01T00:00:00.000Z',
      createdAt: '2024-03-01T10:00:00.000Z',
      lastMessage: { content: 'Really.', turn: null },
    });
    expect(newer?.messages.edges.map(({ node }: Data) => node.content)).toEqual([
      'What is a needle?',
      'Found in a haystack',
      'Really?',
      'Really.',
    ]);
    expect(older).toMatchObject({ messageCount: 1, archivedAt: '2024-04-02T00:00:00.000Z' });
    expect(await list(user, { text: 'HAYSTACK' })).toEqual([newer]);
    expect(await list(user, { archived: true })).toEqual([older]);

    const next = await send(user, { text: 'And now?', conversationId: newer?.id });
    expect(next.assistantMessage.content).toBe('You said And now?');
    const [grown] = await list(user, { text: 'needle' });
    expect(grown).toMatchObject({ messageCount: 8, messages: { totalCount: 6 } });

    const leaf = `query ($id: ID!) { node(id: $id) { ... on Message { newestLeaf { content } siblings { content } } } }`;
    const answer = newer?.messages.edges[1].node.id;
    expect((await server.data(leaf, { id: answer }, user.token)).node).toEqual({
      newestLeaf: { content: 'You said And now?' },
      siblings: [{ content: 'A thin thing' }, { content: 'Found in a haystack' }],
    });
  });

  test('an answer of a model that is not here is made again by the default one', async () => {
    const user = await server.register();
    const { messages, ...rest } = conversationOf([
      [null, 'USER', 'hello'],
      [0, 'ASSISTANT', 'hi'],
    ]);
    await imported(
      server,
      fileOf({
        ...rest,
        messages: messages.map((one, at) => ({ ...one, ...(at === 1 && { model: 'elsewhere/model' }) })),
      }),
      user,
    );
    const [conversation] = await list(user);
    const [prompt, answer] = conversation?.messages.edges.map(({ node }: Data) => node.id) ?? [];
    const input = { turnKey: randomUUID(), messageId: answer };
    const { assistantMessage } = (await server.data(REGENERATE, { input }, user.token)).regenerate;
    expect(assistantMessage).toMatchObject({ model: 'openai/scripted', parent: { id: prompt } });
  });

  test('what is broken is told with its place, and the rest is imported', async () => {
    const user = await server.register();
    const good = () => JSON.stringify(conversationOf([[null, 'USER', 'good']]));
    const broken = (change: object) =>
      JSON.stringify({
        ...conversationOf([
          [null, 'USER', 'x'],
          [0, 'ASSISTANT', 'y'],
        ]),
        ...change,
      });
    const message = { id: 'a', role: 'USER', content: 'x' };
    const conversations = [
      good(),
      '{"title": "No JSON", nonsense}',
      '"a text"',
      'null',
      broken({ title: 'A role', messages: [{ ...message, role: 'SYSTEM' }] }),
      broken({ title: 'An orphan', messages: [{ ...message, parentId: 'nobody' }] }),
      broken({
        title: 'A circle',
        messages: [
          { ...message, parentId: 'b' },
          { ...message, id: 'b', parentId: 'a' },
        ],
      }),
      broken({ title: 'Twins', messages: [message, message] }),
      broken({ title: 'A negative', messages: [{ ...message, segments: [-1, 2] }] }),
      broken({ title: 'A date', createdAt: 'yesterday' }),
      `{"title": "Deep", "messages": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
      good(),
    ];
    const result = await imported(
      server,
      `{"format":"colloquy.conversations","version":1,"conversations":[${conversations.join(',')}]}`,
      user,
    );
    expect(result).toMatchObject({ imported: 2, skipped: 0, failedCount: 10 });
    expect(result.failed.map(({ index, title }: Data) => [index, title])).toEqual([
      [1, null],
      [2, null],
      [3, null],
      [4, 'A role'],
      [5, 'An orphan'],
      [6, 'A circle'],
      [7, 'Twins'],
      [8, 'A negative'],
      [9, 'A date'],
      [10, null],
    ]);
    expect(result.failed[3].message).toContain('messages.0.role');
    expect(await list(user)).toHaveLength(2);
  });

  test('a file that ends in the middle is imported up to there, and whole the next time', async () => {
    const user = await server.register();
    const whole = JSON.stringify(
      fileOf(...Array.from({ length: 5 }, (_, at) => conversationOf([[null, 'USER', `n ${at}`]]))),
    );
    const cut = await imported(server, whole.slice(0, whole.lastIndexOf('n 3')), user);
    expect(cut).toMatchObject({
      imported: 3,
      failedCount: 1,
      failed: [{ index: 3, title: null, message: 'The file ends in the middle.' }],
    });
    expect(await imported(server, whole, user)).toMatchObject({ imported: 2, skipped: 3, failedCount: 0 });
    expect(await list(user)).toHaveLength(5);
  });

  test('who leaves ends the import, and the same file again goes on where it was', async () => {
    const user = await server.register();
    const { prisma } = server.app.database;
    const count = () => prisma.conversation.count({ where: { title: { startsWith: 'left ' } } });
    const total = 150;
    const conversations = Array.from({ length: total }, (_, at) =>
      conversationOf([[null, 'USER', 'x']], { title: `left ${at}` }),
    );
    const file = JSON.stringify(fileOf(...conversations));
    const left = new AbortController();
    const init = { method: 'POST', headers: bearer(user.token), body: file, signal: left.signal };
    const leaving = fetch(`${server.url}/import`, init).catch((error: Error) => error.name);
    await expect.poll(count, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0);
    left.abort();
    expect(await leaving).toBe('AbortError');

    let again = await postImport(server, file, user.token);
    while (again.status === 429) again = await postImport(server, file, user.token);
    expect(again.body.imported).toBeGreaterThan(0);
    expect(again.body.skipped).toBeGreaterThan(0);
    expect(again.body.imported + again.body.skipped).toBe(total);
    expect(await count()).toBe(total);
    expect((await settledBytes(server)).incoming).toEqual([]);
  });

  test('who is disabled gets no more of an export, and no more of an import is stored', async () => {
    const [reading, writing] = [await server.register(), await server.register()];
    const disable = ({ id }: TestUser) =>
      server.data('mutation ($id: ID!) { updateUser(id: $id, disabled: true) { id } }', { id }, admin.token);
    // More than the connection and its two ends hold.
    const long = Array.from({ length: 180 }, () => conversationOf([[null, 'USER', 'x'.repeat(100_000)]]));
    const file = JSON.stringify(fileOf(...long));
    expect(await imported(server, file, reading)).toMatchObject({ imported: 180 });
    const response = await fetch(`${server.url}/export`, { headers: bearer(reading.token) });
    expect(response.status).toBe(200);
    await disable(reading);
    await expect(response.text()).rejects.toThrow();

    const count = () =>
      server.app.database.prisma.conversation.count({ where: { user: { username: writing.username } } });
    const importing = expect(postImport(server, file, writing.token)).rejects.toThrow();
    await expect.poll(count, { interval: 5 }).toBeGreaterThan(0);
    await disable(writing);
    await importing;
    expect(await count()).toBeLessThan(180);
  });

  test('one file at the same time, twice and by two, is there once for each', async () => {
    const [user, other] = [await server.register(), await server.register()];
    const file = JSON.stringify(fileOf(...Array.from({ length: 20 }, () => conversationOf([[null, 'USER', 'same']]))));
    const answers = await Promise.all([
      postImport(server, file, user.token),
      postImport(server, file, other.token),
      postImport(server, file, user.token),
    ]);
    // One of the two may have been told to wait.
    expect(answers.map(({ status }) => status).filter((status) => status !== 429).length).toBeGreaterThanOrEqual(2);
    expect(await list(user)).toHaveLength(20);
    expect(await list(other)).toHaveLength(20);
  });

  test('nobody finds out or touches what another has by naming its ids', async () => {
    const [user, other] = [await server.register(), await server.register()];
    await send(user, { text: 'a secret of mine' });
    const mine = await exported(server, user);
    const claimed = structuredClone(mine);
    claimed.conversations[0].title = 'claimed';
    expect(await imported(server, claimed, other)).toMatchObject({ imported: 1 });
    expect(await exported(server, user)).toMatchObject({ conversations: mine.conversations });
    expect((await exported(server, other)).conversations).toHaveLength(1);
  });

  test('characters that the database cannot hold become others, one for one', async () => {
    const user = await server.register();
    const content = 'a\0b \ud800 c 😀 \u2028';
    const { messages, ...rest } = conversationOf(
      [
        [null, 'USER', 'q'],
        [0, 'ASSISTANT', content],
      ],
      { title: 'T\0 \udc00' },
    );
    const answer = { ...messages[1], reasoning: 'r\0', segments: [1, content.length, 1] };
    const passage = { fileId: randomUUID(), fileName: 'f\0', text: '\ud800', start: 0, end: 1, score: 1 };
    const file = fileOf({ ...rest, messages: [messages[0], { ...answer, citations: [{ index: 1, passage }] }] });
    expect(await imported(server, file, user)).toMatchObject({ imported: 1 });
    const [conversation] = (await exported(server, user)).conversations;
    expect(conversation.title).toBe('T\ufffd \ufffd');
    expect(conversation.messages[1]).toMatchObject({
      content: 'a\ufffdb \ufffd c 😀 \u2028',
      reasoning: 'r\ufffd',
      segments: [1, content.length, 1],
      citations: [{ index: 1, passage: { fileName: 'f\ufffd', text: '\ufffd' } }],
    });
  });

  test('a date that the database does not know breaks nothing off', async () => {
    const user = await server.register();
    const { messages, ...rest } = conversationOf([[null, 'USER', 'q']]);
    const feedback = { rating: 'UP', updatedAt: '0000-01-01T00:00:00Z' };
    await imported(server, fileOf({ ...rest, messages: [{ ...messages[0], feedback }] }), user);
    expect((await exported(server, user)).conversations[0].messages[0].feedback.updatedAt).toMatch(/^1970-/);
  });

  test('segments that do not fit their text are left out', async () => {
    const user = await server.register();
    const { messages, ...rest } = conversationOf([
      [null, 'USER', 'q'],
      [0, 'ASSISTANT', 'four'],
    ]);
    await imported(server, fileOf({ ...rest, messages: messages.map((one) => ({ ...one, segments: [0, 3] })) }), user);
    const [conversation] = (await exported(server, user)).conversations;
    expect(conversation.messages).toMatchObject([{ segments: [] }, { segments: [], content: 'four' }]);
  });

  test('trees of any shape: long, wide, and a comb whose every tooth goes on', async () => {
    const user = await server.register();
    const { line, wide, comb } = treesOfAnyShape();
    const file = fileOf(line, wide, comb);
    expect(await imported(server, file, user)).toMatchObject({ imported: 3, failedCount: 0 });
    const after = await exported(server, user);
    const contents = ({ messages }: Data) =>
      messages.map(({ content, parentId }: Data) => [
        content,
        messages.find(({ id }: Data) => id === parentId)?.content ?? null,
      ]);
    const byTitle = new Map(after.conversations.map((conversation: Data) => [conversation.title, conversation]));
    for (const given of [wide, comb]) expect(contents(byTitle.get(given.title) as Data)).toEqual(contents(given));
    expect((byTitle.get(line.title) as Data).messages.map(({ content }: Data) => content)).toEqual(
      line.messages.map(({ content }) => content),
    );
    const rows = await server.app.database.prisma.branch.findMany({ where: { conversation: { title: comb.title } } });
    expect(Math.max(...rows.map(({ lineage }) => (lineage as unknown[]).length))).toBeLessThan(12);
  });

  test('what is no export, too large, of a newer version or not signed in is refused', async () => {
    const user = await server.register();
    const refused = async (body: BodyInit, token: string | undefined = user.token) => {
      const answer = await postImport(server, body, token);
      return [answer.status, answer.body.errors[0].extensions.code];
    };
    expect(await refused('[]', '')).toEqual([401, 'UNAUTHENTICATED']);
    expect(await refused('')).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await refused('hello')).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await refused('{"a": [1, 2]}')).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await refused('{"version": 2, "conversations": []}')).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await refused('PK\u0003\u0004 and no zip')).toEqual([400, 'BAD_USER_INPUT']);
    expect(await refused(new Uint8Array(20 * 1_048_576 + 1))).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(await refused(`[${','.repeat(20_000)}]`)).toEqual([400, 'BAD_USER_INPUT']);
    expect(await imported(server, '[]', user)).toMatchObject({ imported: 0, failedCount: 0 });
    const response = await fetch(`${server.url}/export`);
    expect(response.status).toBe(401);
    expect((await fetch(`${server.url}/export`, { method: 'POST', headers: bearer(user.token) })).status).toBe(405);
    expect((await settledBytes(server)).incoming).toEqual([]);
  });

  test('the graph takes the same file', async () => {
    const user = await server.register();
    const file = fileOf(conversationOf([[null, 'USER', 'by the graph']]), { title: 'x' });
    expect(await importedByGraph(server, file, user)).toMatchObject({
      imported: 1,
      skipped: 0,
      failedCount: 1,
      failed: [{ index: 1, title: 'x' }],
    });
    expect(await list(user)).toHaveLength(1);
    expect((await settledBytes(server)).incoming).toEqual([]);
  });
});
