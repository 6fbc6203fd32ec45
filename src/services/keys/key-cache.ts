import { LRUCache } from 'lru-cache';
import type { Bus } from '../../ports/bus.ts';

export type KeyCacheDependencies = { bus: Pick<Bus, 'subscribe' | 'onGap'> };

/** One key of the bus for all API keys: they change seldom, and whoever remembers some forgets them all. */
export const EVERY_KEY = 'all';

const MAX_ENTRIES = 1_000;
/** What a lost message about a change can do at most. */
const FRESH_MS = 5_000;

/** What was read of keys a moment ago, by the hashes of their secrets; forgotten at once when any of them changes. */
export function createKeyCache<Row extends object>({ bus }: KeyCacheDependencies) {
  const known = new LRUCache<string, Row>({ max: MAX_ENTRIES, ttl: FRESH_MS });
  let changes = 0;

  const forget = () => {
    changes += 1;
    known.clear();
  };
  const deafen = bus.subscribe('api-key-changed', EVERY_KEY, forget);
  const forgetGaps = bus.onGap(forget);

  return {
    /** Undefined is not remembered: whoever guesses would push out those who know. */
    async get(hash: string, read: () => Promise<Row | undefined>): Promise<Row | undefined> {
      const found = known.get(hash);
      if (found) return found;
      const before = changes;
      const row = await read();
      // What was read before a change is not kept after it.
      if (row && before === changes) known.set(hash, row);
      return row;
    },
    dispose(): void {
      deafen();
      forgetGaps();
      known.clear();
    },
  };
}
