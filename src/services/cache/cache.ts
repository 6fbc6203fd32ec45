import { AppError } from '../../errors.ts';
import type { Actor, RecordAudit } from '../../ports/audit-log.ts';
import type { ResponseCache } from '../../ports/response-cache.ts';

export type CacheStats = {
  backend: string;
  /** False also while it cannot be reached. */
  enabled: boolean;
  entries: number | null;
  hits: number;
  misses: number;
  /** Of all that were looked up, 0 to 1. */
  hitRate: number;
  bytes: number | null;
};

export type CacheServiceDependencies = { cache: ResponseCache; enabled: boolean; record: RecordAudit };

/** The response cache, for those who run the server. */
export function createCacheService({ cache, enabled, record }: CacheServiceDependencies) {
  const { backend } = cache;
  return {
    async stats(): Promise<CacheStats> {
      const none = { backend, enabled: false, entries: null, hits: 0, misses: 0, hitRate: 0, bytes: null };
      const figures = await cache.figures().catch(() => null);
      if (!figures) return none;
      const { entries, bytes, hits, misses } = figures;
      const lookedUp = hits + misses;
      return { backend, enabled, entries, hits, misses, hitRate: lookedUp === 0 ? 0 : hits / lookedUp, bytes };
    },
    /** Returns how many answers were forgotten. Throws UNAVAILABLE. */
    async flush(actor: Actor): Promise<number> {
      const entries = await cache.flush().catch((cause: unknown) => {
        const message = 'The cache cannot be reached. Try again in a moment.';
        throw new AppError({ code: 'UNAVAILABLE', message, retryable: true, cause });
      });
      await record({ actor, action: 'cache-flushed', details: { entries } });
      return entries;
    },
  };
}

export type CacheService = ReturnType<typeof createCacheService>;
