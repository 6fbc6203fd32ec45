import { createMemoryBus } from '../adapters/bus/memory-bus.ts';
import { createMemoryEventLog } from '../adapters/events/memory-event-log.ts';
import { createRedisJournal } from '../adapters/journal/redis-journal.ts';
import { openRedisConnections } from '../adapters/redis/connections.ts';
import type { Config } from '../config.ts';

export type SharedOptions = {
  config: Config;
  instanceId: string;
  /** Whether the other instances still take this one for running. */
  stillMine: () => Promise<boolean>;
  logError: (error: unknown, context?: Record<string, unknown>) => void;
  warn: (message: string) => void;
};

/** What instances share beside the database: through Redis where there is one, else within this process. */
export function createShared({ config, instanceId, stillMine, logError, warn }: SharedOptions) {
  const redis = config.REDIS_URL
    ? openRedisConnections({ url: config.REDIS_URL, prefix: `${config.REDIS_KEY_PREFIX}:`, warn })
    : null;
  const bus = createMemoryBus();
  const logJournalError = (error: unknown) => logError(error, { during: 'journal' });
  const journal = redis && createRedisJournal({ ...redis, instanceId, bus, stillMine, logError: logJournalError });
  const eventLog = createMemoryEventLog({ journal, logError: logJournalError });
  return {
    redis,
    bus,
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
