import { LRUCache } from 'lru-cache';
import type { CachedAnswer, ResponseCache } from '../../ports/response-cache.ts';

export type CacheLimits = { ttlMs: number; maxBytes: number };

type Entry = { answer: CachedAnswer; fileIds: string[]; bytes: number };

/** An answer that takes more than this share of the room is not kept. */
export const LARGEST_SHARE = 1 / 8;
const MOST_REMOVED = 10_000;

/** The cache of one instance. */
export function createMemoryCache({ ttlMs, maxBytes }: CacheLimits): ResponseCache {
  const entries = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    maxEntrySize: Math.max(1, Math.floor(maxBytes * LARGEST_SHARE)),
    sizeCalculation: ({ bytes }) => bytes,
    ttl: ttlMs,
  });
  /** An answer may be on its way while its file is removed. */
  const removed = new LRUCache<string, true>({ max: MOST_REMOVED, ttl: ttlMs });
  let hits = 0;
  let misses = 0;

  return {
    backend: 'memory',
    async get(key) {
      const found = entries.get(key);
      if (found) hits += 1;
      else misses += 1;
      return found?.answer ?? null;
    },
    async set(key, answer, fileIds) {
      if (fileIds.some((id) => removed.has(id))) return;
      entries.set(key, { answer, fileIds, bytes: key.length + sizeOf(answer) });
    },
    async removeFiles(fileIds) {
      for (const id of fileIds) removed.set(id, true);
      const gone = new Set(fileIds);
      for (const [key, entry] of entries.entries()) if (entry.fileIds.some((id) => gone.has(id))) entries.delete(key);
    },
    async flush() {
      entries.purgeStale();
      const count = entries.size;
      entries.clear();
      return count;
    },
    async figures() {
      entries.purgeStale();
      return { entries: entries.size, bytes: entries.calculatedSize, hits, misses };
    },
    async ping() {},
  };
}

/** Near enough: a string of JavaScript takes one or two bytes for a unit. */
function sizeOf({ content, reasoning, segments }: CachedAnswer): number {
  return 2 * (content.length + reasoning.length) + 8 * segments.length + 200;
}
