import type { EventLog, TurnEvent, TurnLogWriter } from '../../ports/event-log.ts';
import { TurnLog } from '../../util/turn-log.ts';

export type MemoryEventLogOptions = {
  /** How long an ended turn is kept for readers that are about to come back; later ones read the stored message. */
  keepEndedMs?: number;
};

type Entry = { log: TurnLog; waiting: Set<() => void> };

/** A replay gives way to the rest of the process every so many events. */
const EVENTS_PER_TICK = 64;

/** The event log of one instance: a log per running turn, shared by all its readers. */
export function createMemoryEventLog(options: MemoryEventLogOptions = {}): EventLog {
  const keepEndedMs = options.keepEndedMs ?? 10_000;
  const entries = new Map<string, Entry>();
  const expiries = new Map<string, NodeJS.Timeout>();
  let changed = new Set<Entry>();

  // Readers are woken once per turn of the event loop: what arrived in one read of the network is joined, and nothing
  // ever waits for a timer.
  function wake(entry: Entry): void {
    if (entry.waiting.size === 0) return;
    if (changed.size === 0) setImmediate(wakeAll);
    changed.add(entry);
  }

  function wakeAll(): void {
    const woken = changed;
    changed = new Set();
    for (const entry of woken) {
      const waiting = [...entry.waiting];
      entry.waiting.clear();
      for (const resume of waiting) resume();
    }
  }

  function forget(turnId: string): void {
    clearTimeout(expiries.get(turnId));
    expiries.delete(turnId);
    entries.delete(turnId);
  }

  return {
    open(turnId) {
      const entry: Entry = { log: new TurnLog(turnId), waiting: new Set() };
      entries.set(turnId, entry);
      const { log } = entry;
      const writer: TurnLogWriter = {
        start() {
          log.start();
          wake(entry);
        },
        retrieved(retrieved) {
          log.retrieved(retrieved);
          wake(entry);
        },
        append(kind, text) {
          log.append(kind, text);
          wake(entry);
        },
        cursor: () => log.cursor,
        text: () => log.text(),
        end(messageId, outcome) {
          log.end(messageId, outcome);
          wake(entry);
          expiries.set(turnId, setTimeout(forget, keepEndedMs, turnId).unref());
        },
      };
      return writer;
    },
    read(turnId, after) {
      const entry = entries.get(turnId);
      return entry ? new LogReader(entry, after) : null;
    },
    async dispose() {
      for (const turnId of [...entries.keys()]) forget(turnId);
    },
  };
}

/**
 * A reader is a position. Written out rather than as an async generator, because a generator's `return` waits for what
 * it awaits: a reader of a silent turn could not be ended. One promise an event, for one reader that asks in turn.
 */
class LogReader implements AsyncIterableIterator<TurnEvent> {
  readonly #entry: Entry;
  #position: number;
  #sinceWait = 0;
  #done = false;
  #waiting: ((result: IteratorResult<TurnEvent>) => void) | null = null;

  constructor(entry: Entry, after: number) {
    this.#entry = entry;
    this.#position = after;
  }

  next(): Promise<IteratorResult<TurnEvent>> {
    // A replay gives way to the rest of the process now and then.
    if (this.#sinceWait >= EVENTS_PER_TICK) {
      this.#sinceWait = 0;
      return new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.next());
    }
    const result = this.#take();
    if (result) return Promise.resolve(result);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#entry.waiting.add(this.#onChange);
    });
  }

  /** What there is for this reader now; null when it has to wait. */
  #take(): IteratorResult<TurnEvent> | null {
    if (this.#done) return END;
    const { log } = this.#entry;
    const event = log.take(this.#position);
    if (event) {
      this.#position = event.cursor;
      this.#done = event.type === 'turn-ended';
      this.#sinceWait += 1;
      return { value: event, done: false };
    }
    return log.ended ? END : null;
  }

  #onChange = (): void => {
    const resolve = this.#waiting;
    if (!resolve) return;
    const result = this.#take();
    if (!result) {
      this.#entry.waiting.add(this.#onChange);
      return;
    }
    this.#waiting = null;
    this.#sinceWait = 0;
    resolve(result);
  };

  async return(): Promise<IteratorResult<TurnEvent>> {
    this.#done = true;
    this.#entry.waiting.delete(this.#onChange);
    this.#waiting?.(END);
    this.#waiting = null;
    return END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const END: IteratorResult<TurnEvent> = { value: undefined, done: true };
