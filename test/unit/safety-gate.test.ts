import { describe, expect, it } from 'vitest';
import { type AnswerGate, openGate } from '../../src/services/safety/gate.ts';
import type { Ruling } from '../../src/services/safety/verdict.ts';

const SENTENCES = Array.from({ length: 40 }, (_, index) => `This is sentence number ${index} of the whole answer. `);
const WHOLE = SENTENCES.join('');

type Asked = { before: string; text: string; answer: (ruling: Ruling) => void };

/** A gate whose judgements are answered by the test, one after another. */
function open(holdsBack: boolean) {
  const shown: [kind: string, text: string][] = [];
  const asked: Asked[] = [];
  const controller = new AbortController();
  let blocked = 0;
  const gate = openGate({
    show: (kind, text) => shown.push([kind, text]),
    onBlocked: () => {
      blocked += 1;
    },
    holdsBack,
    judge: (before, text, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Ruling>();
      signal.addEventListener('abort', () => reject(signal.reason));
      asked.push({ before, text, answer: resolve });
      return promise;
    },
    endOf: (text) => text.slice(-50),
    most: 2_000,
    signal: controller.signal,
  });
  return {
    gate,
    shown: () => shown.map(([, text]) => text).join(''),
    parts: shown,
    asked,
    blocked: () => blocked,
    abort: () => controller.abort('stopped'),
    /** The next judgement is answered when it is asked for. */
    async answer(ruling: Ruling) {
      const count = asked.length;
      await expect.poll(() => asked.length, { interval: 1 }).toBeGreaterThan(0);
      asked[count - 1]?.answer(ruling);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** Answers all that is asked until the gate has closed. */
async function closeWith(world: ReturnType<typeof open>, ruling: (text: string) => Ruling): Promise<Ruling> {
  let isClosed = false;
  const closed = world.gate.close().finally(() => {
    isClosed = true;
  });
  for (let next = 0; !isClosed; ) {
    for (; next < world.asked.length; next++) world.asked[next]?.answer(ruling(world.asked[next]?.text ?? ''));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return closed;
}

const say = (gate: AnswerGate, texts: string[]) => {
  for (const text of texts) gate.take('text', text);
};

describe('a gate that holds back', () => {
  it('shows what was judged, in order and whole, and nothing before that', async () => {
    const world = open(true);
    say(world.gate, SENTENCES);
    expect(world.shown()).toBe('');
    await world.answer('safe');
    const first = world.asked[0]?.text ?? '';
    expect(world.shown()).toBe(first);
    expect(WHOLE.startsWith(first)).toBe(true);
    expect(await closeWith(world, () => 'safe')).toBe('safe');
    expect(world.shown()).toBe(WHOLE);
    expect(world.asked.map(({ text }) => text).join('')).toBe(WHOLE);
    expect(world.blocked()).toBe(0);
  });

  it('asks one thing at a time: what has come meanwhile is judged together', async () => {
    const world = open(true);
    say(world.gate, SENTENCES.slice(0, 2));
    expect(world.asked).toHaveLength(1);
    say(world.gate, SENTENCES.slice(2));
    expect(world.asked).toHaveLength(1);
    await world.answer('safe');
    expect(world.asked).toHaveLength(2);
    expect(world.asked[1]?.text.length).toBeGreaterThan(1_500);
    // With what came before it.
    expect(world.asked[1]?.before).toBe(world.asked[0]?.text.slice(-50));
    expect(await closeWith(world, () => 'safe')).toBe('safe');
    expect(world.shown()).toBe(WHOLE);
  });

  it('keeps the kinds of text apart, and their order', async () => {
    const world = open(true);
    world.gate.take('reasoning', 'Let me think about it. ');
    world.gate.take('text', 'Here it is.');
    world.gate.take('reasoning', 'And more.');
    world.gate.take('text', '');
    expect(await closeWith(world, () => 'safe')).toBe('safe');
    expect(world.parts).toEqual([
      ['reasoning', 'Let me think about it. '],
      ['text', 'Here it is.'],
      ['reasoning', 'And more.'],
    ]);
  });

  it('ends with the first window that is blocked: neither that nor what follows is shown', async () => {
    const world = open(true);
    const evil = [...SENTENCES.slice(0, 10), 'This is the forbidden sentence. ', ...SENTENCES.slice(10)];
    for (const text of evil) {
      world.gate.take('text', text);
      world.asked.at(-1)?.answer(world.asked.at(-1)?.text.includes('forbidden') ? 'blocked' : 'safe');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(world.blocked()).toBe(1);
    expect(await world.gate.close()).toBe('blocked');
    expect(world.blocked()).toBe(1);
    expect(WHOLE.startsWith(world.shown())).toBe(true);
    expect(world.shown()).not.toContain('forbidden');
    expect(world.shown().length).toBeGreaterThan(0);
  });

  it('shows nothing more once the turn is aborted, and closes at once', async () => {
    const world = open(true);
    say(world.gate, SENTENCES);
    const closed = world.gate.close();
    world.abort();
    await closed;
    expect(world.shown()).toBe('');
    expect(world.asked).toHaveLength(1);
  });
});

describe('a gate that does not', () => {
  it('shows at once and judges behind', async () => {
    const world = open(false);
    say(world.gate, SENTENCES);
    expect(world.shown()).toBe(WHOLE);
    expect(await closeWith(world, () => 'safe')).toBe('safe');
    expect(world.asked.map(({ text }) => text).join('')).toBe(WHOLE);
    expect(world.shown()).toBe(WHOLE);
  });

  it('shows nothing after what is blocked', async () => {
    const world = open(false);
    say(world.gate, SENTENCES.slice(0, 5));
    await world.answer('blocked');
    expect(world.blocked()).toBe(1);
    say(world.gate, SENTENCES.slice(5));
    expect(await world.gate.close()).toBe('blocked');
    expect(world.shown()).toBe(SENTENCES.slice(0, 5).join(''));
  });

  it('says so where the guard was not sure of a part', async () => {
    const world = open(false);
    say(world.gate, SENTENCES);
    let count = 0;
    expect(await closeWith(world, () => (++count === 2 ? 'unsure' : 'safe'))).toBe('unsure');
    expect(world.shown()).toBe(WHOLE);
  });
});

it('a gate through which nothing has gone asks nothing', async () => {
  const world = open(true);
  expect(await world.gate.close()).toBe('safe');
  expect(world.asked).toHaveLength(0);
});
