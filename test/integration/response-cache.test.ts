import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { failure } from '../support/errors.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, type Engine, startTestServer, type TestServerOptions } from '../support/server.ts';
import { startRedis } from '../support/services/redis.ts';
import { lorem, type StreamPlan } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, TURN, watchToEnd } from '../support/turns.ts';
import { uploadFile } from '../support/uploads.ts';

const ANSWER = `id cached conversation { id }
  assistantMessage { id status content reasoning finishReason usage { cached promptTokens completionTokens } }`;
const SEND = `mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { ${ANSWER} } }`;
const REGENERATE = `mutation ($input: RegenerateInput!) { regenerate(input: $input, wait: true) { ${ANSWER} } }`;
const STATS = `{ stats { observability { cache { backend enabled entries hits misses hitRate bytes } } } }`;
const HEALTH = '{ health { components { name status message } } }';

const PLANS: Record<string, StreamPlan> = {
  short: { tokens: lorem(50), reasoning: ['let me ', 'think '], usage: { promptTokens: 11, completionTokens: 52 } },
  cut: { tokens: lorem(50), finishReason: 'length' },
  broken: { tokens: lorem(50), fault: { type: 'cut', after: 10 } },
  endless: { tokens: lorem(5_000), intervalMs: 5 },
  empty: { tokens: [] },
};

async function start(options: TestServerOptions = {}) {
  const upstream = await startScriptedUpstream({ plans: PLANS });
  onTestFinished(() => upstream.close());
  const environment = { ENABLE_CACHE: 'true', ...options.environment };
  const server = await startTestServer({ ...options, openAiUrl: upstream.url, environment });
  const user = await server.register();
  const generations = () => upstream.requests.filter(({ path }) => path.endsWith('/chat/completions')).length;
  const send = async (model: string, more: Data = {}): Promise<Data> =>
    (await server.data(SEND, { input: chatInput(model, more) }, user.token)).sendMessage;
  const stats = async () => (await server.data(STATS, {}, user.token)).stats.observability.cache;
  return { server, user, upstream, generations, send, stats };
}

describe.each<{ backend: string; engine: Engine }>([
  { backend: 'memory', engine: 'pglite' },
  { backend: 'redis', engine: 'postgresql' },
])('answers cached in $backend', ({ backend, engine }) => {
  const begin = () => {
    const shared = { REDIS_URL: inject('redisUrl'), REDIS_KEY_PREFIX: `test-${randomUUID()}` };
    return start({ engine, ...(backend === 'redis' && { environment: shared }) });
  };

  it('come as a stream of their own, whole, and are resumed from every position', async () => {
    const { server, user, generations, send, stats } = await begin();
    const first = await send('short');
    expect(first).toMatchObject({ cached: false, assistantMessage: { usage: { cached: false } } });
    await expect.poll(async () => (await stats()).entries).toBe(1);
    const stream = eventsOf(server, 'ws', user.token, CHAT, { input: chatInput('short') });
    const { text, reasoning, last } = await watchToEnd(stream);
    expect(text).toBe(lorem(50).join(''));
    expect(reasoning).toBe('let me think ');
    expect(last).toMatchObject({ __typename: 'TurnFinished', finishReason: 'STOP', usage: { completionTokens: 52 } });
    expect(generations()).toBe(1);
    const { turn } = await server.data(
      `query ($id: ID!) { turn(id: $id) { ${ANSWER} } }`,
      { id: last.turnId },
      user.token,
    );
    const usage = { cached: true, promptTokens: 11, completionTokens: 52 };
    expect(turn).toMatchObject({ cached: true, assistantMessage: { status: 'COMPLETE', content: text, usage } });
    expect(turn.conversation.id).not.toBe(first.conversation.id);
    for (const after of [0, 1, 2, 3, 15, 16, 100, last.cursor - 1]) {
      const rest = await watchToEnd(eventsOf(server, 'sse', user.token, TURN, { id: last.turnId, after }), after);
      expect(rest.reasoning + rest.text).toBe((reasoning + text).slice(Math.max(0, after - 2)));
    }
    expect(await stats()).toMatchObject({ backend, enabled: true, entries: 1, hits: 1, misses: 1, hitRate: 0.5 });
  });

  it('are other ones where anything that the model is told is another', async () => {
    const { server, user, generations, send } = await begin();
    const first = await send('short');
    await send('short', { text: 'Another question' });
    await send('short', { options: { maxTokens: 50 } });
    await send('short', { options: { maxTokens: 51 } });
    await send('cut');
    await send('short', { conversationId: first.conversation.id });
    expect(generations()).toBe(6);
    // What was said before is the same in another conversation: the answers of both are.
    const again = await send('short');
    expect(again.cached).toBe(true);
    const next = await send('short', { conversationId: again.conversation.id });
    expect(next.cached).toBe(true);
    // The order in which options are written is none of them.
    await send('short', { options: { topP: 0.5, maxTokens: 9 } });
    expect((await send('short', { options: { maxTokens: 9, topP: 0.5 } })).cached).toBe(true);
    expect((await send('cut')).assistantMessage.finishReason).toBe('LENGTH');
    expect(generations()).toBe(7);
    expect(user.id && server.url).toBeTruthy();
  });

  it('are passed over for another answer, and where chance is asked for', async () => {
    const { server, user, generations, send, stats } = await begin();
    const first = await send('short');
    const input = { turnKey: randomUUID(), messageId: first.assistantMessage.id };
    const { regenerate } = await server.data(REGENERATE, { input }, user.token);
    expect(regenerate.cached).toBe(false);
    const warm = { options: { temperature: 0.7 } };
    expect((await send('short', warm)).cached).toBe(false);
    expect((await send('short', warm)).cached).toBe(false);
    expect(generations()).toBe(4);
    expect((await stats()).entries).toBe(1);
    const seeded = { options: { temperature: 0.7, seed: 5 } };
    await send('short', seeded);
    expect((await send('short', seeded)).cached).toBe(true);
    const cold = { options: { temperature: 0 } };
    await send('short', cold);
    expect((await send('short', cold)).cached).toBe(true);
  });

  it('are whole ones: none that failed, was stopped, or is empty', async () => {
    const { server, user, send, stats } = await begin();
    expect((await send('broken')).assistantMessage.status).toBe('FAILED');
    await send('empty');
    const stream = eventsOf(server, 'ws', user.token, CHAT, { input: chatInput('endless') });
    for await (const { turnId, cursor } of stream) {
      if (cursor < 50) continue;
      await server.data('mutation ($id: ID!) { stopTurn(id: $id) { id } }', { id: turnId }, user.token);
      break;
    }
    await send('short');
    await expect.poll(async () => (await stats()).entries).toBe(1);
  });

  it('are forgotten when an admin says so, and only then', async () => {
    const { server, user, generations, send, stats } = await begin();
    const other = await server.register();
    await send('short');
    await send('cut');
    await expect.poll(async () => (await stats()).entries).toBe(2);
    const flush = 'mutation { flushCache }';
    expect(failure(await server.request(flush, {}, other.token))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await server.data(flush, {}, user.token)).toEqual({ flushCache: 2 });
    expect((await send('short')).cached).toBe(false);
    expect(generations()).toBe(3);
  });

  it('are off unless they are switched on', async () => {
    const { server, user, generations, send } = await start({ environment: { ENABLE_CACHE: 'false' } });
    await send('short');
    expect((await send('short')).cached).toBe(false);
    expect(generations()).toBe(2);
    const { health } = await server.data(HEALTH, {}, user.token);
    expect(health.components).toContainEqual({
      name: 'cache',
      status: 'DISABLED',
      message: 'Answers are not cached.',
    });
  });
});

describe('answers made from files', () => {
  const FILE = 'query ($id: ID!) { file(id: $id) { status } }';

  it('come from the cache while the same passages are found, and go with their file', async () => {
    const { server, user, upstream, send, stats } = await start();
    const upload = async (text: string, name: string): Promise<string> => {
      const { body } = await uploadFile(server, text, { token: user.token, name });
      const id = body.data?.uploadFile.id as string;
      await expect.poll(async () => (await server.data(FILE, { id }, user.token)).file.status).toBe('READY');
      return id;
    };
    const ask = () => send('short', { text: 'How long is the warranty of the kettle?' });
    const id = await upload('The warranty of the kettle is two years.', 'terms.txt');
    await ask();
    const told = JSON.stringify(upstream.requests.at(-1)?.body);
    expect(told).toContain('two years');
    await expect.poll(async () => (await stats()).entries).toBe(1);
    expect((await ask()).cached).toBe(true);
    // Another passage, another answer.
    const second = await upload('The warranty of the kettle does not cover the lid.', 'more.txt');
    expect((await ask()).cached).toBe(false);
    await expect.poll(async () => (await stats()).entries).toBe(2);
    await server.data('mutation ($id: ID!) { deleteFile(id: $id) }', { id: second }, user.token);
    await expect.poll(async () => (await stats()).entries).toBe(1);
    expect((await ask()).cached).toBe(true);
    await server.data('mutation ($id: ID!) { deleteFile(id: $id) }', { id }, user.token);
    await expect.poll(async () => (await stats()).entries).toBe(0);
  });
});

describe('a cache whose Redis fails', () => {
  it('is off, while the chat goes on, and comes back by itself', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const errors: Data[] = [];
    const { server, user, send, stats } = await start({ environment: { REDIS_URL: redis.url }, errors });
    const cacheOf = async () =>
      (await server.data(HEALTH, {}, user.token)).health.components.find(({ name }: Data) => name === 'cache').status;
    await send('short');
    await expect.poll(async () => (await send('short')).cached).toBe(true);
    expect(await cacheOf()).toBe('OK');
    redis.freeze();
    const begun = performance.now();
    const slow = await send('short');
    expect(slow).toMatchObject({ cached: false, assistantMessage: { status: 'COMPLETE' } });
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(await cacheOf()).toBe('DEGRADED');
    redis.thaw();
    await expect.poll(async () => (await send('short')).cached).toBe(true);
    await redis.kill();
    for (let turn = 0; turn < 3; turn++) expect((await send('short')).assistantMessage.status).toBe('COMPLETE');
    expect(await stats()).toMatchObject({ backend: 'redis', enabled: false, entries: null });
    const flush = await server.request('mutation { flushCache }', {}, user.token);
    expect(failure(flush)).toMatchObject({ code: 'UNAVAILABLE' });
    await redis.start();
    await expect.poll(async () => (await send('short')).cached).toBe(true);
    // Told when it goes, not for every turn.
    expect(errors.filter(({ during }) => during === 'cache').length).toBeLessThanOrEqual(4);
  });
});
