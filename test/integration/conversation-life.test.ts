import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId } from '../../src/graphql/ids.ts';
import { codeOf, failure } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, type Engine, startTestServer, type TestServer, type TestUser } from '../support/server.ts';

const ENGINES: Engine[] = ['pglite', 'postgresql'];

const CREATE = `mutation ($input: CreateConversationInput!) {
  createConversation(input: $input) {
    id title model messageCount
    lastMessage { id role status content model }
    messages { totalCount edges { node { id role status content model turn { id } parent { content } } } }
  }
}`;
const SEND = `mutation ($input: ChatInput!, $wait: Boolean) {
  sendMessage(input: $input, wait: $wait) { id conversation { id title messageCount } assistantMessage { id content } }
}`;
const UPDATE = 'mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { title } }';
const DELETE = 'mutation ($id: ID!) { deleteConversation(id: $id) }';
const GET = 'query ($id: ID!) { conversation(id: $id) { id title } }';
const RATE = `mutation ($id: ID!, $rating: Rating, $comment: String) {
  rateMessage(id: $id, rating: $rating, comment: $comment) { id feedback { rating comment updatedAt } }
}`;

describe.each(ENGINES)('a conversation on %s', (engine) => {
  let upstream: ScriptedUpstream;
  let server: TestServer;
  let user: TestUser;
  beforeAll(async () => {
    upstream = await startScriptedUpstream();
    server = await startTestServer({
      engine,
      shared: true,
      openAiUrl: upstream.url,
      environment: { DEFAULT_MODEL: 'openai/echo' },
    });
    user = await server.register();
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
  });

  const tryCreate = (input: object, token = user.token) => server.request(CREATE, { input }, token);
  const create = async (input: object): Promise<Data> =>
    (await server.data(CREATE, { input }, user.token)).createConversation;
  const send = async (input: object, wait = true): Promise<Data> =>
    (await server.data(SEND, { input: { turnKey: randomUUID(), ...input }, wait }, user.token)).sendMessage;
  const nodesOf = (conversation: Data): Data[] => conversation.messages.edges.map(({ node }: Data) => node);

  test('begins empty, under an id that the client may choose once', async () => {
    const id = randomUUID();
    const made = await create({ id: id.toUpperCase() });
    expect(made).toMatchObject({
      id: encodeId('Conversation', id),
      title: 'New conversation',
      messageCount: 0,
      lastMessage: null,
      messages: { totalCount: 0, edges: [] },
    });
    const stranger = await server.register();
    for (const input of [{ id }, { id, prompt: 'a', response: 'b' }, { id, prompt: 'a' }]) {
      expect(codeOf(await tryCreate(input)), JSON.stringify(input)).toBe('CONFLICT');
      expect(codeOf(await tryCreate(input, stranger.token)), JSON.stringify(input)).toBe('CONFLICT');
    }
    const contested = { id: randomUUID() };
    const results = await Promise.all(Array.from({ length: 6 }, () => tryCreate(contested)));
    expect(results.map(codeOf).sort()).toEqual([...Array(5).fill('CONFLICT'), undefined]);
  });

  test('stores a prompt with its response as they are, and generates nothing', async () => {
    const asked = upstream.requests.length;
    const response = 'Stored "as is" — 文字 🙂';
    const made = await create({ prompt: '# What *is* it?\nmore', response, model: 'openai/echo' });
    expect(made).toMatchObject({ title: 'What *is* it?', model: 'openai/echo', messageCount: 2 });
    expect(nodesOf(made)).toMatchObject([
      { role: 'USER', status: 'COMPLETE', content: '# What *is* it?\nmore', turn: null, parent: null },
      {
        role: 'ASSISTANT',
        status: 'COMPLETE',
        content: response,
        turn: null,
        parent: { content: '# What *is* it?\nmore' },
      },
    ]);
    expect(upstream.requests.slice(asked).filter(({ method }) => method === 'POST')).toEqual([]);
    // A turn goes on from it.
    const turn = await send({ conversationId: made.id, text: 'and then?' });
    expect(turn).toMatchObject({
      conversation: { id: made.id, messageCount: 4 },
      assistantMessage: { content: 'and then?' },
    });
  });

  test('answers a prompt that comes alone before it returns', async () => {
    const id = randomUUID();
    const made = await create({ id, prompt: 'say this again', title: 'Mine', model: 'openai/echo' });
    expect(made).toMatchObject({ id: encodeId('Conversation', id), title: 'Mine', messageCount: 2 });
    expect(nodesOf(made)).toMatchObject([
      { role: 'USER', content: 'say this again', turn: null },
      { role: 'ASSISTANT', status: 'COMPLETE', content: 'say this again', turn: { id: expect.stringMatching(/./) } },
    ]);
    const contested = { id: randomUUID(), prompt: 'only once' };
    const results = await Promise.all(Array.from({ length: 4 }, () => tryCreate(contested)));
    expect(results.map(codeOf).sort()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', undefined]);
  });

  test('is refused where its parts do not fit together', async () => {
    const cases: [object, string][] = [
      [{ response: 'an answer to nothing' }, 'input.response'],
      [{ prompt: ' ' }, 'input.prompt'],
      [{ prompt: 'nul\0' }, 'input.prompt'],
      [{ prompt: 'a', response: 'nul\0' }, 'input.response'],
      [{ prompt: 'a', response: 'b'.repeat(1_000_001) }, 'input.response'],
      [{ title: '' }, 'input.title'],
      [{ model: 'nobody/model' }, 'input.model'],
      [{ model: 'nonsense' }, 'input.model'],
      [{ model: 'constructor/name' }, 'input.model'],
      [{ model: 'aihub/unconfigured', prompt: 'a' }, 'input.model'],
      [{ model: 'openai/nul\0', prompt: 'a', response: 'b' }, 'input.model'],
      [{ model: 'openai/nul\0', prompt: 'a' }, 'input.model'],
      [{ model: `openai/${'x'.repeat(300)}` }, 'input.model'],
    ];
    for (const [input, field] of cases) {
      expect(failure(await tryCreate(input)), JSON.stringify(input).slice(0, 100)).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { [field]: expect.stringMatching(/./) },
      });
    }
    // What another system has made is stored all the same, under the provider's own name.
    expect(await create({ model: 'corporate/unconfigured', prompt: 'a', response: 'b' })).toMatchObject({
      model: 'aihub/unconfigured',
    });
    const lone = await create({ prompt: 'a \ud800', response: 'b \ud800' });
    expect(nodesOf(lone).map(({ content }) => content)).toEqual(['a \ufffd', 'b \ufffd']);
  });

  test('takes its title from the first turn, until a person sets one', async () => {
    const { id } = await create({});
    expect((await send({ conversationId: id, text: 'First words\nand more' })).conversation.title).toBe('First words');
    expect((await send({ conversationId: id, text: 'Second words' })).conversation.title).toBe('First words');
    const named = await create({});
    await server.data(UPDATE, { input: { id: named.id, title: 'By hand' } }, user.token);
    expect((await send({ conversationId: named.id, text: 'First words' })).conversation.title).toBe('By hand');
    const given = await create({ title: 'Given' });
    expect((await send({ conversationId: given.id, text: 'First words' })).conversation.title).toBe('Given');
    const long = await send({ text: `${'word '.repeat(40)}` });
    expect(long.conversation.title).toMatch(/^(word )+word…$/);
    expect(long.conversation.title.length).toBeLessThanOrEqual(60);
  });

  test('is deleted with all that is in it', async () => {
    const made = await create({ prompt: 'delete me', response: 'gladly' });
    await send({ conversationId: made.id, text: 'wait' });
    const { prisma } = server.app.database;
    const before = {
      messages: await prisma.message.count(),
      turns: await prisma.turn.count(),
      branches: await prisma.branch.count(),
    };
    expect(await server.data(DELETE, { id: made.id }, user.token)).toEqual({ deleteConversation: made.id });
    const after = {
      messages: await prisma.message.count(),
      turns: await prisma.turn.count(),
      branches: await prisma.branch.count(),
    };
    expect(after).toEqual({ messages: before.messages - 4, turns: before.turns - 1, branches: before.branches - 1 });
    expect(await server.data(GET, { id: made.id }, user.token)).toEqual({ conversation: null });
    expect(codeOf(await server.request(DELETE, { id: made.id }, user.token))).toBe('NOT_FOUND');
  });

  test('is deleted while it is being written: the model is told to stop, and its watchers hear the end', async () => {
    const count = upstream.requests.length;
    const socket = await openGraphqlSocket(server, { token: user.token });
    socket.subscribe('changes', 'subscription { conversationChanged { id title } }');
    socket.subscribe(
      'turn',
      `subscription ($input: ChatInput!) { chat(input: $input) {
        __typename turnId ... on TurnStarted { turn { conversation { id } } }
      } }`,
      { input: { turnKey: randomUUID(), text: 'a long one', model: 'openai/scripted?fault=silent&after=3' } },
    );
    const started = (await socket.take('next', 'turn')).payload?.data.chat;
    expect(started.__typename).toBe('TurnStarted');
    const asked = (await upstream.whenRequests(count + 1)).at(-1);
    const { id } = started.turn.conversation;
    expect(await server.data(DELETE, { id }, user.token)).toEqual({ deleteConversation: id });
    expect((await asked?.whenClosed)?.aborted).toBe(true);
    await socket.take('complete', 'turn');
    expect(await server.data(GET, { id }, user.token)).toEqual({ conversation: null });
    // What listens to changes goes on: the next one comes, and nothing before it was a failure of the server.
    const next = await create({ title: 'the next one' });
    let change = await socket.take('next', 'changes');
    while (change.payload?.data?.conversationChanged.id !== next.id) {
      // That the deleted one has changed may be told before or after it is gone.
      expect([undefined, 'NOT_FOUND']).toContain(change.payload?.errors?.[0].extensions.code);
      change = await socket.take('next', 'changes');
    }
  });

  test('has answers that can be rated, again and otherwise, and not at all', async () => {
    const [prompt, answer] = nodesOf(await create({ prompt: 'rate', response: 'me' }));
    const rate = async (variables: object): Promise<Data> =>
      (await server.data(RATE, { id: answer?.id, ...variables }, user.token)).rateMessage.feedback;
    expect(await rate({ rating: 'UP', comment: 'good 🙂' })).toMatchObject({ rating: 'UP', comment: 'good 🙂' });
    expect(await rate({ rating: 'DOWN' })).toMatchObject({ rating: 'DOWN', comment: null });
    expect(await rate({ rating: null })).toBeNull();
    expect(await rate({ rating: 'UP', comment: 'lone \ud800' })).toMatchObject({ comment: 'lone \ufffd' });
    const refused: [object, string][] = [
      [{ id: prompt?.id, rating: 'UP' }, 'id'],
      [{ rating: 'UP', comment: 'x'.repeat(2_001) }, 'comment'],
      [{ rating: 'UP', comment: 'nul\0' }, 'comment'],
    ];
    for (const [variables, field] of refused) {
      expect(failure(await server.request(RATE, { id: answer?.id, ...variables }, user.token)), field).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { [field]: expect.stringMatching(/./) },
      });
    }
  });
});
