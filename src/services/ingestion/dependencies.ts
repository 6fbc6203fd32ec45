import type { Bus } from '../../ports/bus.ts';
import type { Embedder } from '../../ports/embedder.ts';
import type { FileReader } from '../../ports/file-reader.ts';
import type { FileStore } from '../../ports/file-store.ts';
import type { JobQueue } from '../../ports/job-queue.ts';
import type { Sql } from '../../ports/sql.ts';
import type { VectorIndex } from '../../ports/vector-index.ts';
import type { WordIndex } from '../../ports/word-index.ts';

export type IngestionDependencies = {
  sql: Sql;
  queue: Pick<JobQueue, 'work' | 'enqueue' | 'wake' | 'pending'>;
  reader: Pick<FileReader, 'read'>;
  words: Pick<WordIndex, 'append' | 'publish' | 'discard' | 'merge'>;
  /** Null: nothing is looked for by meaning. */
  vectors: Pick<VectorIndex, 'upsert' | 'removeFile' | 'removeSpace'> | null;
  /** The model that files are embedded with from now on. Null: none. */
  embedder: Embedder | null;
  store: Pick<FileStore, 'pathOf' | 'remove'>;
  /** Cached answers that were made from files that are gone. */
  forgetAnswers: (fileIds: string[]) => Promise<void>;
  bus: Pick<Bus, 'publish'>;
  /** Size of a chunk. */
  chunkTokens: number;
  /** Files that are read at once. */
  concurrency: number;
  now: () => Date;
  logError: (error: unknown, context?: Record<string, unknown>) => void;
  warn: (message: string, context?: Record<string, unknown>) => void;
};
