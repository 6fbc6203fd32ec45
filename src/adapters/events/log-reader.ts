import type { TurnEvent } from '../../ports/event-log.ts';
import type { TurnLog } from '../../util/turn-log.ts';

/** A turn's log with its readers. */
export type LogEntry = {
  log: TurnLog;
  /** Text beyond this position is not shown yet. */
  shown: number;
  /** Called once, at the next change. */
  waiting: Set<() => void>;
  readers: number;
  /** Called when the last reader has left. */
  onUnread: () => void;
  /** Readers end, though the turn has not: nothing more will come. */
  isAbandoned: boolean;
  /** `shown` stays where it is until the end. */
  isWithheld: boolean;
};

/** A replay gives way to the rest of the process every so many events. */
const EVENTS_PER_TICK = 64;

/**
 * A reader is a position. Written out rather than as an async generator, because a generator's `return` waits for what
 * it awaits: a reader of a silent turn could not be ended. One promise an event, for one reader that asks in turn.
 */
export class LogReader implements AsyncIterableIterator<TurnEvent> {
  readonly #entry: LogEntry;
  #position: number;
  #sinceWait = 0;
  #done = false;
  #waiting: ((result: IteratorResult<TurnEvent>) => void) | null = null;

  constructor(entry: LogEntry, after: number) {
    this.#entry = entry;
    this.#position = after;
    entry.readers += 1;
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
    const { log, shown, isAbandoned } = this.#entry;
    const event = log.take(this.#position, shown);
    if (event) {
      this.#position = event.cursor;
      this.#sinceWait += 1;
      if (event.type === 'turn-ended') this.#leave();
      return { value: event, done: false };
    }
    if (!isAbandoned && !log.ended) return null;
    this.#leave();
    return END;
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

  #leave(): void {
    if (this.#done) return;
    this.#done = true;
    this.#entry.waiting.delete(this.#onChange);
    this.#entry.readers -= 1;
    if (this.#entry.readers === 0) this.#entry.onUnread();
  }

  async return(): Promise<IteratorResult<TurnEvent>> {
    this.#leave();
    this.#waiting?.(END);
    this.#waiting = null;
    return END;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const END: IteratorResult<TurnEvent> = { value: undefined, done: true };
