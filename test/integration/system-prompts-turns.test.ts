import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { codeOf } from '../support/errors.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { statementsOf } from '../support/statements.ts';
import type { StreamPlan } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, watchToEnd } from '../support/turns.ts';

const CREATE = 'mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { id } }';
const UPDATE = 'mutation ($input: UpdateSystemPromptInput!) { updateSystemPrompt(input: $input) { revision } }';
const RESTORE = `mutation ($id: ID!, $revision: Int!) {
  restoreSystemPrompt(id: $id, revision: $revision) { revision }
}`;
const DELETE = 'mutation ($id: ID!) { deleteSystemPrompt(id: $id) }';
const BIND = `mutation ($id: ID!, $systemPromptId: ID) {
  updateConversation(input: { id: $id, systemPromptId: $systemPromptId }) { systemPrompt { id } }
}`;
const MESSAGE = 'id status content systemPromptId systemPromptRevision';
const CREATE_CONVERSATION = `mutation ($input: CreateConversationInput!) {
  createConversation(input: $input) { id title systemPrompt { id } lastMessage { ${MESSAGE} } }
}`;
const ANSWER = `id cached userMessage { ${MESSAGE} } assistantMessage { ${MESSAGE} }`;
const SEND = `mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { ${ANSWER} } }`;
const REGENERATE = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { ${ANSWER} } }`;
const MESSAGES = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Message { ${MESSAGE} } } }`;

/** Answers with the system prompt that it is told. */
const tellPrompt = ({ messages }: { messages: { role: string; content: string }[] }): StreamPlan => {
  const told = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  return { tokens: [JSON.stringify(told)] };
};

describe.each(['pglite', 'postgresql'] as const)('system prompts in turns on %s', (engine) => {
  let upstream: ScriptedUpstream;
  let server: TestServer;
  let admin: TestUser;
  let user: TestUser;
  const errors: unknown[] = [];

  beforeAll(async () => {
    upstream = await startScriptedUpstream({ script: tellPrompt });
    const environment = { DEFAULT_SYSTEM_PROMPT: 'the default' };
    server = await startTestServer({ engine, shared: true, errors, environment, openAiUrl: upstream.url });
    admin = await server.register('the-admin');
    user = await server.register();
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
  });

  const create = async (text: string): Promise<string> => {
    const variables = { input: { name: `prompt-${randomUUID()}`, text } };
    return (await server.data(CREATE, variables, admin.token)).createSystemPrompt.id;
  };
  const update = (id: string, changes: object) => server.data(UPDATE, { input: { id, ...changes } }, admin.token);
  const bind = (id: string, systemPromptId: string | null) => server.data(BIND, { id, systemPromptId }, user.token);
  const createConversation = async (input: object): Promise<Data> =>
    (await server.data(CREATE_CONVERSATION, { input }, user.token)).createConversation;
  const send = async (conversationId: string | null, more: Data = {}): Promise<Data> =>
    (await server.data(SEND, { input: chatInput('scripted', { conversationId, ...more }) }, user.token)).sendMessage;
  const regenerate = async (messageId: string): Promise<Data> => {
    const variables = { input: { turnKey: randomUUID(), messageId } };
    return (await server.data(REGENERATE, variables, user.token)).regenerate;
  };
  /** What the model was told, and what the answer says of it. */
  const madeWith = ({ assistantMessage }: Data) => [
    JSON.parse(assistantMessage.content),
    assistantMessage.systemPromptId,
    assistantMessage.systemPromptRevision,
  ];

  test('the newest revision is told in every turn, and stands in its answer whatever comes after', async () => {
    const id = await create('first');
    const { id: conversation } = await createConversation({ systemPromptId: id });
    const turns = [await send(conversation)];
    await update(id, { text: 'second', version: '2.0' });
    turns.push(await send(conversation));
    await server.data(RESTORE, { id, revision: 1 }, admin.token);
    turns.push(await send(conversation));
    await update(id, { name: `renamed-${randomUUID()}` });
    turns.push(await regenerate(turns[1]?.assistantMessage.id));
    expect(turns.map(madeWith)).toEqual([
      [['first'], id, 1],
      [['second'], id, 2],
      [['first'], id, 3],
      [['first'], id, 4],
    ]);
    expect(turns.map(({ userMessage }) => [userMessage.systemPromptId, userMessage.systemPromptRevision])).toEqual(
      turns.map(() => [null, null]),
    );

    await bind(conversation, null);
    expect(codeOf(await server.request(DELETE, { id }, admin.token))).toBeUndefined();
    const ids = turns.map(({ assistantMessage }) => assistantMessage.id);
    const { nodes } = await server.data(MESSAGES, { ids }, user.token);
    expect(nodes).toEqual(turns.map(({ assistantMessage }) => assistantMessage));
  });

  test('it is in place of the default, which applies where there is none', async () => {
    const [one, other] = [await create('one'), await create('other')];
    const { id: conversation } = await createConversation({ title: 'Without one' });
    const turns = [await send(null), await send(conversation)];
    await bind(conversation, one);
    turns.push(await send(conversation));
    await bind(conversation, other);
    turns.push(await send(conversation));
    await server.data(
      'mutation ($id: ID!) { updateConversation(input: { id: $id, pinned: true }) { id } }',
      {
        id: conversation,
      },
      user.token,
    );
    turns.push(await send(conversation));
    await bind(conversation, null);
    turns.push(await send(conversation));
    expect(turns.map(madeWith)).toEqual([
      [['the default'], null, null],
      [['the default'], null, null],
      [['one'], one, 1],
      [['other'], other, 1],
      [['other'], other, 1],
      [['the default'], null, null],
    ]);
  });

  test('a conversation can be begun with it: with an answer that is made, or with one that is stored', async () => {
    const id = await create('from the start');
    const begun = { systemPromptId: id, prompt: 'A question', model: 'openai/scripted' };
    const made = await createConversation(begun);
    expect(made).toMatchObject({ title: 'A question', systemPrompt: { id } });
    expect(madeWith({ assistantMessage: made.lastMessage })).toEqual([['from the start'], id, 1]);
    expect(madeWith(await send(made.id))).toEqual([['from the start'], id, 1]);

    // Nobody knows what a stored answer was made with.
    const stored = await createConversation({ ...begun, response: 'An answer' });
    expect(stored).toMatchObject({ systemPrompt: { id } });
    expect(stored.lastMessage).toMatchObject({
      content: 'An answer',
      systemPromptId: null,
      systemPromptRevision: null,
    });
    expect(madeWith(await send(stored.id))).toEqual([['from the start'], id, 1]);
  });

  test('an answer that fails says it too, and a retry joins the turn as it was', async () => {
    const id = await create('asked for');
    const { id: conversation } = await createConversation({ systemPromptId: id });
    // Nobody answers there.
    const failed = await send(conversation, { model: 'local/gone' });
    expect(failed.assistantMessage).toMatchObject({ status: 'FAILED', systemPromptId: id, systemPromptRevision: 1 });
    const key = { turnKey: randomUUID() };
    const turn = await send(conversation, key);
    await update(id, { text: 'changed' });
    expect(await send(conversation, key)).toEqual(turn);
    expect(madeWith(turn)).toEqual([['asked for'], id, 1]);
  });

  test('a stream tells it', async () => {
    const id = await create('streamed');
    const { id: conversationId } = await createConversation({ systemPromptId: id });
    const query = CHAT.replace('message { id', 'message { id systemPromptId systemPromptRevision');
    const variables = { input: chatInput('scripted', { conversationId }) };
    const { last } = await watchToEnd(eventsOf(server, 'ws', user.token, query, variables));
    expect(last.message).toMatchObject({
      systemPromptId: id,
      systemPromptRevision: 1,
      content: JSON.stringify(['streamed']),
    });
  });

  test('what is told is what is recorded, while it is being changed', async () => {
    const id = await create('text 1');
    const conversations = await Promise.all(
      Array.from({ length: 8 }, () => createConversation({ systemPromptId: id }).then((made) => made.id as string)),
    );
    const changing = (async () => {
      for (let revision = 2; revision <= 12; revision += 1) await update(id, { text: `text ${revision}` });
    })();
    const turns = await Promise.all(conversations.map((conversation) => send(conversation)));
    await changing;
    for (const turn of turns) {
      const [told, promptId, revision] = madeWith(turn);
      expect([told, promptId]).toEqual([[`text ${revision}`], id]);
    }
    expect(madeWith(await send(conversations[0] as string))).toEqual([['text 12'], id, 12]);
  });

  test('it costs no statement of its own', async () => {
    const id = await create('cheap');
    const { id: conversation } = await createConversation({ systemPromptId: id });
    const statements = await statementsOf(async () => expect(madeWith(await send(conversation))[2]).toBe(1));
    const asking = statements.filter((sql) => sql.includes('system_prompts'));
    expect(asking).toHaveLength(1);
    expect(asking[0]).toContain('INSERT INTO turns');
  });

  test('nothing of all this was a fault of the server', () => {
    expect(errors).toEqual([]);
  });
});

test('a cached answer is that of the text that made it', async () => {
  const upstream = await startScriptedUpstream({ script: tellPrompt });
  onTestFinished(() => upstream.close());
  const server = await startTestServer({ openAiUrl: upstream.url, environment: { ENABLE_CACHE: 'true' } });
  const { token } = await server.register();
  const { createSystemPrompt } = await server.data(CREATE, { input: { name: 'cached', text: 'first' } }, token);
  const { id } = createSystemPrompt;
  const ask = async () => {
    const input = { systemPromptId: id, prompt: 'A question', model: 'openai/scripted' };
    const made = (await server.data(CREATE_CONVERSATION, { input }, token)).createConversation.lastMessage;
    const query = 'query ($id: ID!) { node(id: $id) { ... on Message { usage { cached } } } }';
    const { usage } = (await server.data(query, { id: made.id }, token)).node;
    return [usage.cached, JSON.parse(made.content), made.systemPromptRevision];
  };
  expect([await ask(), await ask()]).toEqual([
    [false, ['first'], 1],
    [true, ['first'], 1],
  ]);
  await server.data(UPDATE, { input: { id, text: 'second' } }, token);
  expect(await ask()).toEqual([false, ['second'], 2]);
  // The same text as before: the answer is the same one, of another revision.
  await server.data(RESTORE, { id, revision: 1 }, token);
  expect(await ask()).toEqual([true, ['first'], 3]);
});
