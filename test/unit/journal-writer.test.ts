import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryEventLog } from '../../src/adapters/events/memory-event-log.ts';
import type { TurnEvent } from '../../src/ports/event-log.ts';
import type { Journal, JournalAppend, JournalPart } from '../../src/ports/journal.ts';

const OUTCOME = {
  status: 'COMPLETE',
  finishReason: 'STOP',
  usage: { promptTokens: 1, completionTokens: 1, firstTokenMs: 1, durationMs: 1, cached: false },
  error: null,
} as const;
const NOTHING = { citations: [], degraded: null };

/** A journal whose calls are answered by the test. */
function scriptedJournal() {
  const calls: { parts: JournalPart[]; answer: (result: JournalAppend) => void; fail: (error: Error) => void }[] = [];
  let readers = 0;
  let isHeld = true;
  const journal: Journal = {
    append: (parts) =>
      new Promise((resolve, reject) => {
        calls.push({ parts, answer: resolve, fail: reject });
      }),
    holdsLease: () => isHeld,
    readerCount: () => readers,
    follow: () => () => {},
    seal: async () => [],
    remove: async () => {},
    dispose: async () => {},
  };
  const setReaders = (count: number) => {
    readers = count;
  };
  const holdLease = (held: boolean) => {
    isHeld = held;
  };
  return { journal, calls, setReaders, holdLease };
}

beforeEach(() => {
  const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'] as const;
  vi.useFakeTimers({ toFake: [...timers, 'performance'] });
});
afterEach(() => void vi.useRealTimers());

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

function open(count = 1) {
  const { journal, calls, setReaders, holdLease } = scriptedJournal();
  const errors: unknown[] = [];
  const log = createMemoryEventLog({ journal, logError: (error) => errors.push(error) });
  const turns = Array.from({ length: count }, (_, index) => {
    const writer = log.open(`turn ${index}`, index);
    writer.start();
    writer.retrieved(NOTHING, false);
    const seen: TurnEvent[] = [];
    const read = async () => {
      for await (const event of log.read(`turn ${index}`, 0) ?? []) seen.push(event);
    };
    const ended = read();
    const text = () => seen.map((event) => ('text' in event ? event.text : '')).join('');
    return { writer, seen, text, ended };
  });
  const [turn] = turns;
  if (!turn) throw new Error('there is a turn');
  return { calls, turns, turn, errors, setReaders, holdLease };
}

describe('text that is written down before it is shown', () => {
  it('is shown when it is written, and not before', async () => {
    const { calls, turn } = open();
    await pass(1);
    expect(turn.seen.map(({ type }) => type)).toEqual(['turn-started', 'turn-retrieved']);
    calls[0]?.answer('written');
    turn.writer.append('text', 'first');
    await pass(115);
    expect(turn.text()).toBe('');
    expect(calls[1]?.parts).toEqual([{ type: 'text', key: 0, start: 2, text: 'first' }]);
    turn.writer.append('text', ' second');
    calls[1]?.answer('written');
    await pass(1);
    expect(turn.text()).toBe('first');
    await pass(115);
    calls[2]?.answer('written');
    await pass(1);
    expect(turn.text()).toBe('first second');
  });

  it('of one turn is written nine times a second at most, less often while others read it, of many every 25 ms', async () => {
    async function callsInTwoSeconds(count: number, readers: number): Promise<number> {
      const { calls, turns, setReaders } = open(count);
      setReaders(readers);
      await pass(500);
      for (const call of calls) call.answer('written');
      const before = calls.length;
      for (let milliseconds = 0; milliseconds < 2_000; milliseconds += 5) {
        for (const { writer } of turns) writer.append('text', 'x');
        await pass(5);
        for (const call of calls) call.answer('written');
      }
      return calls.length - before;
    }
    expect(await callsInTwoSeconds(1, 0)).toBeLessThanOrEqual(19);
    expect(await callsInTwoSeconds(1, 0)).toBeGreaterThanOrEqual(16);
    expect(await callsInTwoSeconds(1, 1)).toBeLessThanOrEqual(10);
    const many = await callsInTwoSeconds(20, 1);
    expect(many).toBeLessThanOrEqual(81);
    expect(many).toBeGreaterThanOrEqual(60);
  });

  it('is shown all the same when the journal is slow, and held back again when it is not', async () => {
    const { calls, turn } = open();
    await pass(1);
    calls[0]?.answer('written');
    turn.writer.append('text', 'slow');
    await pass(115);
    expect(turn.text()).toBe('');
    await pass(260);
    expect(turn.text()).toBe('slow');
    turn.writer.append('text', ' passing');
    await pass(1);
    expect(turn.text()).toBe('slow passing');
    calls[1]?.answer('written');
    await pass(200);
    calls[2]?.answer('written');
    await pass(1);
    turn.writer.append('text', ' held');
    await pass(150);
    expect(turn.text()).toBe('slow passing');
    calls[3]?.answer('written');
    await pass(1);
    expect(turn.text()).toBe('slow passing held');
  });

  it('is shown while the journal fails, which is said once, and what is said later is written when it works again', async () => {
    const { calls, turn, errors } = open();
    await pass(1);
    calls[0]?.fail(new Error('away'));
    await pass(1);
    turn.writer.append('text', 'one');
    await pass(1);
    expect(turn.text()).toBe('one');
    await pass(600);
    calls[1]?.fail(new Error('still away'));
    turn.writer.append('text', 'two');
    await pass(600);
    expect(calls[2]?.parts).toEqual([{ type: 'text', key: 0, start: 5, text: 'two' }]);
    calls[2]?.answer('written');
    expect(errors).toHaveLength(1);
  });

  it('is not shown any more once the instance was taken for gone: what stands is', async () => {
    const { calls, turn } = open();
    await pass(1);
    calls[0]?.answer('written');
    turn.writer.append('text', 'stands');
    await pass(115);
    calls[1]?.answer('written');
    turn.writer.append('text', ' and does not');
    await pass(115);
    turn.writer.withhold();
    calls[2]?.answer('not-mine');
    turn.writer.append('text', ' either');
    await pass(1_000);
    expect(turn.text()).toBe('stands');
    const stands = { content: 'stands', reasoning: '', segments: [], retrieved: NOTHING };
    turn.writer.end('message', { ...OUTCOME, status: 'INTERRUPTED' }, stands);
    await pass(1);
    await turn.ended;
    expect(turn.text()).toBe('stands');
    expect(turn.seen.at(-1)).toMatchObject({ type: 'turn-ended', cursor: 9, outcome: { status: 'INTERRUPTED' } });
  });

  it('is held back however slow the journal is, where others may have closed the turn', async () => {
    const { calls, turn, holdLease } = open();
    await pass(1);
    calls[0]?.answer('written');
    turn.writer.append('text', 'before');
    await pass(115);
    // Frozen here: the timer is the first that comes when it goes on, and what the model said meanwhile is the next.
    holdLease(false);
    await pass(260);
    turn.writer.append('text', ' and all that came meanwhile');
    await pass(1);
    expect(turn.text()).toBe('');
    calls[1]?.answer('written');
    await pass(1);
    expect(turn.text()).toBe('before');
    await pass(115);
    calls[2]?.answer('not-mine');
    await pass(1_000);
    expect(turn.text()).toBe('before');
  });

  it('that a slow journal holds back is shown when the lease is renewed', async () => {
    const { turn, holdLease } = open();
    await pass(1);
    holdLease(false);
    turn.writer.append('text', 'all the same');
    await pass(1_000);
    expect(turn.text()).toBe('');
    holdLease(true);
    await pass(260);
    expect(turn.text()).toBe('all the same');
  });

  it('that a journal has lost is shown when the lease is renewed', async () => {
    const { calls, turn, holdLease } = open();
    await pass(1);
    calls[0]?.answer('written');
    turn.writer.append('text', 'all the same');
    await pass(115);
    holdLease(false);
    calls[1]?.fail(new Error('away'));
    await pass(1_600);
    expect(turn.text()).toBe('');
    holdLease(true);
    await pass(510);
    expect(turn.text()).toBe('all the same');
  });

  it('is shown at once when the turn ends: it is in the database then', async () => {
    const { calls, turn } = open();
    await pass(1);
    turn.writer.append('text', 'whole');
    turn.writer.end('message', OUTCOME);
    await pass(1);
    await turn.ended;
    expect(turn.text()).toBe('whole');
    calls[0]?.answer('written');
    await pass(115);
    // The others are told to look there; the text is not written twice.
    expect(calls[1]?.parts).toEqual([{ type: 'ended', key: 0 }]);
  });
});
