import { createMemoryBus } from '../adapters/bus/memory-bus.ts';
import { createRedisBus } from '../adapters/bus/redis-bus.ts';
import { createMemoryCache } from '../adapters/cache/memory-cache.ts';
import { createRedisCache } from '../adapters/cache/redis-cache.ts';
import { createMemoryEventLog } from '../adapters/events/memory-event-log.ts';
import { createRedisJournal } from '../adapters/journal/redis-journal.ts';
import { createRateLimiter } from '../adapters/limits/rate-limiter.ts';
import { openRedisConnections } from '../adapters/redis/connections.ts';
import type { Config } from '../config.ts';

export type SharedOptions = {
  config: Config;
  instanceId: string;
  /** Whether the other instances still take this one for running. */
  stillMine: () => Promise<boolean>;
  /** Whether none of them can have taken it for gone yet. */
  holdsLease: () => boolean;
  /** Something was refused by the limit of this name. */
  refused: (limit: string) => void;
  logError: (error: unknown, context?: Record<string, unknown>) => void;
  warn: (message: string) => void;
};

/** How long a start waits for Redis. */
const REDIS_START_MS = 3_000;

/** What instances share beside the database: through Redis where there is one, else within this process. */
export async function createShared({ config, instanceId, refused, logError, warn, ...lease }: SharedOptions) {
  const redis = config.REDIS_URL
    ? openRedisConnections({ url: config.REDIS_URL, prefix: `${config.REDIS_KEY_PREFIX}:`, warn })
    : null;
  // What this start closes for instances that are gone should be whole.
  if (redis && !(await redis.whenReady(REDIS_START_MS))) warn('Redis at REDIS_URL cannot be reached yet.');
  const bus = redis ? createRedisBus({ ...redis, origin: instanceId }) : createMemoryBus();
  const logJournalError = (error: unknown) => logError(error, { during: 'journal' });
  const journal = redis && createRedisJournal({ ...redis, ...lease, instanceId, bus, logError: logJournalError });
  const eventLog = createMemoryEventLog({ journal, logError: logJournalError });
  const limits = { ttlMs: config.CACHE_TTL_SECONDS * 1_000, maxBytes: config.CACHE_MAX_MB * 1_048_576 };
  const cache = redis ? createRedisCache({ ...redis, ...limits }) : createMemoryCache(limits);
  return {
    redis,
    bus,
    cache,
    limiter: createRateLimiter({ redis, onRefused: refused }),
    journal,
    eventLog,
    dispose: async () => {
      await eventLog.dispose();
      await journal?.dispose();
      await bus.dispose();
      await redis?.dispose();
    },
  };
}
