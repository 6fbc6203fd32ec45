import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLlamaEmbedder } from '../../src/adapters/embeddings/llama-embedder.ts';
import type { Llama } from '../../src/adapters/models/llama/llama.ts';
import type { ChatMessage, GenerationOptions } from '../../src/ports/language-model.ts';
import { childProcesses } from '../support/child-processes.ts';
import { collectParts, modelRequest } from '../support/collect-parts.ts';
import { startLlama } from '../support/llama.ts';
import { writeTinyBertModel, writeTinyChatModel } from '../support/tiny-gguf.ts';

const PROGRAM = 'llama-process';
const signal = new AbortController().signal;

async function begin(options: Parameters<typeof startLlama>[0] = {}) {
  const subject = await startLlama(options);
  onTestFinished(subject.dispose);
  return subject;
}

const ask = (model: Llama, name: string, options: GenerationOptions = {}, messages?: ChatMessage[]) =>
  collectParts(model.stream(modelRequest(name, { options, ...(messages && { messages }) })));

const processes = () => childProcesses(PROGRAM);

describe('a model in memory', () => {
  it('has a process of its own, from its first turn until it idles', async () => {
    const { model, answering } = await begin({ idleMs: 200 });
    expect(await processes()).toEqual([]);
    const { finish } = await ask(model, answering, { maxTokens: 5 });
    expect(finish).not.toBeNull();
    await expect.poll(processes).toEqual([]);
    expect((await ask(model, answering, { maxTokens: 5 })).error).toBeNull();
  });

  it('is loaded once for all who want it', async () => {
    const { model, answering } = await begin();
    const turns = Array.from({ length: 8 }, () => ask(model, answering, { maxTokens: 5 }));
    await expect.poll(async () => (await processes()).length).toBeGreaterThan(0);
    for (const { error, finish } of await Promise.all(turns)) expect([error, finish?.reason]).toEqual([null, 'length']);
    expect(await processes()).toHaveLength(1);
  });

  it('makes room for another one when it idles, and not before', async () => {
    const { model, answering, folder } = await begin({ mostLoaded: 1, tiny: { endWeight: 0 } });
    await writeTinyChatModel(join(folder, 'other.gguf'));
    const order: string[] = [];
    const long = ask(model, answering, { maxTokens: 1_500 }).then(({ finish }) => order.push(`long ${finish?.reason}`));
    await expect.poll(() => model.load().active).toBe(1);
    const other = ask(model, 'other.gguf', { maxTokens: 5 }).then(({ error }) => order.push(`other ${error}`));
    await Promise.all([long, other]);
    expect(order).toEqual(['long length', 'other null']);
    expect(await processes()).toHaveLength(1);
  });

  it('is not kept out for ever by others that are used without a pause', async () => {
    const { model, answering, folder } = await begin({ mostLoaded: 1 });
    await writeTinyChatModel(join(folder, 'other.gguf'));
    let isOver = false;
    const busy = [1, 2].map(async () => {
      while (!isOver) expect((await ask(model, answering, { maxTokens: 20 })).error).toBeNull();
    });
    await expect.poll(() => model.load().active).toBeGreaterThan(0);
    const other = ask(model, 'other.gguf', { maxTokens: 5 });
    await expect.poll(() => model.load().waiting).toBeGreaterThan(0);
    expect((await other).error).toBeNull();
    isOver = true;
    await Promise.all(busy);
  });

  it('is not loaded for whoever has left, but for those who come after', async () => {
    const { model, answering } = await begin();
    const controller = new AbortController();
    const left = collectParts(model.stream(modelRequest(answering, { signal: controller.signal })));
    controller.abort();
    expect(await left).toMatchObject({ parts: [], error: null });
    expect((await ask(model, answering, { maxTokens: 5 })).error).toBeNull();
    expect(model.load()).toMatchObject({ active: 0, waiting: 0 });
  });

  it('ends with the server', async () => {
    const { model, answering, dispose } = await begin({ tiny: { endWeight: 0 } });
    const running = ask(model, answering, { maxTokens: 1_500 });
    await expect.poll(() => model.load().active).toBe(1);
    await dispose();
    expect(await processes()).toEqual([]);
    expect((await running).error?.code).toBe('PROVIDER_UNAVAILABLE');
  });
});

describe('a process that dies', () => {
  it('fails the turns that it was making, with their text, and no others', async () => {
    const { model, answering, warnings } = await begin({ tiny: { endWeight: 0 } });
    let killed = false;
    const broken = await collectParts(
      model.stream(modelRequest(answering, { options: { maxTokens: 1_500 } })),
      async () => {
        if (killed) return;
        killed = true;
        for (const pid of await processes()) process.kill(pid, 'SIGKILL');
      },
    );
    expect(broken.error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true });
    expect(broken.text).not.toBe('');
    expect(warnings).toEqual([expect.stringContaining('SIGKILL')]);
    // It is left alone for a moment, and that is said.
    const soon = await ask(model, answering, { maxTokens: 5 });
    expect(soon.error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', retryable: true, retryAfterSeconds: 5 });
    await expect
      .poll(async () => (await ask(model, answering, { maxTokens: 5 })).error, { timeout: 15_000, interval: 500 })
      .toBeNull();
  });
});

describe('a turn', () => {
  it('ends its computing within 100 ms of a stop, and its place is free', async () => {
    const { model, answering } = await begin({
      tiny: { endWeight: 0, width: 256, layers: 6 },
      settings: { threads: 1, contextTokens: 2_048, gpu: 'off', chatFormat: null, places: 1 },
    });
    await ask(model, answering, { maxTokens: 1 });
    const took: number[] = [];
    for (let count = 0; count < 5; count++) {
      const controller = new AbortController();
      const request = modelRequest(answering, { options: { maxTokens: 1_500 }, signal: controller.signal });
      let stopped = 0;
      await collectParts(model.stream(request), (part) => {
        if (stopped > 0 || part.type !== 'text-delta') return;
        stopped = performance.now();
        controller.abort();
      });
      // The next one waits for the place, which is given when the computing has ended.
      await ask(model, answering, { maxTokens: 1 });
      took.push(performance.now() - stopped);
    }
    took.sort((one, other) => one - other);
    expect(took[2]).toBeLessThan(100);
  });

  it('that is stopped while its prompt is read makes room for the next one', async () => {
    const { model, answering } = await begin({
      tiny: { endWeight: 0, width: 256, layers: 6 },
      settings: { threads: 1, contextTokens: 4_096, gpu: 'off', chatFormat: null, places: 1 },
    });
    await ask(model, answering, { maxTokens: 1 });
    const long: ChatMessage[] = [{ role: 'user', content: 'hello world what is this '.repeat(500) }];
    const whole = performance.now();
    await ask(model, answering, { maxTokens: 1 }, long);
    const wholeMs = performance.now() - whole;
    const controller = new AbortController();
    const other: ChatMessage[] = [{ role: 'user', content: 'and the water in the day '.repeat(500) }];
    const stopped = collectParts(model.stream(modelRequest(answering, { messages: other, signal: controller.signal })));
    await expect.poll(() => model.load().active).toBe(1);
    controller.abort();
    expect(await stopped).toMatchObject({ parts: [], error: null });
    const since = performance.now();
    const next = await Promise.all([1, 2].map(() => ask(model, answering, { maxTokens: 1 })));
    expect(next.map(({ error }) => error)).toEqual([null, null]);
    expect(performance.now() - since).toBeLessThan(wholeMs);
  });

  it('begins where the turn before it ended: its beginning is not computed again', async () => {
    const { model, answering } = await begin({ tiny: { endWeight: 0, width: 256, layers: 6 } });
    const question: ChatMessage = { role: 'user', content: 'hello world what is this '.repeat(60) };
    const time = async (messages: ChatMessage[]) => {
      const started = performance.now();
      let first = 0;
      const { text } = await collectParts(
        model.stream(modelRequest(answering, { messages, options: { maxTokens: 20, temperature: 0 } })),
        () => {
          first ||= performance.now() - started;
        },
      );
      return { first, text };
    };
    await time([{ role: 'user', content: 'hello' }]);
    const one = await time([question]);
    // In between, others use the other places.
    await Promise.all(['day', 'oil', 'water'].map((word) => time([{ role: 'user', content: word }])));
    const two = await time([question, { role: 'assistant', content: one.text }, { role: 'user', content: 'and then' }]);
    expect(two.first).toBeLessThan(one.first * 0.5);
  });

  it('says the same with the same seed, and something else with another', async () => {
    const { model, answering } = await begin();
    const say = async (seed: number) => (await ask(model, answering, { seed, temperature: 1.5, maxTokens: 30 })).text;
    const first = await say(1);
    expect(await say(1)).toBe(first);
    expect(await say(2)).not.toBe(first);
  });

  it('ends at the client’s own words, which are not a part of it', async () => {
    const { model, answering } = await begin({ tiny: { endWeight: 0 } });
    const options = { temperature: 0, maxTokens: 60 };
    const whole = (await ask(model, answering, options)).text;
    const stop = whole.slice(20, 26);
    const cut = await ask(model, answering, { ...options, stop: [stop] });
    expect(cut.finish?.reason).toBe('stop');
    expect(cut.text).toBe(whole.slice(0, whole.indexOf(stop)));
  });

  it('has characters of several bytes whole, whatever tokens they are made of', async () => {
    const { model, answering } = await begin();
    const jsonSchema = { enum: ['日本語 👩🏽‍🚀 é'] };
    const { text, parts } = await ask(model, answering, { jsonSchema, maxTokens: 200 });
    expect(JSON.parse(text)).toBe('日本語 👩🏽‍🚀 é');
    for (const part of parts) if (part.type === 'text-delta') expect(part.text.isWellFormed()).toBe(true);
    expect(text).not.toContain('\ufffd');
  });

  it('fills the window to its last token, and its prompt is never cut', async () => {
    const { model, answering } = await begin({
      tiny: { endWeight: 0 },
      settings: { threads: 1, contextTokens: 256, gpu: 'off', chatFormat: null, places: 1 },
    });
    const count = model.window(answering, null)?.count;
    const text = 'hello '.repeat(110);
    const [tokens = 0] = (await count?.([text], signal)) ?? [];
    const { finish } = await ask(model, answering, { maxTokens: 5_000 }, [{ role: 'user', content: text }]);
    expect(finish?.reason).toBe('length');
    expect(finish?.usage?.promptTokens).toBeGreaterThan(tokens);
    expect((finish?.usage?.promptTokens ?? 0) + (finish?.usage?.completionTokens ?? 0)).toBe(254);
    const refused = await ask(model, answering, {}, [{ role: 'user', content: 'hello '.repeat(300) }]);
    expect(refused.error).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('refuses a schema that its answer could not be held to', async () => {
    const { model, answering } = await begin();
    const jsonSchema = { type: 'object', properties: { a: { type: 'string', pattern: '^a+$' } } };
    const { error, text } = await ask(model, answering, { jsonSchema });
    expect([text, error]).toEqual(['', expect.objectContaining({ code: 'BAD_USER_INPUT', retryable: false })]);
    expect(error?.message).toContain('"pattern"');
  });
});

describe('vectors of a file', () => {
  it('have length 1, are the same for the same text, and cover the beginning of what is too long', async () => {
    const { model, folder } = await begin();
    await writeTinyBertModel(join(folder, 'vectors.gguf'));
    const embedder = createLlamaEmbedder({ name: 'vectors.gguf', embed: model.embed });
    const texts = ['the water', 'an answer', 'the water', 'water and oil '.repeat(500), ''];
    const vectors = await embedder.embed(texts, 'document');
    expect(vectors).toHaveLength(5);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(vectors[0]).toEqual(vectors[2]);
    expect(vectors[0]).not.toEqual(vectors[1]);
    // Around the longest that fits, too: a token is a word here, and two stand around the text.
    for (const words of [507, 508, 509, 510, 511, 512]) {
      const [vector] = await embedder.embed(['water '.repeat(words)], 'document');
      expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 5);
    }
    const controller = new AbortController();
    const aborted = embedder.embed(['one', 'two'], 'document', controller.signal);
    controller.abort(new Error('left'));
    await expect(aborted).rejects.toThrow('left');
  });

  it('are none of a chat model, nor of what is no model', async () => {
    const { model, folder, answering } = await begin();
    await writeFile(join(folder, 'text.gguf'), 'no model');
    for (const name of [answering, 'text.gguf', 'gone.gguf']) {
      const embedder = createLlamaEmbedder({ name, embed: model.embed });
      await expect(embedder.embed(['a'], 'query')).rejects.toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
        retryable: false,
      });
    }
  });
});
