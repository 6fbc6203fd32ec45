import { join, resolve } from 'node:path';
import type { Database } from '../adapters/db/open-database.ts';
import type { Embedders } from '../adapters/embeddings/embedders.ts';
import { createFileReader } from '../adapters/extraction/file-reader.ts';
import { createDiskStore } from '../adapters/files/disk-store.ts';
import type { Llama } from '../adapters/models/llama/llama.ts';
import { createBossQueue } from '../adapters/queue/boss-queue.ts';
import { createWordIndex } from '../adapters/words/word-index.ts';
import type { Config } from '../config.ts';
import type { RecordAudit } from '../ports/audit-log.ts';
import type { Bus } from '../ports/bus.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { FileReader } from '../ports/file-reader.ts';
import type { ResponseCache } from '../ports/response-cache.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import type { WordIndex } from '../ports/word-index.ts';
import { createCollections } from '../services/files/collections.ts';
import { createFiles } from '../services/files/files.ts';
import type { Models } from '../services/models/models.ts';
import type { LegLimits } from '../services/retrieval/legs.ts';
import { delay } from '../util/delay.ts';
import { createId } from '../util/ids.ts';
import { formatModelId } from '../util/model-id.ts';
import { createAppRetrieval, createJudge } from './retrieval.ts';
import { openVectors } from './vectors.ts';
import { createWorker } from './worker.ts';

/** What a test may put in place of the real thing. */
export type KnowledgeOverrides = {
  words?: WordIndex;
  vectors?: VectorIndex;
  embedderFor?: (model: string) => Embedder | null;
  retrievalLimits?: Partial<LegLimits>;
};

export type KnowledgeDependencies = {
  config: Config;
  dataDirectory: string;
  database: Database;
  bus: Bus;
  cache: Pick<ResponseCache, 'removeFiles'>;
  record: RecordAudit;
  now: () => Date;
  /** Where people reach the server; known once it listens. */
  baseUrl: () => string;
  models: Pick<Models, 'stream' | 'defaultModel' | 'windowOf'>;
  llama: Pick<Llama, 'rank' | 'ranks'>;
  embedderFor: Embedders['embedderFor'];
  overrides: KnowledgeOverrides | undefined;
  logError: (error: unknown, context?: Record<string, unknown>) => void;
  warn: (message: string, context?: Record<string, unknown>) => void;
  debug: (message: string) => void;
};

const MEGABYTE = 1_048_576;

/** Files, and what is found in them. */
export async function createKnowledge(deps: KnowledgeDependencies) {
  const { config, database, embedderFor, bus, now } = deps;
  const { prisma, sql } = database;
  const store = createDiskStore({ folder: resolve(config.FILES_DIR ?? join(deps.dataDirectory, 'files')) });
  const reader: FileReader = createFileReader({
    timeoutMs: config.FILE_READ_TIMEOUT_SECONDS * 1_000,
    memoryMb: config.FILE_READ_MEMORY_MB,
    processes: config.WORKER_CONCURRENCY,
  });
  const words = deps.overrides?.words ?? createWordIndex({ sql, createId, vacuum: database.engine === 'pglite' });
  const queue = await createBossQueue({
    sql,
    exclusive: database.exclusive,
    warn: (message, error) => deps.warn(message, { err: error }),
  });

  const vectors = deps.overrides?.vectors ?? openVectors(deps);

  const shared = { prisma, sql, store, reader, words, queue, bus, now, createId, delay };
  const files = createFiles({
    ...shared,
    maxUploadBytes: config.MAX_UPLOAD_MB * MEGABYTE,
    maxUserBytes: config.USER_STORAGE_MB * MEGABYTE,
    baseUrl: deps.baseUrl,
  });
  const collections = createCollections({ ...shared, record: deps.record });
  const retrieval = createAppRetrieval({
    config,
    sql,
    words,
    vectors,
    embedderFor,
    streamModel: deps.models.stream,
    windowOf: deps.models.windowOf,
    judge: createJudge(deps.llama),
    defaultModel: async () => formatModelId(await deps.models.defaultModel()),
    limits: deps.overrides?.retrievalLimits,
    logError: deps.logError,
  });

  const worker = await createWorker({
    config,
    database,
    queue,
    reader,
    words,
    vectors,
    embedder: config.EMBEDDING_MODEL ? embedderFor(config.EMBEDDING_MODEL) : null,
    store,
    forgetAnswers: deps.cache.removeFiles,
    bus,
    record: deps.record,
    now,
    logError: deps.logError,
    warn: deps.warn,
  }).catch(async (error: unknown) => {
    await queue.dispose(0);
    await vectors?.dispose();
    throw error;
  });

  return {
    services: { files, collections, retrieval, ...worker.services },
    /** Now and then: bytes that belong to nobody. */
    housekeeping: async () => {
      await store.sweep(async (ids) => {
        const rows = await prisma.file.findMany({ where: { id: { in: ids } }, select: { id: true } });
        return new Set(rows.map(({ id }) => id));
      });
    },
    dispose: async () => {
      worker.dispose();
      // Whoever reads a file needs all the others.
      await queue.dispose();
      await reader.dispose();
      await words.dispose();
      await vectors?.dispose();
    },
    vectors,
  };
}
