import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimatedTokens } from '../../src/util/tokens.ts';
import { type ScriptedOllama, startScriptedOllama } from '../support/scripted-ollama.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { lorem } from '../support/stream-plan.ts';
import { chatInput } from '../support/turns.ts';
import { uploadFile } from '../support/uploads.ts';

const MESSAGE = `assistantMessage { id status content error { code message retryable }
  citations { passage { text } } }`;
const SEND = `mutation ($input: ChatInput!) {
  sendMessage(input: $input, wait: true) { model conversation { id } userMessage { id } ${MESSAGE} }
}`;
const REGENERATE = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { ${MESSAGE} } }`;
const FILE = 'query ($id: ID!) { file(id: $id) { status } }';

const SYSTEM = 'You answer in the words of a lighthouse keeper.';
const TURNS = 100;
const said = (turn: number) => `Question ${turn}: ${lorem(30).join('')}`;
const answered = (turn: number) => `Answer ${turn}: ${lorem(25).join('')}`;

/** Models by the room that they have. The large one is known by its name. */
const MODELS = [
  { name: 'one of an API that does not tell', model: 'openai/scripted', window: 2_048 },
  { name: 'one of Ollama', model: 'ollama/scripted', window: 1_024 },
];
const LARGE = 'openai/gpt-4.1-scripted';

type Message = { role: string; content: string };

let upstream: ScriptedUpstream;
let ollama: ScriptedOllama;
let server: TestServer;
let user: TestUser;
let conversationId: string;
let last: Data;

/** What the provider of this model was asked. */
const bodies = (model: string): Data[] => {
  const { requests } = model.startsWith('ollama/') ? ollama : upstream;
  return requests.filter(({ path }) => /\/chat(\/completions)?$/.test(path)).map(({ body }) => body as Data);
};
const send = async (model: string, text: string, more: Data = {}): Promise<Data> =>
  (await server.data(SEND, { input: chatInput('', { model, text, ...more }) }, user.token)).sendMessage;
/** What the model was told, where this is the question. */
const told = (model: string, question: string): Message[] =>
  bodies(model).findLast((body) => model.endsWith(`/${body.model}`) && body.messages.at(-1).content.includes(question))
    ?.messages ?? [];
const tokensOf = (messages: Message[]) =>
  messages.reduce((sum, { content }) => sum + estimatedTokens.count(content) + 8, 0);

beforeAll(async () => {
  const script = ({ messages }: { messages: Message[] }) => {
    const turn = /Question (\d+)/.exec(messages.at(-1)?.content ?? '')?.[1];
    return { tokens: [turn ? answered(Number(turn)) : 'An answer.'] };
  };
  upstream = await startScriptedUpstream({ script });
  ollama = await startScriptedOllama({ script });
  server = await startTestServer({
    shared: true,
    openAiUrl: upstream.url,
    environment: {
      OLLAMA_BASE_URL: ollama.url,
      OLLAMA_NUM_CTX: '1024',
      MODEL_CONTEXT_WINDOW: '2048',
      DEFAULT_SYSTEM_PROMPT: SYSTEM,
      FALLBACK_MODEL: LARGE,
    },
  });
  user = await server.register();
  for (let turn = 1; turn <= TURNS; turn++) {
    last = await send(LARGE, said(turn), conversationId ? { conversationId } : {});
    conversationId = last.conversation.id;
  }
}, 180_000);

afterAll(async () => {
  await server.close();
  await upstream.close();
  await ollama.close();
});

/** Each in the order of the conversation, and the newest of it. */
function expectNewestTurns(history: Message[], newest: number): void {
  const turns = history.length / 2;
  const expected = Array.from({ length: turns }, (_, index) => newest - turns + 1 + index).flatMap((turn) => [
    { role: 'user', content: said(turn) },
    { role: 'assistant', content: answered(turn) },
  ]);
  expect(history).toEqual(expected);
}

describe('a conversation of 200 messages', () => {
  it('is told whole to a model that has room for it', async () => {
    await send(LARGE, 'And in the end?', { conversationId, parentId: last.assistantMessage.id });
    const messages = told(LARGE, 'And in the end?');
    expect(messages[0]).toEqual({ role: 'system', content: SYSTEM });
    expect(messages).toHaveLength(2 * TURNS + 2);
    expectNewestTurns(messages.slice(1, -1), TURNS);
  });

  it.each(MODELS)('is told from its newest whole turns to $name', async ({ model, window }) => {
    const room = window / 2 - 48;
    const more = { conversationId, parentId: last.assistantMessage.id };
    const text = `What does ${model} know?`;
    expect(await send(model, text, more)).toMatchObject({ model, assistantMessage: { status: 'COMPLETE' } });
    const messages = told(model, text);
    expect(messages[0]).toEqual({ role: 'system', content: SYSTEM });
    expect(messages.at(-1)).toEqual({ role: 'user', content: text });
    const history = messages.slice(1, -1);
    expectNewestTurns(history, TURNS);
    // As many as there is room for, beside an answer.
    const turns = history.length / 2;
    expect(turns).toBeGreaterThan(1);
    expect(tokensOf(messages)).toBeLessThanOrEqual(room);
    const before = [said(TURNS - turns), answered(TURNS - turns)].map((content) => ({ role: '', content }));
    expect(tokensOf([...messages, ...before])).toBeGreaterThan(room);
    // A short answer leaves room for more of them.
    const shorter = `What does ${model} know, in a word?`;
    await send(model, shorter, { ...more, options: { maxTokens: 16 } });
    expect(told(model, shorter).length).toBeGreaterThan(messages.length + 4);
    expectNewestTurns(told(model, shorter).slice(1, -1), TURNS);
  });

  it.each(MODELS)('is cut before another answer of $name, too', async ({ model, window }) => {
    const input = { turnKey: randomUUID(), messageId: last.userMessage.id, model };
    const { regenerate } = await server.data(REGENERATE, { input }, user.token);
    expect(regenerate.assistantMessage).toMatchObject({ status: 'COMPLETE', content: answered(TURNS) });
    const messages = told(model, said(TURNS));
    expect(tokensOf(messages)).toBeLessThanOrEqual(window / 2 - 48);
    expectNewestTurns(messages.slice(1, -1), TURNS - 1);
    expect(messages[0]?.content).toBe(SYSTEM);
  });

  it('is told to Ollama with the window that it is to have', () => {
    const windows = bodies('ollama/scripted').map(({ options }) => options.num_ctx);
    expect(new Set(windows)).toEqual(new Set([1_024]));
  });
});

describe('a message that is longer than the window', () => {
  const long = lorem(4_000).join('');

  it.each(MODELS)('fails without a call of $name, and what is said next is answered', async ({ model, window }) => {
    const before = bodies(model).length + bodies(LARGE).length;
    const turn = await send(model, long);
    expect(turn).toMatchObject({ model, assistantMessage: { status: 'FAILED', content: '' } });
    const { error } = turn.assistantMessage;
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', retryable: false });
    expect(error.message).toMatch(new RegExp(`too long for this model.* the model takes ${window}, .*Shorten it`));
    expect(bodies(model).length + bodies(LARGE).length).toBe(before);
    const next = await send(model, 'Shorter, then', { conversationId: turn.conversation.id });
    expect(next.assistantMessage).toMatchObject({ status: 'COMPLETE', error: null });
    expect(told(model, 'Shorter, then').map(({ content }) => content)).toEqual([SYSTEM, 'Shorter, then']);
  });

  it('is answered by a model that has room for it', async () => {
    expect((await send(LARGE, long)).assistantMessage).toMatchObject({ status: 'COMPLETE' });
    expect(told(LARGE, long)).toHaveLength(2);
  });
});

describe('passages of files', () => {
  it('shrink with the window, and leave room for the question', async () => {
    const paragraph = (part: number) =>
      `The warranty of the kettle, part ${part}: ${lorem(150).join('')} The kettle has a warranty of ${part} years.`;
    const text = Array.from({ length: 24 }, (_, part) => paragraph(part)).join('\n\n');
    const { body } = await uploadFile(server, text, { token: user.token, name: 'terms.txt' });
    const id = body.data?.uploadFile.id as string;
    await expect.poll(async () => (await server.data(FILE, { id }, user.token)).file.status).toBe('READY');
    const question = 'How long is the warranty of the kettle?';
    const sizes: number[] = [];
    for (const { model, window } of [...MODELS, { model: LARGE, window: 1_047_576 }]) {
      const { assistantMessage } = await send(model, question);
      expect(assistantMessage.status).toBe('COMPLETE');
      const messages = told(model, question);
      expect(messages[0]?.content).toBe(SYSTEM);
      for (const { passage } of assistantMessage.citations) expect(messages.at(-1)?.content).toContain(passage.text);
      expect(tokensOf(messages)).toBeLessThan(window - 64);
      sizes.push(assistantMessage.citations.reduce((sum: number, { passage }: Data) => sum + passage.text.length, 0));
    }
    const [middle, small, large] = sizes as [number, number, number];
    expect(small).toBeGreaterThan(100);
    expect(middle).toBeGreaterThan(small);
    expect(large).toBeGreaterThan(middle);
  });
});
