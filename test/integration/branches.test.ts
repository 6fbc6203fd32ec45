import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, failure } from '../support/errors.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, type Engine, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';

const ENGINES: Engine[] = ['pglite', 'postgresql'];

const TURN = 'id conversation { id } userMessage { id } assistantMessage { id content model }';
const SEND = `mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { ${TURN} } }`;
const REGENERATE = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { ${TURN} } }`;
const PATH = `query ($id: ID!, $leaf: ID, $first: Int, $after: String, $last: Int, $before: String) {
  conversation(id: $id) {
    messageCount lastMessage { id }
    messages(leaf: $leaf, first: $first, after: $after, last: $last, before: $before) {
      totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { id role content parent { id } siblings { id content } } }
    }
  }
}`;

type Sent = { turnId: string; conversationId: string; promptId: string; answerId: string; answer: string };

describe.each(ENGINES)('branches on %s', (engine) => {
  let upstream: ScriptedUpstream;
  let server: TestServer;
  let user: TestUser;
  /** What the model was told, newest last. */
  const told = (): string[] => {
    const body = upstream.requests.at(-1)?.body as { messages: { role: string; content: string }[] };
    return body.messages.map(({ content }) => content);
  };

  beforeAll(async () => {
    let answers = 0;
    upstream = await startScriptedUpstream({
      script: ({ messages }) => ({ tokens: [`answer ${++answers} to `, messages.at(-1)?.content ?? ''] }),
    });
    server = await startTestServer({
      engine,
      shared: true,
      openAiUrl: upstream.url,
      environment: { DEFAULT_MODEL: 'openai/scripted' },
    });
    user = await server.register();
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
  });

  const sent = (turn: Data): Sent => ({
    turnId: turn.id,
    conversationId: turn.conversation.id,
    promptId: turn.userMessage.id,
    answerId: turn.assistantMessage.id,
    answer: turn.assistantMessage.content,
  });
  const trySend = (input: object) => server.request(SEND, { input: { turnKey: randomUUID(), ...input } }, user.token);
  const send = async (input: object): Promise<Sent> =>
    sent((await server.data(SEND, { input: { turnKey: randomUUID(), ...input } }, user.token)).sendMessage);
  const regenerate = async (messageId: string, more: object = {}): Promise<Sent> =>
    sent(
      (await server.data(REGENERATE, { input: { turnKey: randomUUID(), messageId, ...more } }, user.token)).regenerate,
    );
  const read = async (id: string, variables: object = {}): Promise<Data> =>
    (await server.data(PATH, { id, ...variables }, user.token)).conversation;
  const path = async (id: string, variables: object = {}): Promise<string[]> =>
    (await read(id, { first: 100, ...variables })).messages.edges.map(({ node }: Data) => node.id);
  const siblings = async (id: string, leaf: string): Promise<string[]> =>
    (await read(id, { leaf, last: 1 })).messages.edges[0].node.siblings.map((sibling: Data) => sibling.id);

  test('an answer made again stands beside the first, and what follows goes on from the newest', async () => {
    const first = await send({ text: 'one' });
    const id = first.conversationId;
    const again = await regenerate(first.answerId);
    expect(again).toMatchObject({ conversationId: id, promptId: first.promptId });
    expect(again.answer).not.toBe(first.answer);
    // Asked of the prompt, it is the same.
    const third = await regenerate(first.promptId, { model: 'openai/scripted?other' });
    expect(await siblings(id, third.answerId)).toEqual([first.answerId, again.answerId, third.answerId]);
    expect(await path(id)).toEqual([first.promptId, third.answerId]);
    expect(await path(id, { leaf: first.answerId })).toEqual([first.promptId, first.answerId]);
    const next = await send({ conversationId: id, text: 'two' });
    expect(told()).toEqual(['one', third.answer, 'two']);
    expect(await path(id)).toEqual([first.promptId, third.answerId, next.promptId, next.answerId]);
    expect(await read(id)).toMatchObject({ messageCount: 6, lastMessage: { id: next.answerId } });
  });

  test('a prompt under an older answer begins a branch; the others stay as they were', async () => {
    const first = await send({ text: 'one' });
    const id = first.conversationId;
    const second = await send({ conversationId: id, text: 'two' });
    const branch = await send({ conversationId: id, parentId: first.answerId, text: 'two, otherwise' });
    expect(told()).toEqual(['one', first.answer, 'two, otherwise']);
    expect(await path(id)).toEqual([first.promptId, first.answerId, branch.promptId, branch.answerId]);
    expect(await path(id, { leaf: second.answerId })).toEqual([
      first.promptId,
      first.answerId,
      second.promptId,
      second.answerId,
    ]);
    expect(await siblings(id, branch.promptId)).toEqual([second.promptId, branch.promptId]);
    // Going on in the older branch makes it the newest.
    const back = await send({ conversationId: id, parentId: second.answerId, text: 'three' });
    expect(told()).toEqual(['one', first.answer, 'two', second.answer, 'three']);
    expect((await path(id)).slice(-3)).toEqual([second.answerId, back.promptId, back.answerId]);
    expect(await path(id, { leaf: first.promptId })).toEqual([first.promptId]);
  });

  test('a prompt under the conversation itself stands beside its first one', async () => {
    const first = await send({ text: 'one' });
    const id = first.conversationId;
    const edited = await send({ conversationId: id, parentId: id, text: 'one, edited' });
    expect(told()).toEqual(['one, edited']);
    expect(await path(id)).toEqual([edited.promptId, edited.answerId]);
    expect(await siblings(id, first.promptId)).toEqual([first.promptId, edited.promptId]);
    expect(await siblings(id, first.answerId)).toEqual([first.answerId]);
    const shown = await read(id, { first: 1 });
    expect(shown.messages.edges[0].node.parent).toBeNull();
  });

  test('prompts and answers go only where they belong', async () => {
    const first = await send({ text: 'one' });
    const elsewhere = await send({ text: 'elsewhere' });
    const conversationId = first.conversationId;
    const cases: [object, string, string | null][] = [
      [{ conversationId, parentId: first.promptId }, 'BAD_USER_INPUT', 'input.parentId'],
      [{ conversationId, parentId: first.turnId }, 'BAD_USER_INPUT', 'input.parentId'],
      [{ conversationId, parentId: elsewhere.conversationId }, 'BAD_USER_INPUT', 'input.parentId'],
      [{ conversationId, parentId: elsewhere.answerId }, 'NOT_FOUND', null],
    ];
    for (const [input, code, field] of cases) {
      const refused = failure(await trySend({ text: 'astray', ...input }));
      expect(refused.code, JSON.stringify(input)).toBe(code);
      expect(Object.keys(refused.fields ?? {})).toEqual(field ? [field] : []);
    }
    const leaf = await server.request(PATH, { id: conversationId, leaf: elsewhere.answerId }, user.token);
    expect(codeOf(leaf)).toBe('NOT_FOUND');
    expect((await read(conversationId)).messageCount).toBe(2);
  });

  test('writers of one place at once each get a branch of their own', async () => {
    const first = await send({ text: 'one' });
    const id = first.conversationId;
    const made = await Promise.all(
      Array.from({ length: 5 }, (_, index) => send({ conversationId: id, parentId: first.answerId, text: `${index}` })),
    );
    expect(new Set(await siblings(id, made[0]?.promptId ?? ''))).toEqual(new Set(made.map(({ promptId }) => promptId)));
    for (const { promptId, answerId } of made) {
      expect(await path(id, { leaf: answerId })).toEqual([first.promptId, first.answerId, promptId, answerId]);
    }
    expect((await read(id)).messageCount).toBe(12);
  });

  test('a long path through several branches is paged from either end, whole and in order', async () => {
    let at = await send({ text: 'turn 0' });
    const id = at.conversationId;
    const expected = [at.promptId, at.answerId];
    for (let turn = 1; turn < 13; turn++) {
      // Every third one leaves a branch behind: an answer is made again, or a prompt written anew.
      const input = { conversationId: id, parentId: at.answerId };
      if (turn % 3 === 1) await send({ ...input, text: `left behind ${turn}` });
      at = await send({ ...input, text: `turn ${turn}` });
      if (turn % 3 === 2) at = await regenerate(at.answerId);
      expected.push(at.promptId, at.answerId);
    }
    await send({ conversationId: id, parentId: id, text: 'the newest is elsewhere' });
    const leaf = at.answerId;
    expect(await path(id, { leaf })).toEqual(expected);
    for (const size of [1, 4, 7, 26]) {
      const forwards: string[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const { messages } = await read(id, { leaf, first: size, after });
        expect(messages.totalCount).toBe(26);
        expect(messages.pageInfo.hasPreviousPage).toBe(after !== null);
        forwards.push(...messages.edges.map(({ node }: Data) => node.id));
        ({ hasNextPage: more, endCursor: after } = messages.pageInfo);
      }
      expect(forwards, `first: ${size}`).toEqual(expected);
      const backwards: string[] = [];
      for (let before: string | null = null, more = true; more; ) {
        const { messages } = await read(id, { leaf, last: size, before });
        backwards.unshift(...messages.edges.map(({ node }: Data) => node.id));
        ({ hasPreviousPage: more, startCursor: before } = messages.pageInfo);
      }
      expect(backwards, `last: ${size}`).toEqual(expected);
    }
    const all = (await read(id, { leaf, first: 26 })).messages.edges;
    const between = { leaf, first: 100, after: all[3].cursor, before: all[9].cursor };
    expect(await path(id, between)).toEqual(expected.slice(4, 9));
    expect(await path(id, { ...between, first: null, last: 2 })).toEqual(expected.slice(7, 9));
  });

  test('a page of fifty messages with siblings and citations is a handful of statements', async () => {
    const { createConversation } = await server.data(
      'mutation { createConversation(input: { prompt: "0", response: "0" }) { id } }',
      {},
      user.token,
    );
    const { id } = createConversation;
    for (let turn = 1; turn < 25; turn++) await send({ conversationId: id, text: `${turn}` });
    const query = `query ($id: ID!) { conversation(id: $id) { id title messages(first: 50) { totalCount edges { node {
      id role status content model createdAt siblings { id status } citations { index passage { text } }
      turn { id key } parent { id } usage { totalTokens } feedback { rating } error { code }
    } } } } }`;
    let shown: Data = {};
    const statements = await statementsOf(async () => {
      shown = await server.data(query, { id }, user.token);
    });
    expect(shown.conversation.messages.edges).toHaveLength(50);
    for (const { node } of shown.conversation.messages.edges) {
      expect(node.siblings.map((sibling: Data) => sibling.id)).toEqual([node.id]);
    }
    expect(statements.length, statements.join('\n\n')).toBeLessThanOrEqual(3);
    expect(statements.length).toBeGreaterThan(0);
  });
});
