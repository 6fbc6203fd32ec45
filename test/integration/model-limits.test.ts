import { describe, expect, it, onTestFinished } from 'vitest';
import { type ScriptedOllamaOptions, startScriptedOllama } from '../support/scripted-ollama.ts';
import type { RecordedRequest } from '../support/scripted-server.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { type Data, startTestServer } from '../support/server.ts';
import type { StreamPlan } from '../support/stream-plan.ts';
import { chatInput, SEND, STOP } from '../support/turns.ts';

const PROVIDERS = '{ providers { provider activeTurns waitingTurns longestWaitMs } }';
const TURN = 'query ($id: ID!) { turn(id: $id) { status assistantMessage { content error { code message } } } }';
const HELD: StreamPlan = { tokens: ['held ', 'on'], fault: { type: 'silent', after: 1 } };
const GOOD: StreamPlan = { tokens: ['An ', 'answer.'] };

type Body = { messages: { content: string }[] };

/** A server with one provider, whose answers the question chooses: one that says "hold" is never answered whole. */
async function start(provider: string, environment: Record<string, string>) {
  let told = 0;
  let ended = 0;
  let mostAtOnce = 0;
  const script = ({ messages }: Body): StreamPlan => {
    told += 1;
    mostAtOnce = Math.max(mostAtOnce, told - ended);
    const question = messages.at(-1)?.content ?? '';
    if (question.startsWith('hold')) return HELD;
    return question.startsWith('fail') ? { fault: { type: 'status', status: 503 } } : GOOD;
  };
  const upstream = await (provider === 'ollama' ? startScriptedOllama({ script }) : startScriptedUpstream({ script }));
  onTestFinished(() => upstream.close());
  const server = await startTestServer({
    environment: { [`${provider.toUpperCase()}_BASE_URL`]: upstream.url, ...environment },
  });
  const { token } = await server.register();
  const send = async (text: string, wait = false): Promise<Data> => {
    const input = chatInput('', { text, model: `${provider}/scripted` });
    return (await server.data(SEND, { input, wait }, token)).sendMessage;
  };
  const load = async (): Promise<Data> => {
    const { providers } = await server.data(PROVIDERS, {}, token);
    const { activeTurns, waitingTurns, longestWaitMs } = providers.find(
      (status: Data) => status.provider === provider.toUpperCase(),
    );
    return { active: activeTurns, waiting: waitingTurns, longestWaitMs };
  };
  const turn = async (id: string): Promise<Data> => (await server.data(TURN, { id }, token)).turn;
  return {
    send,
    load,
    turn,
    /** What it was asked, in this order. */
    asked: () => upstream.requests.filter(isGeneration).map(({ body }) => (body as Body).messages.at(-1)?.content),
    /** Begins one turn that waits behind so many. */
    async wait(text: string, behind: number): Promise<Data> {
      const begun = await send(text);
      await expect.poll(load).toMatchObject({ waiting: behind + 1 });
      return begun;
    },
    /** Begins one that is asked for at once, as so many. */
    async hold(text: string, number: number): Promise<Data> {
      const begun = await send(text);
      await expect.poll(async () => (await turn(begun.id)).assistantMessage.content).toBe('held ');
      expect(await load()).toEqual({ active: number, waiting: 0, longestWaitMs: 0 });
      return begun;
    },
    async stop(id: string): Promise<void> {
      // Counted first: the next one may be asked before the stop is answered.
      ended += 1;
      expect((await server.data(STOP, { id }, token)).stopTurn.status).toBe('STOPPED');
    },
    /** Stops one that has not been asked, and so ends none. */
    async leave(id: string): Promise<void> {
      expect((await server.data(STOP, { id }, token)).stopTurn).toMatchObject({
        status: 'STOPPED',
        assistantMessage: { status: 'STOPPED', content: '' },
      });
    },
    mostAtOnce: () => mostAtOnce,
  };
}

const isGeneration = ({ path }: RecordedRequest) => /\/chat(\/completions)?$/.test(path);

describe.each(['openai', 'aihub', 'ollama'])('the limit of %s', (provider) => {
  const limited = (count: number) => start(provider, { [`${provider.toUpperCase()}_CONCURRENCY`]: String(count) });

  it('lets so many answers be made at a time; the others come in their order', async () => {
    const world = await limited(2);
    const turns = [await world.hold('hold 1', 1), await world.hold('hold 2', 2)];
    for (const behind of [0, 1, 2, 3]) turns.push(await world.wait(`hold ${behind + 3}`, behind));
    await expect.poll(async () => (await world.load()).longestWaitMs).toBeGreaterThan(0);
    expect(await world.load()).toMatchObject({ active: 2, waiting: 4 });
    expect(world.asked()).toEqual(['hold 1', 'hold 2']);
    for (const [index, { id }] of turns.entries()) {
      await world.stop(id);
      const left = turns.length - index - 1;
      await expect.poll(world.load).toMatchObject({ active: Math.min(2, left), waiting: Math.max(0, left - 2) });
      await expect.poll(() => world.asked().length).toBe(Math.min(turns.length, index + 3));
    }
    expect(world.asked()).toEqual(['hold 1', 'hold 2', 'hold 3', 'hold 4', 'hold 5', 'hold 6']);
    expect(world.mostAtOnce()).toBe(2);
    expect(await world.load()).toEqual({ active: 0, waiting: 0, longestWaitMs: 0 });
  });

  it('lets whoever waits be stopped at once, and the others go on', async () => {
    const world = await limited(1);
    const held = await world.hold('hold 1', 1);
    const turns = [await world.wait('second', 0), await world.wait('third', 1), await world.wait('fourth', 2)];
    const [second, third, fourth] = turns.map(({ id }) => id) as [string, string, string];
    await world.leave(third);
    await expect.poll(world.load).toMatchObject({ active: 1, waiting: 2 });
    await world.leave(second);
    await expect.poll(world.load).toMatchObject({ active: 1, waiting: 1 });
    expect((await world.turn(fourth)).status).toBe('GENERATING');
    await world.stop(held.id);
    await expect.poll(async () => (await world.turn(fourth)).status).toBe('COMPLETE');
    expect(world.asked()).toEqual(['hold 1', 'fourth']);
    expect((await world.turn(held.id)).assistantMessage.content).toBe('held ');
    expect(await world.load()).toEqual({ active: 0, waiting: 0, longestWaitMs: 0 });
  });

  it('gives the place of an answer to the next one, however that has ended', async () => {
    const world = await limited(1);
    const held = await world.hold('hold', 1);
    const failed = await world.wait('fail', 0);
    const good = await world.wait('good', 1);
    await world.stop(held.id);
    await expect.poll(async () => (await world.turn(good.id)).status).toBe('COMPLETE');
    expect(await world.turn(failed.id)).toMatchObject({
      status: 'FAILED',
      assistantMessage: { error: { code: 'PROVIDER_UNAVAILABLE' } },
    });
    expect((await world.send('again', true)).status).toBe('COMPLETE');
    expect(world.asked()).toEqual(['hold', 'fail', 'good', 'again']);
  });

  it('is none unless it is set', async () => {
    const world = await start(provider, {});
    for (const number of [1, 2, 3, 4]) await world.hold(`hold ${number}`, number);
    expect(world.asked()).toHaveLength(4);
  });
});

describe('OLLAMA_TIMEOUT_SECONDS', () => {
  it('is how long Ollama may be silent before its first token, and it alone', async () => {
    const never: StreamPlan = { ...GOOD, firstTokenDelayMs: 60_000 };
    const late: StreamPlan = { ...GOOD, firstTokenDelayMs: 1_500 };
    const ollama = await startScriptedOllama({ script: () => never });
    const upstream = await startScriptedUpstream({ script: () => late });
    onTestFinished(() => ollama.close());
    onTestFinished(() => upstream.close());
    const environment = { OLLAMA_BASE_URL: ollama.url, OLLAMA_TIMEOUT_SECONDS: '1' };
    const server = await startTestServer({ openAiUrl: upstream.url, environment });
    const { token } = await server.register();
    const [silent, slow] = await Promise.all(
      ['ollama/scripted', 'openai/scripted'].map(async (model) => {
        const { id } = (await server.data(SEND, { input: chatInput('', { model }), wait: true }, token)).sendMessage;
        return (await server.data(TURN, { id }, token)).turn;
      }),
    );
    const error = { code: 'PROVIDER_UNAVAILABLE', message: 'The model sent nothing for 1 s.' };
    expect(silent).toMatchObject({ status: 'FAILED', assistantMessage: { content: '', error } });
    expect(slow).toMatchObject({ status: 'COMPLETE', assistantMessage: { content: 'An answer.', error: null } });
  });
});

describe('the check of Ollama at the start', () => {
  /** What a server logs of Ollama as it starts. Null: nobody listens there any more. */
  async function linesOf(models: ScriptedOllamaOptions['models'] | null, environment: Record<string, string> = {}) {
    const lines: Data[] = [];
    const ollama = await startScriptedOllama(models ? { models } : {});
    if (models) onTestFinished(() => ollama.close());
    else await ollama.close();
    await startTestServer({ lines, environment: { OLLAMA_BASE_URL: ollama.url, ...environment } });
    const ofOllama = () => lines.filter(({ msg }) => /ollama/i.test(msg)).map(({ level, msg }) => [level, msg]);
    return { ollama, ofOllama };
  }
  const [INFO, WARN] = [30, 40];

  it('says what Ollama has', async () => {
    const { ofOllama } = await linesOf([{ name: 'llama3.2:3b' }, { name: 'qwen3:latest' }], {
      OLLAMA_DEFAULT_MODEL: 'qwen3',
    });
    await expect.poll(ofOllama).toEqual([[INFO, 'Ollama has llama3.2:3b, qwen3:latest.']]);
  });

  it('says that it has none, and not the one that is to be used', async () => {
    const { ofOllama } = await linesOf([], { OLLAMA_DEFAULT_MODEL: 'qwen3' });
    await expect.poll(ofOllama).toEqual([
      [INFO, 'Ollama answers, but has no models yet.'],
      [WARN, 'Ollama has no model "qwen3", which OLLAMA_DEFAULT_MODEL names.'],
    ]);
  });

  it('says why it cannot be used', async () => {
    const { ollama, ofOllama } = await linesOf(null);
    const refused = `Ollama at 127.0.0.1:${ollama.port} cannot be used: The provider ollama refused the connection`;
    await expect.poll(ofOllama).toEqual([[WARN, expect.stringContaining(refused)]]);
  });

  it('is not made where it is switched off', async () => {
    const { ollama, ofOllama } = await linesOf([{ name: 'qwen3' }], { OLLAMA_STARTUP_CHECK_ENABLED: 'false' });
    // Whatever a start asks has been asked by the time another server has said its line.
    const other = await linesOf([{ name: 'other' }]);
    await expect.poll(other.ofOllama).toHaveLength(1);
    expect(ofOllama()).toEqual([]);
    expect(ollama.requests).toEqual([]);
  });
});
