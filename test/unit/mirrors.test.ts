import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryEventLog } from '../../src/adapters/events/memory-event-log.ts';
import { notFound } from '../../src/errors.ts';
import type { TurnEvent, TurnOutcome } from '../../src/ports/event-log.ts';
import type { JournalPart } from '../../src/ports/journal.ts';
import { createMirrors, type StoredTurn } from '../../src/services/chat/mirrors.ts';
import { delay } from '../../src/util/delay.ts';
import { createMemoryJournals } from '../support/memory-journal.ts';
import { createRandom } from '../support/random.ts';

const OUTCOME: TurnOutcome = {
  status: 'COMPLETE',
  finishReason: 'STOP',
  usage: { promptTokens: 1, completionTokens: 2, firstTokenMs: 3, durationMs: 4, cached: false },
  error: null,
};
const NOTHING = { citations: [], degraded: null };
const FOUND = { citations: [], degraded: 'the files could not be searched' };
const TURN = { id: 'turn', instanceId: 'owner', journalKey: 5 };

const stored = (content: string, more: Partial<StoredTurn> = {}): StoredTurn => ({
  content,
  reasoning: '',
  segments: [0, content.length],
  retrieved: NOTHING,
  end: null,
  ...more,
});

/** Of a turn that has just begun. */
const EMPTY = stored('', { retrieved: null });

const text = (start: number, words: string): JournalPart => ({ type: 'text', key: 5, start, text: words });

function open(first: StoredTurn | Error | null, withJournal = true) {
  const journals = createMemoryJournals();
  const owner = journals.open('owner');
  const eventLog = createMemoryEventLog();
  onTestFinished(() => eventLog.dispose());
  const errors: unknown[] = [];
  const loads: number[] = [];
  const database = { now: first };
  const mirrors = createMirrors({
    eventLog,
    journal: withJournal ? journals.open('here') : null,
    async load(_turnId, beyond) {
      loads.push(beyond);
      if (database.now instanceof Error) throw database.now;
      return database.now;
    },
    delay,
    logError: (error) => errors.push(error),
  });
  onTestFinished(() => mirrors.dispose());
  const watch = (after = 0) => {
    if (!eventLog.has('turn')) mirrors.open(TURN, database.now instanceof Error ? EMPTY : (database.now ?? EMPTY));
    const reader = eventLog.read('turn', after);
    const seen: TurnEvent[] = [];
    const ended = (async () => {
      if (reader) for await (const event of reader) seen.push(event);
    })();
    const content = () => seen.map((event) => ('text' in event ? event.text : '')).join('');
    return { seen, ended, content, leave: () => reader?.return?.() };
  };
  return { owner, mirrors, eventLog, database, loads, errors, watch };
}

describe('a turn that another instance makes', () => {
  it('is the checkpoint and what follows on it, whatever came first, overlaps or is missing', async () => {
    const { owner, database, watch } = open(stored('0123456789'));
    await owner.append([text(7, '56789ab'), text(14, 'cde')]);
    const early = watch();
    await expect.poll(early.content).toBe('0123456789abcde');
    await owner.append([text(12, 'abcdefg')]);
    await expect.poll(early.content).toBe('0123456789abcdefg');
    // Lost: what stands before it is in the next checkpoint.
    await owner.append([text(22, 'kl')]);
    database.now = stored('0123456789abcdefghij');
    await expect.poll(early.content).toBe('0123456789abcdefghijkl');
    const late = watch(4);
    await expect.poll(late.content).toBe('23456789abcdefghijkl');
    database.now = stored('0123456789abcdefghijklm', { end: { messageId: 'message', outcome: OUTCOME } });
    await owner.append([{ type: 'ended', key: 5 }]);
    await Promise.all([early.ended, late.ended]);
    expect(early.content()).toBe('0123456789abcdefghijklm');
    expect(late.content()).toBe('23456789abcdefghijklm');
    for (const { seen } of [early, late]) expect(seen.at(-1)).toMatchObject({ type: 'turn-ended', cursor: 26 });
  });

  it('tells what was looked up as the message has it, before any text', async () => {
    const { owner, database, watch } = open(null);
    const { seen, content } = watch();
    await owner.append([text(2, 'answer')]);
    await expect.poll(() => seen.map(({ type }) => type)).toEqual(['turn-started']);
    database.now = stored('', { retrieved: FOUND });
    await owner.append([{ type: 'retrieved', key: 5, isStored: true }]);
    await expect.poll(content).toBe('answer');
    expect(seen[1]).toEqual({ type: 'turn-retrieved', turnId: 'turn', cursor: 2, retrieved: FOUND });
  });

  it('needs no look at the database while it is heard, and one for all its watchers', async () => {
    const { owner, loads, watch } = open(null);
    const watchers = Array.from({ length: 50 }, () => watch());
    await owner.append([{ type: 'retrieved', key: 5, isStored: false }]);
    for (let index = 0; index < 100; index++) await owner.append([text(2 + index, 'x')]);
    for (const { content } of watchers) await expect.poll(content).toBe('x'.repeat(100));
    expect(loads.length).toBeLessThanOrEqual(2);
  });

  it('goes on by its checkpoints alone where nothing is heard', async () => {
    const { database, watch } = open(stored('one '), false);
    const { content, ended } = watch();
    await expect.poll(content).toBe('one ');
    database.now = stored('one two ');
    await expect.poll(content).toBe('one two ');
    database.now = stored('one two three', { end: { messageId: 'message', outcome: OUTCOME } });
    await ended;
    expect(content()).toBe('one two three');
  });

  it('ends as it stands, also where more was seen', async () => {
    const interrupted = { ...OUTCOME, status: 'INTERRUPTED' as const };
    const { owner, database, watch } = open(stored('kept'));
    const before = watch();
    await owner.append([text(6, ' and lost')]);
    await expect.poll(before.content).toBe('kept and lost');
    database.now = stored('kept', { end: { messageId: 'message', outcome: interrupted } });
    await owner.append([{ type: 'ended', key: 5 }]);
    await before.ended;
    expect(before.seen.filter(({ type }) => type === 'turn-ended')).toHaveLength(1);
    const after = watch();
    await after.ended;
    expect(after.content()).toBe('kept');
  });

  it('is let go with its last watcher, and taken up again by the next', async () => {
    const { owner, mirrors, eventLog, watch } = open(stored('so far'));
    const [one, two] = [watch(), watch(3)];
    await expect.poll(one.content).toBe('so far');
    one.leave();
    expect(mirrors.count()).toBe(1);
    two.leave();
    expect(mirrors.count()).toBe(0);
    expect(eventLog.has('turn')).toBe(false);
    await expect.poll(() => owner.readerCount()).toBe(0);
    const again = watch();
    await expect.poll(again.content).toBe('so far');
  });

  it('waits for a database that is away', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'P1001' });
    const { owner, database, errors, watch } = open(away);
    const { content, ended } = watch();
    await owner.append([{ type: 'retrieved', key: 5, isStored: false }, text(2, 'heard')]);
    await expect.poll(content).toBe('heard');
    await expect.poll(() => errors.length).toBe(1);
    database.now = stored('heard', { end: { messageId: 'message', outcome: OUTCOME } });
    await ended;
    expect(errors).toHaveLength(1);
  });

  it('tells no end that is none when the server ends', async () => {
    const { owner, mirrors, loads, watch } = open(stored('so far'));
    const { content, ended, leave } = watch();
    await expect.poll(content).toBe('so far');
    mirrors.dispose();
    const late = watch();
    await owner.append([text(8, ' and on')]);
    const looks = loads.length;
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    await delay(100);
    expect(isOver).toBe(false);
    expect(content()).toBe('so far');
    expect(loads).toHaveLength(looks);
    expect(owner.readerCount()).toBe(0);
    await Promise.all([leave(), late.leave()]);
    await ended;
  });

  it('ends its readers when it is deleted', async () => {
    const { mirrors, watch } = open(notFound('turn'));
    const { seen, ended } = watch();
    await ended;
    expect(seen.map(({ type }) => type)).toEqual(['turn-started']);
    await expect.poll(() => mirrors.count()).toBe(0);
  });

  it('is whole for every watcher, however checkpoints, journal and watchers meet', async () => {
    const random = createRandom(20261126);
    for (let round = 0; round < 10; round++) {
      const whole = Array.from({ length: 40 }, (_, index) => `word${index} `).join('');
      const { owner, database, watch } = open(null);
      await owner.append([{ type: 'retrieved', key: 5, isStored: false }]);
      const watchers: { after: number; watcher: ReturnType<typeof watch> }[] = [];
      let position = 0;
      while (position < whole.length) {
        const next = Math.min(whole.length, position + 1 + Math.floor(random() * 20));
        // Some are lost, some come twice.
        if (random() < 0.8) await owner.append([text(2 + position, whole.slice(position, next))]);
        if (random() < 0.1) await owner.append([text(2 + position, whole.slice(position, next))]);
        position = next;
        if (random() < 0.3) database.now = stored(whole.slice(0, position));
        if (random() < 0.3) {
          const after = Math.floor(random() * (position + 2));
          watchers.push({ after, watcher: watch(after) });
        }
        if (random() < 0.2) await new Promise((resolve) => setImmediate(resolve));
      }
      database.now = stored(whole, { end: { messageId: 'message', outcome: OUTCOME } });
      await owner.append([{ type: 'ended', key: 5 }]);
      for (const { after, watcher } of watchers) {
        await watcher.ended;
        expect(watcher.content()).toBe(whole.slice(Math.max(0, after - 2)));
      }
    }
  });
});
