import { orAborted } from '../../util/or-aborted.ts';

/** So many at a time; the others wait, in order, and leave the queue when their signal aborts. */
export function createSlots(count: number) {
  let free = count;
  const waiting: PromiseWithResolvers<void>[] = [];

  async function take(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (free > 0) {
      free--;
      return;
    }
    const turn = Promise.withResolvers<void>();
    waiting.push(turn);
    try {
      await orAborted(turn.promise, signal);
    } catch (reason) {
      const place = waiting.indexOf(turn);
      if (place >= 0) waiting.splice(place, 1);
      // Its turn had come just then.
      else give();
      throw reason;
    }
  }

  function give(): void {
    const next = waiting.shift();
    if (next) next.resolve();
    else free++;
  }

  return async <Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> => {
    await take(signal);
    try {
      return await work();
    } finally {
      give();
    }
  };
}
