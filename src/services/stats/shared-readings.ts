import { cancellable } from '../../util/cancellable.ts';
import type { Delay } from '../../util/delay.ts';

export type SharedReadingsDependencies<Value> = {
  read: () => Promise<Value>;
  /** Milliseconds that only grow. */
  clock: () => number;
  delay: Delay;
};

const SECOND_MS = 1_000;
/** Timers may be early by a part of a millisecond, which would be the second before. */
const LATE_MS = 2;

/** The same reading for all who watch: at most one a second, and none while nobody does. */
export function createSharedReadings<Value>({ read, clock, delay }: SharedReadingsDependencies<Value>) {
  let newest: { second: number; value: Promise<Value> } | undefined;

  function current(): Promise<Value> {
    const second = Math.floor(clock() / SECOND_MS);
    if (newest?.second !== second) newest = { second, value: read() };
    return newest.value;
  }

  /** One at once, then one every so many seconds, with the others at the beginning of a second. Rejects with `read`. */
  function watch(everySeconds: number, outer?: AbortSignal): AsyncIterableIterator<Value> {
    return cancellable(async function* (signal) {
      while (!signal.aborted) {
        yield await current();
        const due = Math.floor(clock() / SECOND_MS + everySeconds) * SECOND_MS;
        await delay(Math.max(0, due - clock()) + LATE_MS, signal);
      }
    }, outer);
  }

  return { watch };
}
