import { describe, expect, it } from 'vitest';
import type { TurnEvent, TurnOutcome } from '../../src/ports/event-log.ts';
import { TurnLog } from '../../src/util/turn-log.ts';
import { createRandom } from '../support/random.ts';

const OUTCOME: TurnOutcome = {
  status: 'COMPLETE',
  finishReason: 'STOP',
  usage: { promptTokens: 1, completionTokens: 1, firstTokenMs: 1, durationMs: 1, cached: false },
  error: null,
};

type Seen = { text: string; reasoning: string; cursors: number[]; types: string[] };

/** Everything from a position on, as a reader that keeps asking gets it. */
function readFrom(log: TurnLog, after: number): Seen & { events: TurnEvent[] } {
  const seen = { text: '', reasoning: '', cursors: [] as number[], types: [] as string[], events: [] as TurnEvent[] };
  let position = after;
  for (let event = log.take(position); event; event = log.take(position)) {
    position = event.cursor;
    seen.events.push(event);
    seen.cursors.push(event.cursor);
    seen.types.push(event.type);
    if (event.type === 'turn-delta') seen.text += event.text;
    if (event.type === 'turn-reasoning') seen.reasoning += event.text;
    if (event.type === 'turn-ended') break;
  }
  return seen;
}

describe('a turn log', () => {
  it('counts the start, the retrieval, every UTF-16 unit and the end', () => {
    const log = new TurnLog('turn');
    log.start();
    log.retrieved({ citations: [], degraded: null });
    log.append('text', 'ab');
    log.append('text', '😀');
    log.end('message', OUTCOME);
    expect(readFrom(log, 0).events).toEqual([
      { type: 'turn-started', turnId: 'turn', cursor: 1 },
      { type: 'turn-retrieved', turnId: 'turn', cursor: 2, retrieved: { citations: [], degraded: null } },
      { type: 'turn-delta', turnId: 'turn', cursor: 6, text: 'ab😀', offset: 0 },
      { type: 'turn-ended', turnId: 'turn', cursor: 7, messageId: 'message', outcome: OUTCOME },
    ]);
  });

  it('gives each reader the rest of the same text from every position, however it was written and read', () => {
    const random = createRandom(20261121);
    for (let round = 0; round < 30; round++) {
      const log = new TurnLog('turn');
      log.start();
      log.retrieved({ citations: [], degraded: null });
      const written = { text: '', reasoning: '', order: '' };
      for (let part = 0; part < 40; part++) {
        const kind = random() < 0.3 ? 'reasoning' : 'text';
        const text = 'aé漢😀\n'.repeat(3).slice(0, Math.floor(random() * 12));
        log.append(kind, text);
        written[kind] += text;
        written.order += text;
        // A checkpoint in between compacts what is stored; no reader may notice.
        if (random() < 0.2) log.text();
      }
      log.end('message', OUTCOME);
      const end = 3 + written.order.length;
      expect(log.cursor).toBe(end);
      for (let after = 0; after < end; after++) {
        const { text, reasoning, cursors, types, events } = readFrom(log, after);
        const skipped = Math.max(0, after - 2);
        const rest = events.map((event) => ('text' in event ? event.text : '')).join('');
        expect(rest).toBe(written.order.slice(skipped));
        expect(written.text.endsWith(text)).toBe(true);
        expect(written.reasoning.endsWith(reasoning)).toBe(true);
        expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
        expect(new Set(cursors).size).toBe(cursors.length);
        expect(types.filter((type) => type === 'turn-ended')).toHaveLength(1);
        expect(cursors.at(-1)).toBe(end);
        for (const event of events) {
          if (event.type === 'turn-delta') expect(written.text.slice(event.offset).startsWith(event.text)).toBe(true);
        }
      }
      expect(log.take(end)).toBeNull();
    }
  });

  it('is the same when it is made again from what is stored', () => {
    const log = new TurnLog('turn');
    log.start();
    log.retrieved({ citations: [], degraded: null });
    for (const [kind, text] of [
      ['reasoning', 'why '],
      ['text', 'so'],
      ['reasoning', 'but'],
      ['text', ' it is 😀'],
    ] as const) {
      log.append(kind, text);
    }
    const stored = log.text();
    log.end('message', OUTCOME);
    const again = TurnLog.fromStored('turn', stored, { messageId: 'message', outcome: OUTCOME });
    for (let after = 0; after <= log.cursor; after++) expect(readFrom(again, after)).toEqual(readFrom(log, after));
    expect(stored).toMatchObject({ content: 'so it is 😀', reasoning: 'why but', segments: [4, 2, 3, 9] });
  });

  it('joins what a slow reader has not seen, in pieces that a frame can hold and that split no character', () => {
    const log = new TurnLog('turn');
    log.start();
    log.retrieved({ citations: [], degraded: null });
    const token = 'x😀';
    for (let index = 0; index < 50_000; index++) log.append('text', token);
    log.end('message', OUTCOME);
    const { events, text } = readFrom(log, 2);
    expect(text).toBe(token.repeat(50_000));
    expect(events.length).toBeLessThan(6);
    for (const event of events) {
      if (event.type !== 'turn-delta') continue;
      expect(event.text.length).toBeLessThanOrEqual(65_536);
      expect(event.text.isWellFormed()).toBe(true);
    }
  });

  it('tells a reader that has seen more than was kept how the turn ended, once', () => {
    const log = TurnLog.fromStored(
      'turn',
      { content: 'kept', reasoning: '', segments: [] },
      { messageId: 'message', outcome: OUTCOME },
    );
    const { types, cursors } = readFrom(log, 100);
    expect(types).toEqual(['turn-ended']);
    expect(cursors).toEqual([101]);
  });
});
