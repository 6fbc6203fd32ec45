import { createServer } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BUILTIN_MODEL, createBuiltinModel } from '../../src/adapters/models/builtin.ts';
import { createOllamaModel } from '../../src/adapters/models/ollama.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai.ts';
import { isStrictSchema } from '../../src/adapters/models/strict-schema.ts';
import type { GenerationOptions, LanguageModel } from '../../src/ports/language-model.ts';
import { collectParts, modelRequest } from '../support/collect-parts.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';

const cleanups: (() => Promise<void>)[] = [];
const limits = { connectMs: 5_000, firstTokenMs: 5_000, idleMs: 5_000, totalMs: 10_000, retries: 0 };
const signal = new AbortController().signal;

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const keep = <Model extends LanguageModel>(model: Model, server: { close(): Promise<void> }) => {
  cleanups.push(
    () => server.close(),
    () => model.dispose(),
  );
  return model;
};

const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const options: GenerationOptions = {
  temperature: 0.2,
  topP: 0.9,
  topK: 40,
  maxTokens: 50,
  seed: 7,
  stop: ['END'],
  jsonSchema: schema,
};

describe('what is asked of an OpenAI-compatible server', () => {
  const start = async (apiKey: string | null, models?: object[]) => {
    const server = await startScriptedUpstream({ ...(models && { models }), script: () => ({ tokens: ['ok'] }) });
    const baseUrl = `${server.url}/`;
    const model = keep(createOpenAiModel({ provider: 'openai', baseUrl, apiKey, defaultModel: 'm', limits }), server);
    return { server, model };
  };

  it('carries the messages, the options and the key', async () => {
    const { server, model } = await start('sk-mine');
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Ünïcode 👋' },
    ];
    await collectParts(model.stream(modelRequest('m', { messages, options })));
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer sk-mine',
      'content-type': 'application/json',
      accept: 'text/event-stream',
    });
    expect(request?.body).toEqual({
      model: 'm',
      messages,
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.2,
      top_p: 0.9,
      top_k: 40,
      max_tokens: 50,
      seed: 7,
      stop: ['END'],
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
    });
  });

  it('leaves out what is not chosen, and sends no key where there is none', async () => {
    const { server, model } = await start(null);
    await collectParts(model.stream(modelRequest('m')));
    expect(Object.keys(server.requests[0]?.body as object).sort()).toEqual([
      'messages',
      'model',
      'stream',
      'stream_options',
    ]);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('names the limit as the reasoning models know it', async () => {
    const { server, model } = await start(null);
    for (const name of ['gpt-5-mini', 'openai/o3', 'o4-mini', 'llama-3', 'gpt-4o']) {
      await collectParts(model.stream(modelRequest(name, { options: { maxTokens: 9 } })));
    }
    const names = server.requests.map(({ body }) => Object.keys(body as object).find((key) => key.startsWith('max_')));
    expect(names).toEqual([
      'max_completion_tokens',
      'max_completion_tokens',
      'max_completion_tokens',
      'max_tokens',
      'max_tokens',
    ]);
  });

  it('lists what the servers say of their models', async () => {
    const { server, model } = await start('sk-mine', [
      { id: 'qwen', object: 'model', max_model_len: 32_768 },
      { id: 'gguf', meta: { n_ctx_train: 8_192, size: 4_000 } },
      { id: 'routed', context_length: 128_000 },
      { id: 'text-embedding-3-small' },
      { id: 'BAAI/bge-m3' },
      { id: 5 },
      { object: 'model' },
    ]);
    vi.stubEnv('OPENAI_ORG_ID', 'org-of-someone-else');
    const none = { contextWindow: null, sizeBytes: null, quantization: null, embedding: false };
    expect(await model.listModels(signal)).toEqual([
      { ...none, name: 'qwen', contextWindow: 32_768 },
      { ...none, name: 'gguf', contextWindow: 8_192, sizeBytes: 4_000 },
      { ...none, name: 'routed', contextWindow: 128_000 },
      { ...none, name: 'text-embedding-3-small', embedding: true },
      { ...none, name: 'BAAI/bge-m3', embedding: true },
    ]);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-mine');
    expect(server.requests[0]?.headers['openai-organization']).toBeUndefined();
  });

  it('says why it cannot list', async () => {
    const server = await startScriptedUpstream({ apiKey: 'sk-right' });
    const create = (apiKey: string | null, baseUrl = server.url) =>
      createOpenAiModel({ provider: 'aihub', baseUrl, apiKey, defaultModel: null, limits });
    const wrong = keep(create('sk-wrong'), server);
    await expect(wrong.listModels(signal)).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
      message: "The provider aihub refused the server's credentials.",
    });
    await expect(create(null).listModels(signal)).rejects.toThrow('credentials');
    await expect(create('sk-right', server.origin).listModels(signal)).rejects.toThrow('base URL may be wrong');
  });

  it('gives up on a list that never comes', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanups.push(async () => {
      silent.closeAllConnections();
      silent.close();
    });
    const address = silent.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const baseUrl = `http://127.0.0.1:${port}`;
    const short = { ...limits, connectMs: 100 };
    const openai = createOpenAiModel({ provider: 'openai', baseUrl, apiKey: null, defaultModel: null, limits: short });
    await expect(openai.listModels(signal)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    const ollama = createOllamaModel({ baseUrl, defaultModel: null, limits: short });
    await expect(ollama.listModels(signal)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    const controller = new AbortController();
    const left = ollama.listModels(controller.signal);
    controller.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
  });
});

describe('what is asked of Ollama', () => {
  it('carries the messages and the options under their names there', async () => {
    const server = await startScriptedOllama();
    const model = keep(createOllamaModel({ baseUrl: `${server.url}/`, defaultModel: 'echo', limits }), server);
    await collectParts(model.stream(modelRequest('echo', { options })));
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/api/chat' });
    expect(server.requests[0]?.body).toEqual({
      model: 'echo',
      messages: [{ role: 'user', content: 'Hello there' }],
      stream: true,
      format: schema,
      options: {
        num_ctx: 8_192,
        temperature: 0.2,
        top_p: 0.9,
        top_k: 40,
        num_predict: 50,
        seed: 7,
        stop: ['END'],
      },
    });
  });

  it('lists models with sizes, and asks for each only once', async () => {
    const server = await startScriptedOllama({
      models: [
        { name: 'llama3.2:3b', sizeBytes: 2_000, contextLength: 131_072 },
        { name: 'nomic-embed-text', family: 'nomic-bert', contextLength: 2_048, capabilities: ['embedding'] },
      ],
    });
    const model = keep(createOllamaModel({ baseUrl: server.url, defaultModel: null, limits }), server);
    const listed = await model.listModels(signal);
    expect(listed).toEqual([
      { name: 'llama3.2:3b', contextWindow: 131_072, sizeBytes: 2_000, quantization: 'Q4_K_M', embedding: false },
      expect.objectContaining({ name: 'nomic-embed-text', contextWindow: 2_048, embedding: true }),
    ]);
    expect(await model.listModels(signal)).toEqual(listed);
    expect(server.requests.map(({ path }) => path)).toEqual(['/api/tags', '/api/show', '/api/show', '/api/tags']);
  });

  it('asks details of a few models only', async () => {
    const models = Array.from({ length: 100 }, (_, index) => ({ name: `model-${index}` }));
    const server = await startScriptedOllama({ models });
    const model = keep(createOllamaModel({ baseUrl: server.url, defaultModel: null, limits }), server);
    expect(await model.listModels(signal)).toHaveLength(100);
    expect(server.requests.length).toBeLessThanOrEqual(25);
  });
});

describe('the built-in answerer', () => {
  const model = createBuiltinModel();
  const ask = async (content: string, before: string[] = []) => {
    const messages = before.flatMap((text) => [
      { role: 'user' as const, content: text },
      { role: 'assistant' as const, content: 'an answer' },
    ]);
    messages.push({ role: 'user', content } as (typeof messages)[number]);
    return collectParts(model.stream(modelRequest(BUILTIN_MODEL, { messages })));
  };

  it('says that there is no model and how to get one, word by word', async () => {
    const { text, parts, finish } = await ask('How tall is the Zugspitze?');
    expect(text).toContain('“How tall is the Zugspitze?”');
    for (const hint of [
      'no language model',
      'no documents',
      'ollama pull',
      'OLLAMA_DEFAULT_MODEL',
      'OPENAI_API_KEY',
      'OPENAI_BASE_URL',
      '.env',
    ]) {
      expect(text).toContain(hint);
    }
    expect(parts.length).toBeGreaterThan(50);
    expect(finish).toEqual({ type: 'finish', reason: 'stop', usage: null });
  });

  it('does not say it all again', async () => {
    const first = await ask('one');
    const second = await ask('two', ['one']);
    expect(second.text.length).toBeLessThan(first.text.length / 2);
    expect(second.text).toContain('“two”');
  });

  it('quotes little, on one line, as text', async () => {
    const family = '👨‍👩‍👧‍👦';
    const { text } = await ask(
      `# Title\n\n**bold** <img src=x onerror=alert(1)> [x](javascript:y) ${family.repeat(500)}`,
    );
    const quoted = text.slice(text.indexOf('“') + 1, text.indexOf('”'));
    expect(quoted).not.toContain('\n');
    expect(quoted).not.toMatch(/(?<!\\)[*<>[\]#]/);
    expect(quoted.endsWith(`${family}…`)).toBe(true);
    expect([...new Intl.Segmenter().segment(quoted)].length).toBeLessThan(120);
    expect((await ask('   ')).text).toMatch(/^I cannot answer/);
  });

  it('lets others run between its words', async () => {
    let turns = 0;
    const spin = () => {
      turns++;
      handle = setImmediate(spin);
    };
    let handle = setImmediate(spin);
    const { parts } = await ask('hello');
    clearImmediate(handle);
    expect(turns).toBeGreaterThanOrEqual(parts.length - 1);
  });
});

describe('strict schemas', () => {
  it('are those that list all and allow no more', () => {
    expect(isStrictSchema(schema)).toBe(true);
    expect(isStrictSchema({ ...schema, required: [] })).toBe(false);
    expect(isStrictSchema({ ...schema, additionalProperties: undefined })).toBe(false);
    expect(isStrictSchema({ type: 'array', items: schema })).toBe(true);
    expect(isStrictSchema({ type: 'array', items: { type: 'object', properties: {} } })).toBe(false);
    expect(isStrictSchema({ anyOf: [schema, { type: 'object' }] })).toBe(false);
    expect(isStrictSchema({ $ref: '#/$defs/a', $defs: { a: { type: 'object' } } })).toBe(false);
    expect(isStrictSchema({ ...schema, properties: { city: { type: 'object', properties: { a: {} } } } })).toBe(false);
  });
});
