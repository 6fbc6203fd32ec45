import type { Redis } from 'ioredis';
import type { CachedAnswer, ResponseCache } from '../../ports/response-cache.ts';
import { withDeadline } from '../../util/deadline.ts';
import { type CacheLimits, LARGEST_SHARE } from './memory-cache.ts';
import { FIGURES, FLUSH, REMOVE_FILE, SET } from './redis-scripts.ts';

export type RedisCacheOptions = CacheLimits & { commands: Redis; prefix: string };

/** An answer waits no longer to be told that it is not there. */
const GET_MS = 150;
const FLUSHED_AT_ONCE = 500;
/** A flush that meets ever new answers ends. */
const MOST_FLUSHES = 10_000;

/**
 * The cache that instances share: an answer is a key that ends by itself, and an index beside them holds the whole to its
 * size, in a Redis that may hold other things as well.
 */
export function createRedisCache({ commands, prefix, ttlMs, maxBytes }: RedisCacheOptions): ResponseCache {
  const head = `${prefix}cache:`;
  const base = `${head}answer:`;
  const shared = [`${head}index`, `${head}sizes`, `${head}bytes`];
  const counts = `${head}counts`;
  const fileKeys = (id: string) => [`${head}file:${id}`, `${head}gone:${id}`];

  const evaluate = (script: string, keys: string[], ...values: (string | number)[]) =>
    commands.eval(script, keys.length, ...keys, ...values);

  return {
    backend: 'redis',
    async get(key) {
      const text = await withDeadline(GET_MS, undefined, () => commands.get(base + key));
      const found = text === null ? null : parse(text);
      // Not waited for: a count that is lost is no loss.
      commands.hincrby(counts, found ? 'hits' : 'misses', 1).catch(() => {});
      return found;
    },
    async set(key, answer, fileIds) {
      const value = JSON.stringify(answer);
      if (Buffer.byteLength(value) > maxBytes * LARGEST_SHARE) return;
      const keys = [...shared, ...fileIds.flatMap(fileKeys)];
      await evaluate(SET, keys, base, key, value, ttlMs, maxBytes);
    },
    async removeFiles(fileIds) {
      for (const id of fileIds) await evaluate(REMOVE_FILE, [...shared, ...fileKeys(id)], base, ttlMs);
    },
    async flush() {
      let count = 0;
      for (let round = 0; round < MOST_FLUSHES; round++) {
        const [taken, living] = (await evaluate(FLUSH, shared, base, FLUSHED_AT_ONCE)) as [number, number];
        count += living;
        if (taken < FLUSHED_AT_ONCE) break;
      }
      return count;
    },
    async figures() {
      const [found, counted] = await Promise.all([evaluate(FIGURES, shared, base), commands.hgetall(counts)]);
      const [entries, bytes] = found as [number, number];
      return { entries, bytes, hits: Number(counted.hits ?? 0), misses: Number(counted.misses ?? 0) };
    },
    async ping() {
      await commands.ping();
    },
  };
}

/** What another version has written is no answer. */
function parse(text: string): CachedAnswer | null {
  try {
    const answer = JSON.parse(text) as CachedAnswer;
    const isWhole =
      typeof answer.content === 'string' &&
      typeof answer.reasoning === 'string' &&
      Array.isArray(answer.segments) &&
      (answer.finishReason === 'STOP' || answer.finishReason === 'LENGTH');
    return isWhole ? answer : null;
  } catch {
    return null;
  }
}
