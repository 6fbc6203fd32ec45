import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOllamaModel } from '../../src/adapters/models/ollama.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai.ts';
import type { LanguageModel } from '../../src/ports/language-model.ts';
import { collectParts, modelRequest } from '../support/collect-parts.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { lorem, type StreamPlan } from '../support/stream-plan.ts';

const cleanups: (() => Promise<void>)[] = [];
const limits = { connectMs: 5_000, firstTokenMs: 5_000, idleMs: 5_000, totalMs: 20_000, retries: 0 };

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Subject = { model: LanguageModel; server: ScriptedServer };

const starts: [string, (plans: Record<string, StreamPlan>) => Promise<Subject>][] = [
  [
    'openai',
    async (plans) => {
      const server = await startScriptedUpstream({ plans });
      const model = createOpenAiModel({
        provider: 'openai',
        baseUrl: server.url,
        apiKey: null,
        defaultModel: null,
        limits,
      });
      return { model, server };
    },
  ],
  [
    'ollama',
    async (plans) => {
      const server = await startScriptedOllama({ plans });
      return { model: createOllamaModel({ baseUrl: server.url, defaultModel: null, limits }), server };
    },
  ],
];

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe.for(starts)('connections of %s', ([, begin]) => {
  const start = async (plans: Record<string, StreamPlan> = {}) => {
    const subject = await begin(plans);
    cleanups.push(
      () => subject.server.close(),
      () => subject.model.dispose(),
    );
    return subject;
  };

  it('closes the socket at once when the signal aborts, before and after the first token', async () => {
    const { model, server } = await start({
      never: { fault: { type: 'never' } },
      half: { tokens: ['a', 'b'], fault: { type: 'silent', after: 1 } },
    });
    for (const name of ['never', 'half']) {
      const controller = new AbortController();
      const count = server.requests.length + 1;
      const asked = collectParts(model.stream(modelRequest(name, { signal: controller.signal })), () =>
        controller.abort(),
      );
      const request = (await server.whenRequests(count)).at(-1);
      if (name === 'never') controller.abort();
      expect(await asked).toMatchObject({ error: null, finish: null });
      expect((await request?.whenClosed)?.aborted).toBe(true);
      await server.whenDisconnected();
    }
  });

  it('closes the socket when the reader leaves, also while a token is pending', async () => {
    const { model, server } = await start({ half: { tokens: ['a', 'b'], fault: { type: 'silent', after: 1 } } });
    const iterator = model.stream(modelRequest('half'))[Symbol.asyncIterator]();
    expect(await iterator.next()).toMatchObject({ value: { text: 'a' } });
    const pending = iterator.next();
    await iterator.return?.();
    expect(await pending).toMatchObject({ done: true });
    await server.whenDisconnected();
  });

  it('uses a connection again when the answer is whole, and gives it up otherwise', async () => {
    const { model, server } = await start({
      cut: { tokens: ['a', 'b'], intervalMs: 500, fault: { type: 'malformed', after: 0 } },
    });
    for (let index = 0; index < 5; index++) {
      expect((await collectParts(model.stream(modelRequest('scripted')))).finish).not.toBeNull();
    }
    expect(server.connections()).toBe(1);
    await collectParts(model.stream(modelRequest('cut')));
    await server.whenDisconnected();
  });

  it('leaves no timer and no socket behind', async () => {
    const { model, server } = await start({
      cut: { tokens: ['a'], fault: { type: 'cut', after: 1 } },
      silent: { tokens: ['a'], fault: { type: 'silent', after: 1 } },
    });
    const before = timers();
    const names = ['scripted', 'cut', 'no-such-model', 'silent', 'silent'];
    await Promise.all(
      names.map((name) => {
        const controller = new AbortController();
        const stop = name === 'silent' ? () => controller.abort() : undefined;
        return collectParts(model.stream(modelRequest(name, { signal: controller.signal })), stop);
      }),
    );
    expect(timers()).toBeLessThanOrEqual(before);
    await model.dispose();
    await server.whenDisconnected();
  });

  it('reads a body that comes in pieces of any size', async () => {
    const text = 'Grüße, 世界 👋🏽 and a long enough sentence to be cut many times.';
    const plans: Record<string, StreamPlan> = {};
    const tokens = text.split(/(?<= )/);
    for (const pieceSize of [1, 2, 3, 5, 7, 64]) {
      plans[`pieces-${pieceSize}`] = { tokens, pieceSize };
      plans[`crlf-${pieceSize}`] = { tokens, pieceSize, crlf: true, noSpace: true, pings: true };
      plans[`lines-${pieceSize}`] = { tokens, pieceSize, multiLine: true };
    }
    const { model } = await start(plans);
    for (const name of Object.keys(plans)) {
      expect(await collectParts(model.stream(modelRequest(name))), name).toMatchObject({ text, error: null });
    }
  });

  it('stops reading when nobody takes, and loses nothing', async () => {
    const tokens = lorem(200_000);
    const { model } = await start({ flood: { tokens, tokensPerWrite: 500 } });
    let most = 0;
    const { text, finish } = await collectParts(model.stream(modelRequest('flood')), async (part) => {
      if (part.type === 'text-delta') most = Math.max(most, part.text.length);
      for (let index = 0; index < 20; index++) await new Promise((resolve) => setImmediate(resolve));
    });
    expect(finish?.reason).toBe('stop');
    expect(text === tokens.join('')).toBe(true);
    // The bound and one read more.
    expect(most).toBeLessThan(256 * 1024 + 64 * 1024);
  });

  it('runs 500 streams at once', async () => {
    const { model, server } = await start({ many: { tokens: lorem(20), intervalMs: 20 } });
    const all = Array.from({ length: 500 }, () => collectParts(model.stream(modelRequest('many'))));
    const expected = lorem(20).join('');
    for (const { text, finish, error } of await Promise.all(all)) {
      expect(error).toBeNull();
      expect(text).toBe(expected);
      expect(finish?.reason).toBe('stop');
    }
    expect(server.requests).toHaveLength(500);
  });
});

describe('connections that break in between', () => {
  it('asks afresh when the provider has closed an idle connection, without a retry', async () => {
    let served = 0;
    const server = createServer((request, response) => {
      request.resume();
      served++;
      // The second request on a connection meets a server that has just given it up.
      if (request.headers.connection === 'keep-alive' && served === 2) return request.socket.resetAndDestroy();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: {"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const model = createOpenAiModel({ provider: 'openai', baseUrl, apiKey: null, defaultModel: null, limits });
    cleanups.push(
      async () => void server.close(),
      () => model.dispose(),
    );
    for (let index = 0; index < 3; index++) {
      expect(await collectParts(model.stream(modelRequest('m')))).toMatchObject({ text: 'ok', error: null });
    }
    expect(served).toBe(4);
  });

  it('takes a whole answer from a server that does not stream, and its error', async () => {
    const bodies = [
      {
        choices: [{ message: { role: 'assistant', content: 'all at once' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 3 },
      },
      { error: { message: 'no', code: 429 } },
    ];
    const server = await startScriptedUpstream({
      script: () => ({ replay: JSON.stringify(bodies.shift()), contentType: 'application/json' }),
    });
    const model = createOpenAiModel({
      provider: 'aihub',
      baseUrl: server.url,
      apiKey: null,
      defaultModel: null,
      limits,
    });
    cleanups.push(
      () => server.close(),
      () => model.dispose(),
    );
    const whole = await collectParts(model.stream(modelRequest('m')));
    expect(whole).toMatchObject({ text: 'all at once', finish: { usage: { promptTokens: 1, completionTokens: 3 } } });
    expect((await collectParts(model.stream(modelRequest('m')))).error?.code).toBe('RATE_LIMITED');
  });

  it('does not wait for the end of a refusal', async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(422, { 'content-type': 'application/json' });
      response.write('{"error":{"message":"never');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const baseUrl = `http://127.0.0.1:${port}`;
    const quick = { ...limits, firstTokenMs: 60_000, idleMs: 50 };
    const model = createOpenAiModel({ provider: 'openai', baseUrl, apiKey: null, defaultModel: null, limits: quick });
    cleanups.push(
      async () => {
        server.closeAllConnections();
        server.close();
      },
      () => model.dispose(),
    );
    expect((await collectParts(model.stream(modelRequest('m')))).error?.code).toBe('BAD_USER_INPUT');
  });

  it('closes a connection that stays open after the end mark', async () => {
    const closed = Promise.withResolvers<void>();
    const server = createServer((request, response) => {
      request.resume();
      response.on('close', closed.resolve);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const baseUrl = `http://127.0.0.1:${port}`;
    const slow = { ...limits, idleMs: 60_000, totalMs: 60_000 };
    const model = createOpenAiModel({ provider: 'openai', baseUrl, apiKey: null, defaultModel: null, limits: slow });
    cleanups.push(
      async () => {
        server.closeAllConnections();
        server.close();
      },
      () => model.dispose(),
    );
    const began = performance.now();
    expect(await collectParts(model.stream(modelRequest('m')))).toMatchObject({ text: 'ok', error: null });
    await closed.promise;
    expect(performance.now() - began).toBeLessThan(4_000);
  });

  it('finishes when the end mark never comes though the answer is whole', async () => {
    const chunk = 'data: {"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\n';
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const model = createOpenAiModel({
      provider: 'openai',
      baseUrl: `http://127.0.0.1:${port}`,
      apiKey: null,
      defaultModel: null,
      limits: { ...limits, idleMs: 50 },
    });
    cleanups.push(
      async () => {
        server.closeAllConnections();
        server.close();
      },
      () => model.dispose(),
    );
    expect(await collectParts(model.stream(modelRequest('m')))).toMatchObject({
      text: 'ok',
      finish: { reason: 'stop' },
    });
  });
});
