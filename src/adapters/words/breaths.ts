import { setImmediate } from 'node:timers/promises';

/** Long enough that the pauses cost nothing, short enough that nobody's stream falters. */
const STRETCH_MS = 6;

/**
 * Long work shares the process with other people's streams: it asks now and then whether a pause is due, and takes it.
 * Throws when `signal` has been aborted.
 */
export function createBreaths(signal?: AbortSignal) {
  let since = performance.now();
  return {
    due: () => performance.now() - since > STRETCH_MS,
    async pause(): Promise<void> {
      signal?.throwIfAborted();
      await setImmediate();
      signal?.throwIfAborted();
      since = performance.now();
    },
  };
}

export type Breaths = ReturnType<typeof createBreaths>;
