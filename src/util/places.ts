import { AppError } from '../errors.ts';
import type { ModelLoad } from '../ports/language-model.ts';
import { orAborted } from './or-aborted.ts';

export type Places = {
  /** Waits for a place, first come first served; gives what gives it back. Throws the reason of `signal`, or RATE_LIMITED. */
  take(signal: AbortSignal | undefined): Promise<() => void>;
  load(): ModelLoad;
  /** From now on so many. */
  resize(count: number): void;
};

/** Whoever comes when so many wait is told to come back. */
const MOST_WAITING = 1_000;

type Waiting = PromiseWithResolvers<void> & { since: number };

/** So many of a provider's answers at a time. Infinity: all of them at once, and only counted. */
export function createPlaces(provider: string, count: number, mostWaiting = MOST_WAITING): Places {
  let most = count;
  let active = 0;
  const waiting: Waiting[] = [];

  function admit(): void {
    while (active < most) {
      const next = waiting.shift();
      if (!next) return;
      active++;
      next.resolve();
    }
  }

  function giveOnce(): () => void {
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      active--;
      admit();
    };
  }

  return {
    async take(signal) {
      signal?.throwIfAborted();
      if (active < most && waiting.length === 0) {
        active++;
        return giveOnce();
      }
      if (waiting.length >= mostWaiting) {
        const message = `Too many answers wait for ${provider} already. Try again in a moment.`;
        throw new AppError({ code: 'RATE_LIMITED', message, retryable: true, retryAfterSeconds: 10 });
      }
      const turn: Waiting = { ...Promise.withResolvers<void>(), since: performance.now() };
      waiting.push(turn);
      const give = giveOnce();
      try {
        await orAborted(turn.promise, signal);
      } catch (reason) {
        const place = waiting.indexOf(turn);
        if (place >= 0) waiting.splice(place, 1);
        // Its turn had come just then.
        else give();
        throw reason;
      }
      return give;
    },
    load: () => ({
      active,
      waiting: waiting.length,
      longestWaitMs: waiting[0] ? Math.round(performance.now() - waiting[0].since) : 0,
    }),
    resize(next) {
      most = next;
      admit();
    },
  };
}
