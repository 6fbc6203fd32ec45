import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { failure } from '../support/errors.ts';
import { type Data, type Engine, startTestServer, type TestServer, type Transport } from '../support/server.ts';
import { type TinyChatModel, writeTinyBertModel, writeTinyChatModel } from '../support/tiny-gguf.ts';
import { CHAT, chatInput, eventsOf, SEND, STOP, TURN, watchToEnd } from '../support/turns.ts';

const MODELS = '{ models(provider: LLAMA_CPP) { id contextWindow sizeBytes quantization embedding isDefault } }';
const PROVIDERS = '{ providers { provider state message modelCount activeTurns waitingTurns longestWaitMs } }';

async function modelsFolder(write: (folder: string) => Promise<void>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-gguf-'));
  await write(folder);
  return folder;
}

async function start(folder: string, environment: Record<string, string> = {}, engine: Engine = 'pglite') {
  const server = await startTestServer({
    engine,
    environment: { MODELS_DIR: folder, MODEL_N_THREADS: '1', MODEL_N_CTX: '1024', ...environment },
  });
  return { server, user: await server.register() };
}

const llamaInput = (model: string, more: Data = {}) => ({ ...chatInput('x', more), model: `llama-cpp/${model}` });

let folder: string;
beforeAll(async () => {
  folder = await modelsFolder(async (at) => {
    await writeTinyChatModel(join(at, 'tiny.gguf'));
    await writeTinyChatModel(join(at, 'endless.gguf'), { endWeight: 0 } satisfies TinyChatModel);
    await writeTinyBertModel(join(at, 'vectors.gguf'));
    await writeTinyBertModel(join(at, 'judge.gguf'), { judges: true });
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each<{ engine: Engine; transport: Transport }>([
  { engine: 'pglite', transport: 'ws' },
  { engine: 'postgresql', transport: 'sse' },
])('llama.cpp on $engine over $transport', ({ engine, transport }) => {
  it('streams an answer, which is stored and resumed from any position', async () => {
    const { server, user } = await start(folder, {}, engine);
    const input = llamaInput('endless.gguf', { options: { maxTokens: 400 } });
    const { text, events, last } = await watchToEnd(eventsOf(server, transport, user.token, CHAT, { input }));
    expect(text.length).toBeGreaterThan(20);
    expect(events.filter(({ __typename }) => __typename === 'TurnDelta').length).toBeGreaterThan(3);
    expect(last).toMatchObject({ __typename: 'TurnFinished', message: { status: 'COMPLETE', content: text } });
    expect(last.usage.completionTokens).toBeGreaterThan(10);
    expect(last.usage.promptTokens).toBeGreaterThan(5);
    const after = Math.floor(last.cursor / 2);
    const rest = await watchToEnd(eventsOf(server, transport, user.token, TURN, { id: last.turnId, after }), after);
    expect(text.endsWith(rest.text)).toBe(true);
  });
});

describe('llama.cpp', () => {
  it('lists its files with what they say of themselves, and answers where no other model is there', async () => {
    const { server, user } = await start(folder);
    const list = async () => (await server.data(MODELS, {}, user.token)).models;
    // The files are read beside, right after the start.
    await expect.poll(async () => (await list()).length).toBe(4);
    const models = await list();
    const size = (await readFile(join(folder, 'tiny.gguf'))).length;
    expect(models).toEqual([
      expect.objectContaining({ id: 'llama-cpp/endless.gguf', isDefault: true, embedding: false }),
      expect.objectContaining({ id: 'llama-cpp/judge.gguf', embedding: true }),
      {
        id: 'llama-cpp/tiny.gguf',
        contextWindow: 1_024,
        sizeBytes: size,
        quantization: 'F32',
        embedding: false,
        isDefault: false,
      },
      expect.objectContaining({ id: 'llama-cpp/vectors.gguf', embedding: true, contextWindow: 512 }),
    ]);
    const { providers } = await server.data(PROVIDERS, {}, user.token);
    expect(providers).toContainEqual(expect.objectContaining({ provider: 'LLAMA_CPP', state: 'OK', modelCount: 4 }));
  });

  it('takes the file of MODEL_PATH as the default, wherever it lies', async () => {
    const elsewhere = await modelsFolder((at) => writeTinyChatModel(join(at, 'mine.gguf'), { seed: 3 }));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    const { server, user } = await start(folder, { MODEL_PATH: join(elsewhere, 'mine.gguf') });
    const { sendMessage } = await server.data(
      SEND,
      { input: { turnKey: randomUUID(), text: 'hello', options: { maxTokens: 5 } }, wait: true },
      user.token,
    );
    expect(sendMessage).toMatchObject({ model: 'llama-cpp/mine.gguf', status: 'COMPLETE' });
  });

  it('is not configured where there is no file, and says how it would be', async () => {
    const { server, user } = await start(join(folder, 'nowhere'));
    const { providers } = await server.data(PROVIDERS, {}, user.token);
    expect(providers).toContainEqual(
      expect.objectContaining({ provider: 'LLAMA_CPP', state: 'DISABLED', message: expect.stringContaining('GGUF') }),
    );
  });

  it('answers several at once, and the others in their order', async () => {
    const { server, user } = await start(folder, { MODEL_PARALLEL: '2' });
    const input = () => llamaInput('endless.gguf', { options: { maxTokens: 400 } });
    const turns = Array.from({ length: 6 }, () =>
      watchToEnd(eventsOf(server, 'ws', user.token, CHAT, { input: input() })),
    );
    await expect
      .poll(async () => {
        const { providers } = await server.data(PROVIDERS, {}, user.token);
        return providers.find(({ provider }: Data) => provider === 'LLAMA_CPP');
      })
      .toMatchObject({ activeTurns: 2, waitingTurns: expect.toSatisfy((count: number) => count > 0) });
    for (const { last } of await Promise.all(turns)) {
      expect(last).toMatchObject({ __typename: 'TurnFinished', finishReason: 'LENGTH' });
      expect(last.usage.completionTokens).toBe(400);
    }
  });

  it('stops at once, keeps what there is, and is free for the next one', async () => {
    const { server, user } = await start(folder, { MODEL_PARALLEL: '1' });
    const input = llamaInput('endless.gguf', { options: { maxTokens: 900 } });
    let stopped = 0;
    let seen = 0;
    const stream = eventsOf(server, 'ws', user.token, CHAT, { input });
    async function* stopping() {
      for await (const event of stream) {
        if (event.__typename === 'TurnDelta' && ++seen === 3) {
          stopped = performance.now();
          void server.data(STOP, { id: event.turnId }, user.token);
        }
        yield event;
      }
    }
    const { last, text } = await watchToEnd(stopping());
    expect(performance.now() - stopped).toBeLessThan(1_000);
    expect(last).toMatchObject({ finishReason: 'STOPPED', message: { status: 'STOPPED', content: text } });
    const next = await server.data(
      SEND,
      { input: llamaInput('endless.gguf', { options: { maxTokens: 5 } }), wait: true },
      user.token,
    );
    expect(next.sendMessage.status).toBe('COMPLETE');
  });

  it('answers in the form of a JSON Schema', async () => {
    const { server, user } = await start(folder);
    const jsonSchema = {
      type: 'object',
      properties: { name: { type: 'string', maxLength: 10 }, kind: { enum: ['cat', 'dog'] } },
      required: ['name', 'kind'],
      additionalProperties: false,
    };
    const input = llamaInput('tiny.gguf', { options: { jsonSchema, maxTokens: 200, seed: 4 } });
    const { sendMessage } = await server.data(SEND, { input, wait: true }, user.token);
    const answer = JSON.parse(sendMessage.assistantMessage.content);
    expect(Object.keys(answer)).toEqual(['name', 'kind']);
    expect(['cat', 'dog']).toContain(answer.kind);
  });

  it('leaves the oldest turns out where the window is full, and refuses a message that cannot fit', async () => {
    const { server, user } = await start(folder, { MODEL_N_CTX: '512' });
    const send = async (text: string, conversationId?: string): Promise<Data> => {
      const input = { ...llamaInput('tiny.gguf', { options: { maxTokens: 30 } }), text };
      const { sendMessage } = await server.data(SEND, { input: { ...input, conversationId }, wait: true }, user.token);
      return sendMessage;
    };
    let turn = await send('hello');
    for (let count = 0; count < 12; count++) {
      turn = await send('hello world what is the water in the day '.repeat(2), turn.conversation.id);
      expect(turn.assistantMessage).toMatchObject({ status: 'COMPLETE', error: null });
    }
    const refused = await send('hello world '.repeat(600), turn.conversation.id);
    expect(refused.assistantMessage).toMatchObject({ status: 'FAILED', error: { code: 'BAD_USER_INPUT' } });
    expect((await send('hello', turn.conversation.id)).assistantMessage.status).toBe('COMPLETE');
  });

  it('puts passages into order with a model that judges', async () => {
    const { server, user } = await start(folder, { RERANK_MODEL: 'llama-cpp/judge.gguf' });
    const upload = await fetch(`${server.url}/files?name=notes.txt`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/octet-stream' },
      body: Array.from(
        { length: 12 },
        (_, index) => `The water of day ${index} is ${'oil and water '.repeat(60)}.`,
      ).join('\n\n'),
    });
    expect(upload.status).toBeLessThan(300);
    const query = `{ search(input: { text: "water of the day", limit: 4, rerank: true }) { rerankScore } }`;
    const search = async (): Promise<number[]> =>
      (await server.data(query, {}, user.token)).search.map(({ rerankScore }: Data) => rerankScore);
    await expect.poll(async () => (await search()).length).toBe(4);
    const scores = await search();
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
    expect(scores).toEqual(scores.toSorted((one, other) => other - one));
  });

  it('says what is wrong with a file, and runs on', async () => {
    const broken = await modelsFolder(async (at) => {
      await writeTinyChatModel(join(at, 'whole.gguf'));
      await writeFile(join(at, 'text.gguf'), 'This is no model. '.repeat(500));
      await writeFile(join(at, 'empty.gguf'), '');
      for (const [name, share] of [
        ['head', 0.005],
        ['quarter', 0.25],
        ['most', 0.999],
      ] as const) {
        const path = join(at, `${name}.gguf`);
        await writeTinyChatModel(path);
        await truncate(path, Math.floor((await readFile(path)).length * share));
      }
      await writeTinyBertModel(join(at, 'vectors.gguf'));
    });
    onTestFinished(() => rm(broken, { recursive: true, force: true }));
    const { server, user } = await start(broken);
    const answerOf = async (model: string) => {
      const { sendMessage } = await server.data(
        SEND,
        { input: llamaInput(model, { options: { maxTokens: 5 } }), wait: true },
        user.token,
      );
      return sendMessage.assistantMessage;
    };
    await expect
      .poll(async () => (await server.data(MODELS, {}, user.token)).models.map(({ id }: Data) => id))
      .toEqual(['llama-cpp/vectors.gguf', 'llama-cpp/whole.gguf']);
    const faults: [string, RegExp][] = [
      ['text.gguf', /not a GGUF file/],
      ['empty.gguf', /not a GGUF file/],
      ['head.gguf', /part of a GGUF file|broken/],
      ['quarter.gguf', /part of a GGUF file/],
      ['most.gguf', /part of a GGUF file/],
      ['vectors.gguf', /makes embeddings and cannot chat/],
      ['gone.gguf', /has no model "gone.gguf"/],
      ['../../../etc/passwd', /has no model/],
    ];
    for (const [model, message] of faults) {
      const { status, error } = await answerOf(model);
      expect({ model, status, code: error?.code }).toEqual({ model, status: 'FAILED', code: 'PROVIDER_UNAVAILABLE' });
      const { turn } = await lastError(server, user.token, model);
      expect(turn).toMatch(message);
      // Nobody outside learns where the models lie.
      expect(turn).not.toContain(broken);
    }
    expect((await answerOf('whole.gguf')).status).toBe('COMPLETE');
  });

  it('takes another file of the same name when it is there', async () => {
    const changing = await modelsFolder((at) => writeTinyChatModel(join(at, 'model.gguf'), { seed: 1 }));
    onTestFinished(() => rm(changing, { recursive: true, force: true }));
    const { server, user } = await start(changing);
    const answer = async () => {
      const input = llamaInput('model.gguf', { options: { maxTokens: 20, temperature: 0 } });
      const { sendMessage } = await server.data(SEND, { input: { ...input, text: 'hello' }, wait: true }, user.token);
      return createHash('sha256').update(sendMessage.assistantMessage.content).digest('hex');
    };
    const first = await answer();
    expect(await answer()).toBe(first);
    await writeTinyChatModel(join(changing, 'model.gguf'), { seed: 2, width: 32 });
    expect(await answer()).not.toBe(first);
  });
});

/** What a turn with this model says of its failure. */
async function lastError(server: TestServer, token: string, model: string): Promise<{ turn: string }> {
  const input = llamaInput(model);
  const { last } = await watchToEnd(eventsOf(server, 'ws', token, CHAT, { input }));
  return { turn: last.error.message };
}

it('refuses a model id that names no file', async () => {
  const { server, user } = await start(folder);
  const refused = await server.request(SEND, { input: { ...chatInput('x'), model: 'llama-cpp/' } }, user.token);
  expect(failure(refused)).toMatchObject({ code: 'BAD_USER_INPUT' });
});
