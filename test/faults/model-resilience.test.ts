import { afterEach, describe, expect, it, vi } from 'vitest';
import { createOpenAiModel, type OpenAiModelOptions } from '../../src/adapters/models/openai.ts';
import { collectParts, modelRequest } from '../support/collect-parts.ts';
import { type ScriptedUpstreamOptions, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { lorem, type StreamPlan } from '../support/stream-plan.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const LIMITS = { connectMs: 5_000, firstTokenMs: 5_000, idleMs: 5_000, totalMs: 10_000, retries: 2 };
const GOOD: StreamPlan = { tokens: ['good'] };
const status = (code: number, headers: Record<string, string> = {}): StreamPlan => ({
  fault: { type: 'status', status: code, headers },
});

/** A model on a scripted provider. Its retries wait for no time; `waits` says how long they would have. */
async function start(script: ScriptedUpstreamOptions['script'], options: Partial<OpenAiModelOptions> = {}) {
  const upstream = await startScriptedUpstream({ ...(script && { script }) });
  const waits: number[] = [];
  const model = createOpenAiModel({
    provider: 'openai',
    baseUrl: upstream.url,
    apiKey: null,
    defaultModel: null,
    limits: LIMITS,
    random: () => 1,
    async delay(milliseconds) {
      waits.push(milliseconds);
    },
    ...options,
  });
  cleanups.push(
    () => upstream.close(),
    () => model.dispose(),
  );
  const ask = (name = 'scripted', signal = new AbortController().signal) =>
    collectParts(model.stream(modelRequest(name, { signal })));
  return { upstream, model, waits, ask };
}

/** One plan after the other; the last one stays. */
const sequence = (...plans: StreamPlan[]) => {
  let index = 0;
  return () => plans[Math.min(index++, plans.length - 1)];
};

describe('retries', () => {
  it.for([408, 409, 429, 500, 502, 503, 504, 529])('tries again after HTTP %i', async (code) => {
    const { ask, upstream, waits } = await start(sequence(status(code), GOOD));
    expect(await ask()).toMatchObject({ text: 'good', error: null });
    expect(upstream.requests).toHaveLength(2);
    expect(waits).toEqual([250]);
  });

  it('waits longer each time, with jitter, and gives up after MODEL_RETRIES', async () => {
    const { ask, upstream, waits } = await start(sequence(status(500)), {
      limits: { ...LIMITS, retries: 3 },
      random: () => 0,
    });
    expect((await ask()).error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    expect(upstream.requests).toHaveLength(4);
    expect(waits).toEqual([125, 250, 500]);
  });

  it.for<[string, StreamPlan]>([
    ['a cut before the first token', { tokens: ['a'], fault: { type: 'cut', after: 0 } }],
    ['an empty body', { replay: '' }],
    ['a malformed first chunk', { tokens: ['a'], fault: { type: 'malformed', after: 0 } }],
    ['an error as the first event', { fault: { type: 'error', after: 0, error: { message: 'overloaded' } } }],
  ])('tries again after %s', async ([, plan]) => {
    const { ask, upstream } = await start(sequence(plan, GOOD));
    expect(await ask()).toMatchObject({ text: 'good', error: null });
    expect(upstream.requests).toHaveLength(2);
  });

  it.for([400, 401, 403, 404, 413, 422])('does not try again after HTTP %i', async (code) => {
    const { ask, upstream } = await start(sequence(status(code), GOOD));
    expect((await ask()).error).toMatchObject({ retryable: false });
    expect(upstream.requests).toHaveLength(1);
  });

  it.for<[string, StreamPlan['fault']]>([
    ['a cut', { type: 'cut', after: 1 }],
    ['a malformed chunk', { type: 'malformed', after: 1 }],
    ['an error', { type: 'error', after: 1, error: 'gone' }],
  ])('never tries again after the first token: %s', async ([, fault]) => {
    const plan: StreamPlan = { tokens: ['half ', 'more'], ...(fault && { fault }) };
    const { ask, upstream } = await start(sequence(plan, GOOD));
    const { text, error } = await ask();
    expect(text).toBe('half ');
    expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    expect(upstream.requests).toHaveLength(1);
  });

  it('waits as long as Retry-After says, but not for ever', async () => {
    const short = await start(
      sequence(status(429, { 'retry-after': '3' }), status(503, { 'retry-after-ms': '700' }), GOOD),
    );
    expect((await short.ask()).text).toBe('good');
    expect(short.waits).toEqual([3_000, 700]);

    const long = await start(sequence(status(429, { 'retry-after': '61' }), GOOD));
    expect((await long.ask()).error).toMatchObject({ code: 'RATE_LIMITED', retryable: true, retryAfterSeconds: 61 });
    expect(long.upstream.requests).toHaveLength(1);
  });

  it('ends at once when the signal aborts between two attempts', async () => {
    const controller = new AbortController();
    const { ask, upstream } = await start(sequence(status(500)), {
      limits: { ...LIMITS, retries: 10 },
      async delay() {
        controller.abort();
      },
    });
    expect(await ask('scripted', controller.signal)).toMatchObject({ error: null, parts: [] });
    expect(upstream.requests).toHaveLength(1);
  });

  it('really waits with its own delay, and lets an abort end it', async () => {
    const upstream = await startScriptedUpstream({ script: sequence(status(429, { 'retry-after': '9' })) });
    const model = createOpenAiModel({
      provider: 'openai',
      baseUrl: upstream.url,
      apiKey: null,
      defaultModel: null,
      limits: LIMITS,
    });
    cleanups.push(
      () => upstream.close(),
      () => model.dispose(),
    );
    const controller = new AbortController();
    const began = performance.now();
    const asked = collectParts(model.stream(modelRequest('scripted', { signal: controller.signal })));
    const [request] = await upstream.whenRequests(1);
    await request?.whenClosed;
    controller.abort();
    expect((await asked).parts).toEqual([]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('says so when nothing listens', async () => {
    const { ask, upstream, waits, model } = await start(undefined);
    await upstream.close();
    const { error } = await ask();
    expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    expect(error?.message).toContain('refused the connection');
    expect(waits).toHaveLength(2);
    await expect(model.listModels(new AbortController().signal)).rejects.toThrow('refused the connection');
  });
});

describe('limits', () => {
  it('ends a silence by the limit of its phase', async () => {
    const silentFrom = (after: number): StreamPlan => ({ tokens: ['a', 'b'], fault: { type: 'silent', after } });
    const first = await start(sequence(silentFrom(0)), { limits: { ...LIMITS, firstTokenMs: 100 } });
    expect((await first.ask()).error?.message).toBe('The model sent nothing for 0.1 s.');
    expect(first.upstream.requests).toHaveLength(1);
    const idle = await start(sequence(silentFrom(1)), { limits: { ...LIMITS, idleMs: 200 } });
    const { text, error } = await idle.ask();
    expect(text).toBe('a');
    expect(error?.message).toBe('The model sent nothing for 0.2 s.');
  });

  it('does not take pings for tokens', async () => {
    const plan: StreamPlan = { replay: ': ping\n\n'.repeat(400), pieceSize: 8, contentType: 'text/event-stream' };
    const { ask } = await start(sequence(plan), { limits: { ...LIMITS, firstTokenMs: 1, retries: 0 } });
    expect((await ask()).error?.message).toContain('sent nothing');
  });

  it('ends an answer that takes too long', async () => {
    const plan: StreamPlan = { tokens: Array.from({ length: 500 }, () => 'a '), intervalMs: 20 };
    const { ask, upstream } = await start(sequence(plan), { limits: { ...LIMITS, totalMs: 1_000 } });
    const { error, text } = await ask();
    expect(text.length).toBeGreaterThan(0);
    expect(error?.message).toBe('The model did not finish within 1 s.');
    expect((await upstream.requests[0]?.whenClosed)?.aborted).toBe(true);
  });

  it('does not blame the provider for a slow reader', async () => {
    // More than the connection's buffers hold, so that the provider has to stop.
    const plan: StreamPlan = { tokens: lorem(200_000), tokensPerWrite: 500 };
    const { model } = await start(sequence(plan), { limits: { ...LIMITS, idleMs: 200 } });
    const iterator = model.stream(modelRequest('scripted'))[Symbol.asyncIterator]();
    await iterator.next();
    // Longer than the limit: the reader is busy, not the provider.
    const end = performance.now() + 500;
    while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
    const rest = await collectParts({ [Symbol.asyncIterator]: () => iterator });
    expect(rest.finish?.reason).toBe('stop');
  });
});

describe('the breaker', () => {
  const breaker = { failures: 3, openMs: 10_000 };
  const limits = { ...LIMITS, retries: 0 };
  const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

  it('opens after faults in a row, tries one call later and closes again', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    let plan: StreamPlan = status(500);
    const { ask, model, upstream } = await start(() => plan, { breaker, limits });
    for (let index = 0; index < 3; index++) {
      expect(model.breakerOpen()).toBe(false);
      await ask();
    }
    expect(model.breakerOpen()).toBe(true);
    const refused = await ask();
    expect(refused.error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    expect(refused.error?.message).toContain('several times in a row');
    expect(upstream.requests).toHaveLength(3);

    pass(10_001);
    expect(model.breakerOpen()).toBe(false);
    await ask();
    expect(upstream.requests).toHaveLength(4);
    expect(model.breakerOpen()).toBe(true);

    pass(10_001);
    plan = GOOD;
    expect((await ask()).text).toBe('good');
    expect(model.breakerOpen()).toBe(false);
    expect((await ask()).text).toBe('good');
  });

  it('does not open for requests that are refused, limits of rate and unknown models', async () => {
    const { ask, model } = await start(sequence(status(400), status(404), status(401), status(429), status(422)), {
      breaker: { failures: 1, openMs: 10_000 },
      limits,
    });
    for (let index = 0; index < 5; index++) await ask();
    expect(model.breakerOpen()).toBe(false);
  });

  it('does not open for calls that are aborted, nor close for an aborted trial', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    let plan: StreamPlan = { fault: { type: 'never' } };
    const { ask, model, upstream } = await start(() => plan, { breaker, limits });
    const aborted = async (count: number) => {
      const controller = new AbortController();
      const asked = ask('scripted', controller.signal);
      await upstream.whenRequests(count);
      controller.abort();
      await asked;
    };
    for (let count = 1; count <= 4; count++) await aborted(count);
    expect(model.breakerOpen()).toBe(false);
    plan = status(500);
    for (let index = 0; index < 3; index++) await ask();
    expect(model.breakerOpen()).toBe(true);
    pass(10_001);
    plan = { fault: { type: 'never' } };
    await aborted(8);
    expect(model.breakerOpen()).toBe(true);
  });

  it('lets the others wait for the trial, and an abort leave', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    let plan: StreamPlan = status(500);
    const { ask, upstream } = await start(() => plan, {
      breaker,
      limits: { ...limits, firstTokenMs: 60_000, totalMs: 60_000 },
    });
    for (let index = 0; index < 3; index++) await ask();
    pass(10_001);
    plan = { fault: { type: 'never' } };
    const trial = new AbortController();
    const trying = ask('scripted', trial.signal);
    await upstream.whenRequests(4);
    const waiter = new AbortController();
    const waiting = ask('scripted', waiter.signal);
    waiter.abort();
    expect((await waiting).parts).toEqual([]);
    expect(upstream.requests).toHaveLength(4);
    trial.abort();
    await trying;
  });
});
