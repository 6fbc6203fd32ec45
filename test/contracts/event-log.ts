import { describe, expect, it, onTestFinished } from 'vitest';
import type { EventLog, TurnEvent, TurnOutcome } from '../../src/ports/event-log.ts';

const OUTCOME: TurnOutcome = {
  status: 'COMPLETE',
  finishReason: 'STOP',
  usage: { promptTokens: 1, completionTokens: 2, firstTokenMs: 3, durationMs: 4, cached: false },
  error: null,
};

const nextTick = () => new Promise<void>((resolve) => setImmediate(resolve));

function reader(log: EventLog, turnId: string, after = 0): AsyncIterableIterator<TurnEvent> {
  const events = log.read(turnId, after);
  if (!events) throw new Error('the log does not know the turn');
  return events;
}

async function drain(events: AsyncIterable<TurnEvent>): Promise<TurnEvent[]> {
  const seen: TurnEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

const textOf = (events: TurnEvent[]) => events.map((event) => ('text' in event ? event.text : '')).join('');

/** What every event log holds to. */
export function describeEventLog(name: string, create: () => EventLog | Promise<EventLog>): void {
  describe(`the event log ${name}`, () => {
    async function open(turnId = 'turn') {
      const log = await create();
      onTestFinished(() => log.dispose());
      return { log, writer: log.open(turnId, 1) };
    }

    it('does not know a turn that was not opened', async () => {
      const { log } = await open();
      expect(log.read('another', 0)).toBeNull();
    });

    it('gives a reader that was there before, in between and after the same text, and each its own position', async () => {
      const { log, writer } = await open();
      const early = drain(reader(log, 'turn'));
      writer.start();
      writer.retrieved({ citations: [], degraded: null }, false);
      writer.append('reasoning', 'hm ');
      writer.append('text', 'one ');
      await nextTick();
      const between = drain(reader(log, 'turn', 4));
      writer.append('text', 'two ');
      await nextTick();
      writer.append('text', 'three');
      writer.end('message', OUTCOME);
      const late = await drain(reader(log, 'turn'));
      expect(textOf(late)).toBe('hm one two three');
      expect(textOf(await early)).toBe('hm one two three');
      expect(textOf(await between)).toBe(' one two three');
      for (const events of [await early, late]) {
        expect(events[0]).toEqual({ type: 'turn-started', turnId: 'turn', cursor: 1 });
        expect(events[1]).toEqual({
          type: 'turn-retrieved',
          turnId: 'turn',
          cursor: 2,
          retrieved: { citations: [], degraded: null },
        });
        expect(events.at(-1)).toEqual({
          type: 'turn-ended',
          turnId: 'turn',
          cursor: 19,
          messageId: 'message',
          outcome: OUTCOME,
        });
      }
      expect(writer.cursor()).toBe(19);
      expect(writer.text()).toMatchObject({ content: 'one two three', reasoning: 'hm ' });
    });

    it('joins what a reader that is behind has not read', async () => {
      const { log, writer } = await open();
      writer.start();
      writer.retrieved({ citations: [], degraded: null }, false);
      const events = reader(log, 'turn', 2);
      for (let index = 0; index < 1_000; index++) writer.append('text', `${index} `);
      const { value } = await events.next();
      expect(value).toMatchObject({ type: 'turn-delta', offset: 0, cursor: writer.cursor() });
      writer.end('message', OUTCOME);
      expect((await events.next()).value).toMatchObject({ type: 'turn-ended' });
      expect((await events.next()).done).toBe(true);
    });

    it('ends a reader that leaves while it waits, at once, and leaves the others', async () => {
      const { log, writer } = await open();
      writer.start();
      const leaving = reader(log, 'turn', 1);
      const staying = drain(reader(log, 'turn', 1));
      const waiting = leaving.next();
      await nextTick();
      await leaving.return?.();
      expect(await waiting).toEqual({ value: undefined, done: true });
      expect((await leaving.next()).done).toBe(true);
      writer.retrieved({ citations: [], degraded: null }, false);
      writer.append('text', 'on');
      writer.end('message', OUTCOME);
      expect(textOf(await staying)).toBe('on');
    });

    it('does not keep the process from other work while it replays', async () => {
      const { log, writer } = await open();
      writer.start();
      writer.retrieved({ citations: [], degraded: null }, false);
      for (let index = 0; index < 2_000; index++) writer.append(index % 2 ? 'text' : 'reasoning', 'x');
      writer.end('message', OUTCOME);
      let ticks = 0;
      let going = true;
      const count = () => {
        ticks += 1;
        if (going) setImmediate(count);
      };
      setImmediate(count);
      const events = await drain(reader(log, 'turn'));
      going = false;
      expect(events).toHaveLength(2_003);
      expect(ticks).toBeGreaterThan(10);
    });

    it('ends once', async () => {
      const { log, writer } = await open();
      writer.start();
      writer.retrieved({ citations: [], degraded: null }, false);
      writer.end('first', OUTCOME);
      writer.append('text', 'too late');
      writer.end('second', { ...OUTCOME, status: 'STOPPED' });
      const events = await drain(reader(log, 'turn'));
      expect(events.filter(({ type }) => type === 'turn-ended')).toHaveLength(1);
      expect(events.at(-1)).toMatchObject({ messageId: 'first', cursor: 3 });
    });
  });
}
