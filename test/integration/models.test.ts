import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LanguageModel, ModelInfo, ProviderName } from '../../src/ports/language-model.ts';
import { createModels } from '../../src/services/models/models.ts';
import { codeOf, failure } from '../support/errors.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, startTestServer, type TestServer } from '../support/server.ts';

const MODELS = '{ models { id name provider isDefault embedding contextWindow quantization sizeBytes } }';
const PROVIDERS = '{ providers { provider state message modelCount breakerOpen latencyMs } }';
const SEND = `mutation ($input: ChatInput!) {
  sendMessage(input: $input, wait: true) { model assistantMessage { status content model error { code message } } }
}`;

async function ollama(names: string[] | (() => string[])) {
  const list = () => (typeof names === 'function' ? names() : names);
  const models = () => list().map((name) => ({ name, ...(name.includes('embed') && { capabilities: ['embedding'] }) }));
  const started = await startScriptedOllama({ models, script: () => ({ tokens: ['from ', 'ollama'] }) });
  onTestFinished(() => started.close());
  return started;
}
async function openai(models: string[] = ['gpt-scripted']) {
  const started = await startScriptedUpstream({
    models: models.map((id) => ({ id, object: 'model', created: 0, owned_by: 'tests' })),
    script: () => ({ tokens: ['from ', 'openai'] }),
  });
  onTestFinished(() => started.close());
  return started;
}

async function start(environment: Record<string, string>): Promise<{ server: TestServer; token: string }> {
  const server = await startTestServer({ environment });
  return { server, token: (await server.register()).token };
}

const defaultOf = (data: Data): string[] =>
  data.models.filter(({ isDefault }: Data) => isDefault).map(({ id }: Data) => id);

describe('the default model', () => {
  const cases: [string, () => Promise<Record<string, string>>, string][] = [
    ['is the built-in answerer where nothing else is', async () => ({}), 'builtin/extractive'],
    [
      'is Ollama’s first chat model',
      async () => ({ OLLAMA_BASE_URL: (await ollama(['nomic-embed-text', 'llama3.2:3b', 'qwen3'])).url }),
      'ollama/llama3.2:3b',
    ],
    [
      'is the one configured for Ollama',
      async () => ({ OLLAMA_BASE_URL: (await ollama(['llama3.2:3b', 'qwen3'])).url, OLLAMA_DEFAULT_MODEL: 'qwen3' }),
      'ollama/qwen3',
    ],
    [
      'is OpenAI’s where Ollama cannot be reached, whatever is configured for Ollama',
      async () => ({ OLLAMA_DEFAULT_MODEL: 'qwen3', OPENAI_BASE_URL: (await openai()).url, OPENAI_API_KEY: 'k' }),
      'openai/gpt-scripted',
    ],
    [
      'is OpenAI’s where Ollama can only make vectors',
      async () => ({
        OLLAMA_BASE_URL: (await ollama(['nomic-embed-text'])).url,
        OPENAI_BASE_URL: (await openai()).url,
      }),
      'openai/gpt-scripted',
    ],
    [
      'is Ollama’s where both can be reached',
      async () => ({ OLLAMA_BASE_URL: (await ollama(['llama3.2:3b'])).url, OPENAI_BASE_URL: (await openai()).url }),
      'ollama/llama3.2:3b',
    ],
    [
      'is the one that DEFAULT_MODEL names, before all others',
      async () => ({
        OLLAMA_BASE_URL: (await ollama(['llama3.2:3b'])).url,
        OPENAI_BASE_URL: (await openai(['gpt-other', 'gpt-scripted'])).url,
        DEFAULT_MODEL: 'openai/gpt-scripted',
      }),
      'openai/gpt-scripted',
    ],
    [
      'may be named by an alias',
      async () => ({ OLLAMA_BASE_URL: (await ollama(['llama3.2:3b', 'qwen3'])).url, DEFAULT_MODEL: 'local/qwen3' }),
      'ollama/qwen3',
    ],
  ];

  test.each(cases)('%s', async (_name, environment, expected) => {
    const { server, token } = await start(await environment());
    expect(defaultOf(await server.data(MODELS, {}, token))).toEqual([expected]);
    const { sendMessage: turn } = await server.data(SEND, { input: { turnKey: randomUUID(), text: 'hello' } }, token);
    expect(turn).toMatchObject({ model: expected, assistantMessage: { status: 'COMPLETE', model: expected } });
  });
});

describe('the models', () => {
  test('are listed with what their provider says of them, all or one provider’s', async () => {
    const { server, token } = await start({
      OLLAMA_BASE_URL: (await ollama(['llama3.2:3b', 'nomic-embed-text'])).url,
      AIHUB_BASE_URL: (await openai(['company/model'])).url,
      AIHUB_API_KEY: 'key-of-the-hub',
    });
    const { models } = await server.data(MODELS, {}, token);
    expect(models.map(({ id }: Data) => id)).toEqual([
      'ollama/llama3.2:3b',
      'ollama/nomic-embed-text',
      'aihub/company/model',
      'builtin/extractive',
    ]);
    expect(models[0]).toMatchObject({
      provider: 'OLLAMA',
      embedding: false,
      contextWindow: 131_072,
      quantization: 'Q4_K_M',
    });
    expect(models[1]).toMatchObject({ embedding: true, isDefault: false });
    const only = await server.data('{ models(provider: AIHUB) { id } }', {}, token);
    expect(only.models).toEqual([{ id: 'aihub/company/model' }]);
    expect((await server.data('{ models(provider: LLAMA_CPP) { id } }', {}, token)).models).toEqual([]);
    expect(codeOf(await server.request('{ models(provider: NOBODY) { id } }', {}, token))).toBe('BAD_USER_INPUT');
  });

  test('are asked for by their name or an alias’s, in any case', async () => {
    const { server, token } = await start({
      OLLAMA_BASE_URL: (await ollama(['llama3.2:3b'])).url,
      AIHUB_BASE_URL: (await openai(['company/model'])).url,
    });
    for (const [asked, model, content] of [
      ['local/llama3.2:3b', 'ollama/llama3.2:3b', 'from ollama'],
      ['Ollama/llama3.2:3b', 'ollama/llama3.2:3b', 'from ollama'],
      ['corporate/company/model', 'aihub/company/model', 'from openai'],
      ['CORPORATE/company/model', 'aihub/company/model', 'from openai'],
    ]) {
      const { sendMessage } = await server.data(
        SEND,
        { input: { turnKey: randomUUID(), text: 'x', model: asked } },
        token,
      );
      expect(sendMessage, asked).toMatchObject({ model, assistantMessage: { status: 'COMPLETE', content, model } });
    }
  });

  test('of a provider that is unknown or not configured are refused, with how to get it', async () => {
    const { server, token } = await start({});
    for (const [model, hint] of [
      ['openai/gpt', /OPENAI_API_KEY/],
      ['aihub/gpt', /AIHUB_BASE_URL/],
      ['corporate/gpt', /AIHUB_BASE_URL/],
      ['llama-cpp/', /provider\/name/],
      ['nobody/gpt', /provider\/name/],
      ['gpt', /provider\/name/],
      ['/gpt', /provider\/name/],
      ['ollama/', /provider\/name/],
    ] as const) {
      const refused = failure(
        await server.request(SEND, { input: { turnKey: randomUUID(), text: 'x', model } }, token),
      );
      expect(refused, model).toMatchObject({
        code: 'BAD_USER_INPUT',
        fields: { 'input.model': expect.stringMatching(hint) },
      });
    }
  });
});

describe('the providers', () => {
  const statusOf = (data: Data, name: string): Data => data.providers.find(({ provider }: Data) => provider === name);

  test('say what they are: working, not configured, or down and why', async () => {
    const { server, token } = await start({ OPENAI_BASE_URL: (await openai()).url });
    const data = await server.data(PROVIDERS, {}, token);
    expect(data.providers.map(({ provider }: Data) => provider).sort()).toEqual([
      'AIHUB',
      'BUILTIN',
      'LLAMA_CPP',
      'OLLAMA',
      'OPENAI',
    ]);
    expect(statusOf(data, 'OPENAI')).toMatchObject({ state: 'OK', modelCount: 1, message: null, breakerOpen: false });
    expect(statusOf(data, 'BUILTIN')).toMatchObject({ state: 'OK' });
    expect(statusOf(data, 'AIHUB')).toMatchObject({
      state: 'DISABLED',
      modelCount: 0,
      message: expect.stringMatching(/AIHUB_BASE_URL/),
    });
    const down = statusOf(data, 'OLLAMA');
    expect(down).toMatchObject({ state: 'DOWN', modelCount: 0, latencyMs: null, message: expect.stringMatching(/./) });
    expect(down.message).not.toMatch(/127\.0\.0\.1|:9/);
    expect((await server.data('{ models(provider: OLLAMA) { id } }', {}, token)).models).toEqual([]);
  });

  test('that refuse the key or answer nonsense are down, and the reason keeps the key and the address', async () => {
    const upstream = await startScriptedUpstream({ apiKey: 'the right one' });
    onTestFinished(() => upstream.close());
    const { server, token } = await start({ OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: 'a-wrong-key' });
    const refused = statusOf(await server.data(PROVIDERS, {}, token), 'OPENAI');
    expect(refused).toMatchObject({ state: 'DOWN', message: expect.stringMatching(/credentials/) });
    expect(refused.message).not.toMatch(/a-wrong-key|127\.0\.0\.1/);
  });

  test('degrade the server’s health when none of them answers, and only then', async () => {
    const health = async (environment: Record<string, string>): Promise<Data> =>
      (await (await startTestServer({ environment })).data('{ health { status components { name status message } } }'))
        .health;
    const llmOf = ({ components }: Data): Data => components.find(({ name }: Data) => name === 'llm');
    const without = await health({});
    expect(without.status).toBe('DEGRADED');
    expect(llmOf(without)).toMatchObject({ status: 'DEGRADED', message: expect.stringMatching(/built-in/) });
    const within = await health({ OPENAI_BASE_URL: (await openai()).url });
    expect(within.status).toBe('OK');
    expect(llmOf(within)).toMatchObject({ status: 'OK', message: 'openai' });
  });
});

describe('the catalogue', () => {
  /** A provider whose answers the test gives, one by one. */
  function fakeProvider(provider: ProviderName) {
    const asked: { answer: (names: string[]) => void; fail: (error: Error) => void }[] = [];
    const model: LanguageModel = {
      provider,
      defaultModel: null,
      listModels: () =>
        new Promise<ModelInfo[]>((resolve, reject) => {
          const info = (name: string) => ({
            name,
            contextWindow: null,
            sizeBytes: null,
            quantization: null,
            embedding: false,
          });
          asked.push({ answer: (names) => resolve(names.map(info)), fail: reject });
        }),
      async *stream() {},
      breakerOpen: () => false,
      window: () => null,
      load: () => ({ active: 0, waiting: 0, longestWaitMs: 0 }),
      dispose: async () => {},
    };
    return { model, asked };
  }

  test('is asked once by all who come at once, and remembered for seconds', async () => {
    const time = { now: 0 };
    const { model, asked } = fakeProvider('openai');
    const models = createModels({ providers: [model], defaultModel: undefined, now: () => new Date(time.now) });
    const lists = [models.list(), models.list(), models.statuses()];
    expect(asked).toHaveLength(1);
    asked[0]?.answer(['one']);
    await Promise.all(lists);
    time.now = 9_999;
    expect((await models.list()).map(({ id }) => id)).toEqual(['openai/one']);
    expect(asked).toHaveLength(1);
    // Old: what is known is told at once, and asked for anew behind it.
    time.now = 10_000;
    expect((await models.list()).map(({ id }) => id)).toEqual(['openai/one']);
    await models.list();
    expect(asked).toHaveLength(2);
    asked[1]?.answer(['one', 'two']);
    await expect.poll(async () => (await models.list()).length).toBe(2);
    models.dispose();
  });

  test('waits for nobody: a provider that is silent is down for now, and the others are used', async () => {
    const [silent, quick] = [fakeProvider('ollama'), fakeProvider('openai')];
    const providers = [silent.model, quick.model];
    const models = createModels({ providers, defaultModel: undefined, now: () => new Date() });
    const [list, statuses] = [models.list(), models.statuses()];
    quick.asked[0]?.answer(['one']);
    expect((await statuses).find(({ provider }) => provider === 'ollama')).toMatchObject({
      state: 'DOWN',
      message: expect.stringMatching(/not answered yet/),
    });
    const expected = [['openai/one', true]];
    const shown = async () => (await models.list()).map(({ id, isDefault }) => [id, isDefault]);
    expect((await list).map(({ id, isDefault }) => [id, isDefault])).toEqual(expected);
    // It was waited for once, not by everybody who comes later.
    const soon = new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(await Promise.race([shown(), soon])).toEqual(expected);
    expect(await Promise.race([models.resolve(null), soon])).toBe('openai/one');
    expect(silent.asked).toHaveLength(1);
    // Once it has answered it is the default.
    silent.asked[0]?.answer(['late']);
    await expect.poll(() => models.resolve(null)).toBe('ollama/late');
    models.dispose();
  });

  test('names the variable when the default or the fallback can never answer', () => {
    const { model } = fakeProvider('openai');
    const make = (defaultModel: string) => () =>
      createModels({ providers: [model], defaultModel, now: () => new Date() });
    for (const wrong of ['nonsense', 'ollama/llama3.2:3b', 'local/x', 'openai/']) {
      expect(make(wrong), wrong).toThrow(/^DEFAULT_MODEL is /);
    }
    expect(make('OpenAI/any')).not.toThrow();
    const fallback = (fallbackModel: string) => () =>
      createModels({ providers: [model], defaultModel: undefined, fallbackModel, now: () => new Date() });
    for (const wrong of ['nonsense', 'ollama/llama3.2:3b', 'openai/']) {
      expect(fallback(wrong), wrong).toThrow(/^FALLBACK_MODEL is /);
    }
    expect(fallback('OpenAI/any')().fallbackModel).toBe('openai/any');
    const reranker = (rerankModel: string) => () =>
      createModels({ providers: [model], defaultModel: undefined, rerankModel, now: () => new Date() });
    expect(reranker('llama-cpp/judge.gguf')).toThrow(/^RERANK_MODEL is /);
    expect(reranker('openai/any')).not.toThrow();
  });
});
