import { setTimeout as wait } from 'node:timers/promises';

export type Delay = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** Waits. An abort ends the wait early and is not an error. */
export const delay: Delay = async (milliseconds, signal) => {
  try {
    await wait(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
};
