import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createOpenAiEmbedder } from '../../src/adapters/embeddings/openai-embedder.ts';
import { createOpenAiModel } from '../../src/adapters/models/openai.ts';
import type { LanguageModel } from '../../src/ports/language-model.ts';
import { collectParts, modelRequest } from '../support/collect-parts.ts';
import { findFreePort } from '../support/services/free-port.ts';
import { writeTinyBertModel, writeTinyChatModel } from '../support/tiny-gguf.ts';

/** The program of a llama.cpp that is built on this machine: it takes long to build, so nobody has to have it. */
const LLAMA_SERVER = process.env.LLAMA_SERVER;
const limits = { connectMs: 5_000, firstTokenMs: 30_000, idleMs: 10_000, totalMs: 60_000, retries: 0 };

describe.runIf(LLAMA_SERVER)('a llama.cpp server, over the OpenAI-compatible API', () => {
  let folder: string;
  const ends: (() => void)[] = [];
  let model: LanguageModel;
  let baseUrl: string;

  async function start(path: string, ...words: string[]): Promise<string> {
    const port = await findFreePort();
    const child = spawn(LLAMA_SERVER ?? '', ['-m', path, '--port', String(port), '-t', '1', ...words], {
      stdio: 'ignore',
    });
    ends.push(() => void child.kill('SIGKILL'));
    const url = `http://127.0.0.1:${port}`;
    const isUp = () =>
      fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    await vi.waitUntil(isUp, { timeout: 60_000, interval: 200 });
    return `${url}/v1`;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'colloquy-llama-server-'));
    const chat = join(folder, 'chat.gguf');
    await writeTinyChatModel(chat, { endWeight: 0 });
    baseUrl = await start(chat, '-c', '4096', '-np', '4', '--jinja');
    model = createOpenAiModel({ provider: 'openai', baseUrl, apiKey: null, defaultModel: null, limits });
  });
  afterAll(async () => {
    await model?.dispose();
    for (const end of ends) end();
    await rm(folder, { recursive: true, force: true });
  });

  const nameOf = async () => (await model.listModels(new AbortController().signal))[0]?.name ?? '';

  it('lists its model with the window that it was trained with', async () => {
    const [listed] = await model.listModels(new AbortController().signal);
    expect(listed).toMatchObject({ contextWindow: 4_096, embedding: false });
    expect(listed?.sizeBytes).toBeGreaterThan(100_000);
  });

  it('streams with usage, ends at the limit, and says the same with the same seed', async () => {
    const options = { maxTokens: 40, seed: 7, temperature: 1 };
    const ask = async () => collectParts(model.stream(modelRequest(await nameOf(), { options })));
    const first = await ask();
    expect(first).toMatchObject({ error: null, finish: { reason: 'length', usage: { completionTokens: 40 } } });
    expect(first.parts.length).toBeGreaterThan(3);
    expect((await ask()).text).toBe(first.text);
  });

  it('answers in the form of a JSON Schema', async () => {
    const jsonSchema = {
      type: 'object',
      properties: { kind: { enum: ['cat', 'dog'] } },
      required: ['kind'],
      additionalProperties: false,
    };
    const request = modelRequest(await nameOf(), { options: { jsonSchema, maxTokens: 100 } });
    expect(['cat', 'dog']).toContain(JSON.parse((await collectParts(model.stream(request))).text).kind);
  });

  it('stops computing when the turn is stopped', async () => {
    const controller = new AbortController();
    const request = modelRequest(await nameOf(), { options: { maxTokens: 3_000 }, signal: controller.signal });
    const { finish, error } = await collectParts(model.stream(request), () => controller.abort());
    expect([finish, error]).toEqual([null, null]);
    const slots = async () =>
      (await (await fetch(`${baseUrl.replace('/v1', '')}/slots`)).json()) as { is_processing: boolean }[];
    await expect.poll(async () => (await slots()).some((slot) => slot.is_processing)).toBe(false);
  });

  it('refuses a prompt that does not fit, as what the user said', async () => {
    const messages = [{ role: 'user' as const, content: 'hello world '.repeat(9_000) }];
    const { error } = await collectParts(model.stream(modelRequest(await nameOf(), { messages })));
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', retryable: false });
  });

  it('makes vectors', async () => {
    const path = join(folder, 'vectors.gguf');
    await writeTinyBertModel(path);
    const url = await start(path, '--embeddings', '--pooling', 'mean');
    const embedder = createOpenAiEmbedder({ provider: 'openai', name: 'vectors', baseUrl: url, apiKey: null });
    const [one, two, again] = await embedder.embed(['the water', 'an answer', 'the water'], 'document');
    expect(Math.hypot(...(one ?? []))).toBeCloseTo(1, 4);
    expect(one).toEqual(again);
    expect(one).not.toEqual(two);
  });
});
