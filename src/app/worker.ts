import type { Database } from '../adapters/db/open-database.ts';
import type { Config } from '../config.ts';
import type { RecordAudit } from '../ports/audit-log.ts';
import type { JobQueue } from '../ports/job-queue.ts';
import type { IngestionDependencies } from '../services/ingestion/dependencies.ts';
import { createIngestion } from '../services/ingestion/ingestion.ts';
import { createReindex } from '../services/ingestion/reindex.ts';
import { createStats } from '../services/stats/stats.ts';

export type WorkerDependencies = Omit<IngestionDependencies, 'sql' | 'queue' | 'chunkTokens' | 'concurrency'> & {
  config: Config;
  database: Database;
  queue: JobQueue;
  record: RecordAudit;
};

/** Reading files, as the environment sets it. */
export async function createWorker({ config, database, queue, record, ...deps }: WorkerDependencies) {
  const { sql } = database;
  const ingestion = createIngestion({
    ...deps,
    sql,
    queue,
    chunkTokens: config.CHUNK_TOKENS,
    concurrency: config.WORKER_CONCURRENCY,
  });
  if (config.WORKER_ENABLED) await ingestion.start();
  return {
    services: {
      reindex: createReindex({ sql, queue, bus: deps.bus, record, embeddingModel: deps.embedder?.model ?? null }),
      stats: createStats({ workerStats: queue.stats }),
    },
    dispose: ingestion.dispose,
  };
}
