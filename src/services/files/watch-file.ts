import type { File } from '../../generated/prisma/client.ts';
import type { Bus } from '../../ports/bus.ts';
import { cancellable } from '../../util/cancellable.ts';
import type { Delay } from '../../util/delay.ts';

export type WatchFileDependencies = { bus: Bus; delay: Delay };

/** How often the row is looked at when nobody says that it has changed: another instance may be reading the file. */
const POLL_MS = 1_000;
/** Changes that come faster are told as one. */
const QUIET_MS = 100;

/**
 * A file as it is now, and at every change, until it has been read, has failed or is gone. `find` answers null for
 * what may not be seen (any more).
 */
export function watchFile(
  { bus, delay }: WatchFileDependencies,
  id: string,
  find: () => Promise<File | null>,
  outer?: AbortSignal,
): AsyncIterableIterator<File> {
  return cancellable((signal) => states(bus, delay, id, find, signal), outer);
}

async function* states(
  bus: Bus,
  delay: Delay,
  id: string,
  find: () => Promise<File | null>,
  signal: AbortSignal,
): AsyncGenerator<File> {
  let changed = false;
  let wake = () => {};
  const unsubscribe = bus.subscribe('file-changed', id, () => {
    changed = true;
    wake();
  });
  try {
    let told: string | undefined;
    while (!signal.aborted) {
      changed = false;
      const file = await find();
      if (!file) return;
      const state = JSON.stringify(file);
      if (state !== told) yield file;
      told = state;
      if (file.status === 'READY' || file.status === 'FAILED') return;
      await delay(QUIET_MS, signal);
      if (changed || signal.aborted) continue;
      const woken = new AbortController();
      wake = () => woken.abort();
      await delay(POLL_MS - QUIET_MS, AbortSignal.any([signal, woken.signal]));
      wake = () => {};
    }
  } finally {
    unsubscribe();
  }
}
