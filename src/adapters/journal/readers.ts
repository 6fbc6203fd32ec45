import type { Bus } from '../../ports/bus.ts';

export type ReadersOptions = { bus: Bus; instanceId: string };

const ANNOUNCE_MS = 5_000;
const FORGET_MS = 12_000;

/** Which instances read whose journal: each says so now and then, for as long as it does. */
export function createReaders({ bus, instanceId }: ReadersOptions) {
  const seen = new Map<string, number>();
  const read = new Map<string, number>();
  let timer: NodeJS.Timeout | null = null;
  const unsubscribe = bus.subscribe('journal-read', instanceId, ({ by }) => {
    seen.set(by, performance.now());
  });
  const say = (owner: string) => bus.publish('journal-read', owner, { by: instanceId });

  return {
    count(): number {
      if (seen.size === 0) return 0;
      const since = performance.now() - FORGET_MS;
      for (const [by, at] of seen) if (at < since) seen.delete(by);
      return seen.size;
    },
    /** Returns what ends it. */
    announce(owner: string): () => void {
      const uses = read.get(owner) ?? 0;
      read.set(owner, uses + 1);
      if (uses === 0) say(owner);
      timer ??= setInterval(() => {
        for (const each of read.keys()) say(each);
      }, ANNOUNCE_MS);
      return () => {
        const left = (read.get(owner) ?? 1) - 1;
        if (left > 0) read.set(owner, left);
        else read.delete(owner);
        if (read.size > 0 || !timer) return;
        clearInterval(timer);
        timer = null;
      };
    },
    dispose(): void {
      unsubscribe();
      if (timer) clearInterval(timer);
    },
  };
}
