import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { estimatedTokens } from '../../src/util/tokens.ts';
import { startMain, temporaryFolder } from '../support/main-process.ts';
import type { RecordedRequest } from '../support/scripted-server.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, type Engine, startTestServer } from '../support/server.ts';
import { lorem, type StreamPlan } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, STOP, TURN, watchToEnd } from '../support/turns.ts';
import { uploadFile } from '../support/uploads.ts';

const MESSAGE = 'assistantMessage { id status content model modelVersion error { code message retryable } }';
const SEND = `mutation ($input: ChatInput!, $wait: Boolean) {
  sendMessage(input: $input, wait: $wait) { id model cached conversation { id } ${MESSAGE} }
}`;
const STORED = `query ($id: ID!) { turn(id: $id) { model ${MESSAGE} } }`;
const REGENERATE = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { model ${MESSAGE} } }`;
const FILE = 'query ($id: ID!) { file(id: $id) { status } }';
const VERSION = 'mutation ($input: ModelVersionInput!) { createModelVersion(input: $input) { id } }';

const CHOSEN = 'openai/scripted';
const SPARE = 'aihub/spare';
const GOOD: StreamPlan = { tokens: ['from ', 'the ', 'chosen'] };
const SPARE_ANSWER = 'from the spare';
const WARRANTY = 'The warranty of the kettle is two years.';
const status = (code: number): StreamPlan => ({ fault: { type: 'status', status: code } });

/** What two providers say; a test changes it as it goes. */
type Plans = { chosen: StreamPlan; spare: StreamPlan };

async function start(
  chosen: StreamPlan,
  options: { spare?: StreamPlan; engine?: Engine; environment?: Record<string, string> } = {},
) {
  const plans: Plans = { chosen, spare: options.spare ?? { tokens: ['from ', 'the ', 'spare'] } };
  const upstream = await startScriptedUpstream({ script: () => plans.chosen });
  const spare = await startScriptedUpstream({ script: () => plans.spare });
  onTestFinished(() => upstream.close());
  onTestFinished(() => spare.close());
  const server = await startTestServer({
    ...(options.engine && { engine: options.engine }),
    openAiUrl: upstream.url,
    environment: { AIHUB_BASE_URL: spare.url, FALLBACK_MODEL: SPARE, ...options.environment },
  });
  const { token } = await server.register();
  const begin = async (more: Data = {}, wait = true): Promise<Data> =>
    (await server.data(SEND, { input: chatInput('scripted', more), wait }, token)).sendMessage;
  const stored = async (id: string): Promise<Data> => (await server.data(STORED, { id }, token)).turn;
  const breakerOpen = async (): Promise<boolean> => {
    const { providers } = await server.data('{ providers { provider breakerOpen } }', {}, token);
    return providers.find(({ provider }: Data) => provider === 'OPENAI').breakerOpen;
  };
  /** How often each was asked for an answer. */
  const asked = () => [upstream, spare].map(generations);
  return { server, token, plans, upstream, spare, begin, stored, breakerOpen, asked };
}

const isGeneration = ({ path }: RecordedRequest) => path.endsWith('/chat/completions');
const generations = ({ requests }: ScriptedUpstream) => requests.filter(isGeneration).length;

const bySpare = { model: SPARE, assistantMessage: { status: 'COMPLETE', content: SPARE_ANSWER, model: SPARE } };

describe('the fallback answers', () => {
  it.each<[string, StreamPlan]>([
    ['HTTP 503', status(503)],
    ['HTTP 429', status(429)],
    ['a silence', { fault: { type: 'never' } }],
    ['a stream that is silent from its head on', { tokens: ['a'], fault: { type: 'silent', after: 0 } }],
    ['a connection that breaks', { tokens: ['a'], fault: { type: 'cut', after: 0 } }],
    ['an error inside the stream', { tokens: ['a'], fault: { type: 'error', after: 0, error: 'overloaded' } }],
  ])('after %s before the first token', async (_name, plan) => {
    const { begin, stored, asked } = await start(plan, { environment: { MODEL_FIRST_TOKEN_TIMEOUT_SECONDS: '1' } });
    const turn = await begin();
    expect(turn).toMatchObject({ ...bySpare, assistantMessage: { error: null, content: SPARE_ANSWER } });
    expect(await stored(turn.id)).toMatchObject(bySpare);
    expect(asked()).toEqual([1, 1]);
  });

  it('where nobody listens', async () => {
    const { upstream, begin, asked } = await start(GOOD);
    await upstream.close();
    expect(await begin()).toMatchObject(bySpare);
    expect(asked()).toEqual([0, 1]);
  });

  it('after the retries of the chosen one, not before', async () => {
    const { begin, asked } = await start(status(503), { environment: { MODEL_RETRIES: '2' } });
    expect(await begin()).toMatchObject(bySpare);
    expect(asked()).toEqual([3, 1]);
  });

  it('while the breaker is open, without another call, and no longer', async () => {
    const { begin, breakerOpen, asked, plans } = await start(status(503));
    for (let turn = 0; turn < 5; turn++) expect(await begin()).toMatchObject(bySpare);
    expect(await breakerOpen()).toBe(true);
    plans.chosen = GOOD;
    expect(await begin()).toMatchObject(bySpare);
    expect(asked()).toEqual([5, 6]);
    await expect.poll(breakerOpen).toBe(false);
    expect(await begin()).toMatchObject({ model: CHOSEN, assistantMessage: { content: 'from the chosen' } });
  });

  it.each<Engine>(['pglite', 'postgresql'])('as a stream, whole, that is resumed, on %s', async (engine) => {
    const { server, token, stored } = await start(status(503), { engine });
    const query = CHAT.replace('message { id', 'message { model id');
    const { text, last } = await watchToEnd(eventsOf(server, 'ws', token, query, { input: chatInput('scripted') }));
    expect(text).toBe(SPARE_ANSWER);
    expect(last).toMatchObject({ __typename: 'TurnFinished', message: { model: SPARE, content: text } });
    const rest = await watchToEnd(eventsOf(server, 'sse', token, TURN, { id: last.turnId, after: 5 }), 5);
    expect(rest.text).toBe(text.slice(3));
    expect(await stored(last.turnId)).toMatchObject(bySpare);
  });

  it('with what was said before, and the conversation goes on with the chosen one', async () => {
    const { server, token, begin, plans, spare } = await start(GOOD);
    const first = await begin({ text: 'First' });
    plans.chosen = status(503);
    const conversationId = first.conversation.id;
    const second = await begin({ text: 'Second', conversationId });
    expect(second).toMatchObject(bySpare);
    const messages = ['First', 'from the chosen', 'Second'].map((content) => ({ role: expect.any(String), content }));
    expect(spare.requests.find(isGeneration)?.body).toMatchObject({ model: 'spare', messages });
    plans.chosen = GOOD;
    expect(await begin({ text: 'Third', conversationId })).toMatchObject({ model: CHOSEN });
    // Another answer is that of the model of the answer, unless one is named.
    const regenerate = async (more: Data = {}): Promise<Data> => {
      const input = { turnKey: randomUUID(), messageId: second.assistantMessage.id, ...more };
      return (await server.data(REGENERATE, { input }, token)).regenerate;
    };
    expect(await regenerate()).toMatchObject(bySpare);
    expect(await regenerate({ model: CHOSEN })).toMatchObject({ model: CHOSEN });
  });
});

describe('the fallback is not asked', () => {
  it.each<[string, StreamPlan, Data]>([
    ['the request is refused', status(400), { code: 'BAD_USER_INPUT', retryable: false }],
    ['there is no such model', status(404), { code: 'PROVIDER_UNAVAILABLE', retryable: false }],
    ['the credentials are refused', status(401), { code: 'PROVIDER_UNAVAILABLE', retryable: false }],
  ])('where %s', async (_name, plan, error) => {
    const { begin, stored, asked } = await start(plan);
    const turn = await begin();
    const failed = { model: CHOSEN, assistantMessage: { status: 'FAILED', content: '', model: CHOSEN, error } };
    expect(turn).toMatchObject(failed);
    expect(await stored(turn.id)).toMatchObject(failed);
    expect(asked()).toEqual([1, 0]);
  });

  it.each<[string, StreamPlan, string]>([
    ['token', { tokens: ['half ', 'more'], fault: { type: 'cut', after: 1 } }, 'half '],
    ['thought', { reasoning: ['hm'], tokens: ['more'], fault: { type: 'cut', after: 1 } }, ''],
  ])('after the first %s: what came is kept', async (_name, plan, content) => {
    const { begin, asked } = await start(plan);
    const error = { code: 'PROVIDER_UNAVAILABLE', retryable: true };
    expect(await begin()).toMatchObject({
      model: CHOSEN,
      assistantMessage: { status: 'FAILED', content, model: CHOSEN, error },
    });
    expect(asked()).toEqual([1, 0]);
  });

  it('where somebody stops the turn', async () => {
    const { server, token, begin, stored, asked, upstream } = await start({ fault: { type: 'never' } });
    const { id } = await begin({}, false);
    await expect.poll(() => generations(upstream)).toBe(1);
    expect((await server.data(STOP, { id }, token)).stopTurn.status).toBe('STOPPED');
    expect(await stored(id)).toMatchObject({ model: CHOSEN, assistantMessage: { status: 'STOPPED', error: null } });
    expect(asked()).toEqual([1, 0]);
  });

  it('where it is the chosen one', async () => {
    const { begin, asked } = await start(status(503), { environment: { FALLBACK_MODEL: 'OpenAI/scripted' } });
    expect(await begin()).toMatchObject({ model: CHOSEN, assistantMessage: { status: 'FAILED' } });
    expect(asked()).toEqual([1, 0]);
  });

  it('where none is named', async () => {
    const { begin, asked } = await start(status(503), { environment: { FALLBACK_MODEL: '' } });
    expect(await begin()).toMatchObject({ assistantMessage: { error: { code: 'PROVIDER_UNAVAILABLE' } } });
    expect(asked()).toEqual([1, 0]);
  });
});

describe('a fallback', () => {
  it('that fails too ends the turn with its own error', async () => {
    const { begin, stored, asked } = await start(status(503), { spare: status(429) });
    const turn = await begin();
    const error = { code: 'RATE_LIMITED', retryable: true, message: expect.stringContaining('aihub') };
    // It has not said a word: the turn stays that of the model that was chosen.
    const failed = { model: CHOSEN, assistantMessage: { status: 'FAILED', model: CHOSEN, error } };
    expect(turn).toMatchObject(failed);
    expect(await stored(turn.id)).toMatchObject(failed);
    expect(asked()).toEqual([1, 1]);
  });

  it('that breaks off keeps what it has said', async () => {
    const { begin } = await start(status(503), { spare: { tokens: ['a ', 'b'], fault: { type: 'cut', after: 1 } } });
    expect(await begin()).toMatchObject({ model: SPARE, assistantMessage: { status: 'FAILED', content: 'a ' } });
  });

  it('is stopped as the chosen one is', async () => {
    const spare: StreamPlan = { tokens: ['a ', 'b'], fault: { type: 'silent', after: 1 } };
    const { server, token, begin, stored } = await start(status(503), { spare });
    const { id } = await begin({}, false);
    await expect.poll(async () => (await stored(id)).assistantMessage.content).toBe('a ');
    expect((await server.data(STOP, { id }, token)).stopTurn.status).toBe('STOPPED');
    expect(await stored(id)).toMatchObject({ model: SPARE, assistantMessage: { content: 'a ', model: SPARE } });
  });

  it('is told as many of the passages as it has room for', async () => {
    const environment = { MODEL_CONTEXT_WINDOW: '1024' };
    const { server, token, begin, upstream, spare } = await start(status(503), { environment });
    const paragraphs = Array.from({ length: 12 }, (_, part) => `Part ${part}. ${WARRANTY} ${lorem(120).join('')}`);
    const { body } = await uploadFile(server, paragraphs.join('\n\n'), { token, name: 'terms.txt' });
    const id = body.data?.uploadFile.id as string;
    await expect.poll(async () => (await server.data(FILE, { id }, token)).file.status).toBe('READY');
    // Its name is that of one with a large window.
    const turn = await begin({ model: 'openai/gpt-4.1-scripted', text: 'How long is the warranty of the kettle?' });
    expect(turn).toMatchObject(bySpare);
    const [more, less] = [upstream, spare].map((provider) =>
      JSON.stringify(provider.requests.find(isGeneration)?.body),
    );
    expect(less).toContain(WARRANTY);
    expect(more?.length).toBeGreaterThan(1.5 * (less?.length ?? 0));
    expect(estimatedTokens.count(less ?? '')).toBeLessThan(1_024);
  });

  it('has its answers cached as its own', async () => {
    const { begin, asked, plans } = await start(status(503), { environment: { ENABLE_CACHE: 'true' } });
    expect(await begin()).toMatchObject({ ...bySpare, cached: false });
    await expect.poll(async () => (await begin()).cached).toBe(true);
    const [, before] = asked();
    expect(await begin({ model: SPARE })).toMatchObject({ ...bySpare, cached: true });
    plans.chosen = GOOD;
    expect(await begin()).toMatchObject({ model: CHOSEN, cached: false });
    expect(asked()[1]).toBe(before);
  });

  it('has its answers told by its own version, cached or not', async () => {
    const { server, token, begin } = await start(status(503), { environment: { ENABLE_CACHE: 'true' } });
    const put = (provider: string, modelName: string, versionTag: string) =>
      server.data(VERSION, { input: { provider, modelName, versionTag } }, token);
    const send = async (more: Data = {}) => {
      const { cached, assistantMessage } = await begin(more);
      return [cached, assistantMessage.modelVersion];
    };
    await put('OPENAI', 'scripted', 'of the chosen');
    await put('AIHUB', 'spare', 'v1');
    expect(await send()).toEqual([false, 'v1']);
    await expect.poll(() => send({ model: SPARE })).toEqual([true, 'v1']);
    await put('AIHUB', 'spare', 'v2');
    expect(await send()).toEqual([false, 'v2']);
    await expect.poll(() => send()).toEqual([true, 'v2']);
  });
});

test('a server does not start with a fallback that can never answer, and does not ask the database before', async () => {
  const DATABASE_URL = 'postgresql://u:p@127.0.0.1:9/x';
  const started = startMain(await temporaryFolder(), { FALLBACK_MODEL: SPARE, DATABASE_URL });
  expect(await started.exited).toMatchObject({ code: 1 });
  expect(started.output()).toMatch(
    /^Colloquy cannot start: .*FALLBACK_MODEL is "aihub\/spare", but that provider is not configured\. Set AIHUB_BASE_URL/,
  );
});
