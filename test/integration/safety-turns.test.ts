import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createKey } from '../support/api-keys.ts';
import {
  ANSWER,
  byWord,
  FORBIDDEN,
  type GuardedWorld,
  type Judge,
  type Judged,
  onInput,
  onOutput,
  PLANS,
  rulingsOf,
  SENTENCES,
  startGuardedWorld,
} from '../support/guarded-world.ts';
import { startTestServer } from '../support/server.ts';
import type { StreamPlan } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND } from '../support/turns.ts';

let shared: GuardedWorld;

beforeAll(async () => {
  shared = await startGuardedWorld({ mode: 'strict', plans: PLANS });
});
afterAll(() => shared.close());

/** The server, whose guard judges so from now on. */
function withGuard(judge?: Judge): GuardedWorld {
  shared.begin(judge);
  return shared;
}

describe('stop', () => {
  const STOP = 'mutation ($id: ID!) { stopTurn(id: $id) { status assistantMessage { content reasoning } } }';
  const hanging: StreamPlan = { fault: { type: 'never' } };

  it.each([
    ['the prompt', onInput(hanging)],
    ['the answer', onOutput(hanging)],
  ])('ends a turn at once while the guard hangs over %s, and shows nothing unjudged', async (_name, judge) => {
    const { server, user, upstream, judged } = withGuard(judge);
    const { sendMessage } = await server.data(SEND, { input: chatInput('endless') }, user.token);
    await expect.poll(() => judged().length).toBe(judge({ judged: 'input', text: '', context: '' }) === 'safe' ? 2 : 1);
    const began = performance.now();
    const { stopTurn } = await server.data(STOP, { id: sendMessage.id }, user.token);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(stopTurn).toEqual({ status: 'STOPPED', assistantMessage: { content: '', reasoning: null } });
    // The guard's call is not left behind, nor the model's.
    await Promise.all(upstream.requests.map(({ whenClosed }) => whenClosed));
  });

  it('ends a prompt that no model is told of later: nobody has judged it', async () => {
    const { server, user, chat, begin, judged, generations } = withGuard(onInput(hanging));
    const input = chatInput('good', { text: `A ${FORBIDDEN} question` });
    const { sendMessage } = await server.data(SEND, { input }, user.token);
    await expect.poll(() => judged().length).toBe(1);
    await server.data(STOP, { id: sendMessage.id }, user.token);
    begin();
    await chat('good', { text: 'Answer that', conversationId: sendMessage.conversation.id });
    expect(generations()[0]?.messages.map(({ content }) => content)).toEqual(['Answer that']);
  });

  it('keeps what had been judged', async () => {
    const { server, user } = withGuard();
    let seen = '';
    let id = '';
    for await (const event of eventsOf(server, 'ws', user.token, CHAT, { input: chatInput('slow') })) {
      id = event.turnId;
      if (event.__typename !== 'TurnDelta') continue;
      seen = event.text as string;
      break;
    }
    const { stopTurn } = await server.data(STOP, { id }, user.token);
    expect(stopTurn.status).toBe('STOPPED');
    expect(stopTurn.assistantMessage.content.startsWith(seen)).toBe(true);
    expect(SENTENCES.join('').startsWith(stopTurn.assistantMessage.content)).toBe(true);
  });
});

it('a turn whose reader leaves while it is judged goes on, and is there when he comes back', async () => {
  const slow = ({ text }: Judged): StreamPlan => ({
    tokens: [byWord({ judged: 'output', text, context: '' })],
    firstByteDelayMs: 300,
  });
  const { server, user, chat, judged } = withGuard(slow);
  const input = chatInput('good');
  for await (const event of eventsOf(server, 'ws', user.token, CHAT, { input })) {
    if (event.__typename === 'TurnStarted') break;
  }
  const { turnKey, text } = input;
  const { text: answer } = await chat('good', { turnKey, text });
  expect(answer).toBe(ANSWER.join(''));
  expect(judged().filter(({ judged }) => judged === 'input')).toHaveLength(1);
});

it('the audit log tells what was judged, by whom and why, and nothing of the text', async () => {
  const world = withGuard();
  const { chat } = world;
  const asked = await chat('good', { text: `A ${FORBIDDEN} question` });
  const answered = await chat('evil');
  const detail = { verdict: 'unsafe', categories: 'S9', mode: 'strict', model: 'openai/guard' };
  const by = {
    action: 'turn-blocked',
    actor: world.user.username,
    actorId: world.user.id,
    ip: '127.0.0.1',
    targetType: 'Turn',
  };
  const [input] = await rulingsOf(world, asked.last.turnId);
  expect(input).toEqual({ ...by, targetId: asked.last.turnId, detail: { ...detail, judged: 'input' } });
  const [output] = await rulingsOf(world, answered.last.turnId);
  expect(output).toEqual({ ...by, targetId: answered.last.turnId, detail: { ...detail, judged: 'output' } });
});

it('the audit log tells what was asked with an API key from what somebody of that name has asked', async () => {
  const world = withGuard();
  const { server, user } = world;
  const { secret, apiKey } = await createKey(server, user.token, { clientName: user.username });
  const input = chatInput('good', { text: `A ${FORBIDDEN} question` });
  const { sendMessage } = await server.data(SEND, { input, wait: true }, secret);
  const [ruling] = await rulingsOf(world, sendMessage.id);
  expect(ruling).toMatchObject({ actor: user.username, actorId: null, detail: { apiKey: apiKey.prefix } });
});

describe('cached answers', () => {
  const cached = async (mode: 'strict' | 'fuzzy') => {
    const world = await startGuardedWorld({ mode, plans: PLANS, environment: { ENABLE_CACHE: 'true' } });
    onTestFinished(world.close);
    const entries = async () => {
      const query = '{ stats { observability { cache { entries } } } }';
      return (await world.server.data(query, {}, world.user.token)).stats.observability.cache.entries;
    };
    return { ...world, entries };
  };

  it('were judged when they were kept: their prompt is judged, they are not; what is blocked is none', async () => {
    const { chat, begin, judged, generations, entries } = await cached('strict');
    await chat('evil');
    expect(await entries()).toBe(0);
    await chat('good');
    await expect.poll(entries).toBe(1);
    begin();
    expect((await chat('good')).text).toBe(ANSWER.join(''));
    expect(generations()).toEqual([]);
    expect(judged().map(({ judged }) => judged)).toEqual(['input']);
  });

  it('are none that were let through without a verdict', async () => {
    const { chat, begin, generations, entries } = await cached('fuzzy');
    begin(onOutput('vault'));
    await chat('good');
    await chat('good');
    expect(generations()).toHaveLength(2);
    expect(await entries()).toBe(0);
  });
});

describe('the start', () => {
  it.each([
    [{ SAFETY_MODE: 'strict' }, /SAFETY_MODEL must be set when SAFETY_MODE is strict/],
    [{ SAFETY_MODE: 'fuzzy' }, /SAFETY_MODEL must be set when SAFETY_MODE is fuzzy/],
    [{ SAFETY_MODE: 'strict', SAFETY_MODEL: 'guard' }, /SAFETY_MODEL is "guard"/],
    [
      { SAFETY_MODE: 'strict', SAFETY_MODEL: 'aihub/guard' },
      /SAFETY_MODEL is "aihub\/guard", but that provider is not/,
    ],
    [{ SAFETY_MODE: 'strict', SAFETY_MODEL: 'builtin/extractive' }, /reads no prompt and can judge nothing/],
    [{ SAFETY_MODE: 'loose' }, /SAFETY_MODE must be strict, fuzzy or disabled/],
  ])('is refused with %j', async (environment, message) => {
    await expect(startTestServer({ environment: environment as unknown as Record<string, string> })).rejects.toThrow(
      message,
    );
  });

  it('needs nothing where the guard is disabled', async () => {
    const server = await startTestServer({ environment: { SAFETY_MODEL: 'aihub/guard' } });
    expect(await server.register()).toMatchObject({ id: expect.any(String) });
  });
});
