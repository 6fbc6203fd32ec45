import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createMemoryBus } from '../../src/adapters/bus/memory-bus.ts';
import { createBossQueue } from '../../src/adapters/queue/boss-queue.ts';
import { createWordIndex } from '../../src/adapters/words/word-index.ts';
import type { JobQueue } from '../../src/ports/job-queue.ts';
import type { Sql } from '../../src/ports/sql.ts';
import { createIngestion } from '../../src/services/ingestion/ingestion.ts';
import { createReindex, type ReindexRequest } from '../../src/services/ingestion/reindex.ts';
import { createFakeEmbedder, createFakeReader, createFakeVectors } from './knowledge-fakes.ts';
import { type Engine, openTestDatabase } from './server.ts';

export type FileRow = {
  status: string;
  progress: number;
  error: string | null;
  attempts: number;
  generation: number;
  liveGeneration: number | null;
  chunkCount: number;
  textLength: number;
  pageCount: number | null;
  embeddingModel: string | null;
};

export type ChunkRow = { generation: number; index: number; text: string; start: number; end: number; page: number };

export type IngestionWorld = Awaited<ReturnType<typeof createIngestionWorld>>;

/** A database with the real queue and word index; what is outside of it are fakes. `embeds`: files get vectors too. */
export async function createIngestionWorld(engine: Engine, { embeds = false } = {}) {
  const { sql, prisma, dispose } = await openTestDatabase(engine);
  onTestFinished(dispose);
  const reader = createFakeReader();
  const vectors = createFakeVectors();
  const { embedder, state: embedding } = createFakeEmbedder();
  const bus = createMemoryBus();
  const words = createWordIndex({ sql, createId: randomUUID });
  const removed: string[] = [];
  const errors: unknown[] = [];
  const warnings: string[] = [];
  const userId = randomUUID();
  await prisma.user.create({ data: { id: userId, username: userId, usernameKey: userId, passwordHash: '' } });
  const queues: JobQueue[] = [];

  /** Another server that reads files. */
  async function startWorker({ concurrency = 2, exclusive = engine === 'pglite' && queues.length === 0 } = {}) {
    const queue = await createBossQueue({ sql, exclusive, warn: () => {}, pollMs: 50, heartbeatMs: 200 });
    queues.push(queue);
    const ingestion = createIngestion({
      sql,
      queue,
      reader,
      words,
      vectors: embeds ? vectors : null,
      embedder: embeds ? embedder : null,
      store: {
        pathOf: (id) => id,
        remove: async (id) => {
          removed.push(id);
        },
      },
      forgetAnswers: async () => {},
      bus,
      chunkTokens: 100,
      concurrency,
      now: () => new Date(),
      logError: (error) => errors.push(error),
      warn: (message) => warnings.push(message),
    });
    onTestFinished(async () => {
      ingestion.dispose();
      await queue.dispose(0);
    });
    await ingestion.start();
    return { queue, ingestion };
  }

  /** Whoever only orders work. */
  const sender = await createBossQueue({ sql, exclusive: false, warn: () => {}, pollMs: 60_000 });
  onTestFinished(() => sender.dispose(0));

  async function addFile(content: NonNullable<ReturnType<typeof reader.contents.get>>, name = 'notes.txt') {
    const id = randomUUID();
    reader.contents.set(id, content);
    await sql.transaction(async (runner) => {
      await insertFile(runner, { id, userId, name });
      await sender.enqueue(runner, 'ingest-file', [{ fileId: id, generation: 1 }]);
    });
    for (const queue of queues) queue.wake('ingest-file');
    return id;
  }

  async function fileRow(id: string): Promise<FileRow> {
    const [row] = await sql.query<FileRow>(
      `SELECT status::text AS status, progress, error, attempts, generation, live_generation AS "liveGeneration",
         chunk_count AS "chunkCount", text_length AS "textLength", page_count AS "pageCount",
         embedding_model AS "embeddingModel" FROM files WHERE id = $1`,
      [id],
    );
    if (!row) throw new Error('The file is gone.');
    return row;
  }

  /** Waits until a condition of the file's row holds. */
  async function fileWhen(id: string, holds: (row: FileRow) => boolean): Promise<FileRow> {
    let changed = () => {};
    const end = bus.subscribe('file-changed', id, () => changed());
    try {
      for (;;) {
        const next = new Promise<void>((resolve) => {
          changed = resolve;
        });
        const row = await fileRow(id);
        if (holds(row)) return row;
        await next;
      }
    } finally {
      end();
    }
  }

  const settled = (id: string) => fileWhen(id, ({ status }) => status === 'READY' || status === 'FAILED');

  async function chunksOf(id: string): Promise<ChunkRow[]> {
    return sql.query<ChunkRow>(
      'SELECT generation, index, text, start, "end", page FROM chunks WHERE file_id = $1 ORDER BY generation, index',
      [id],
    );
  }

  /** The generations whose words are kept, with their numbers of chunks. */
  async function wordsOf(id: string): Promise<Record<number, number>> {
    const rows = await sql.query<{ generation: number; chunks: number }>(
      'SELECT generation, sum(doc_count)::int AS chunks FROM word_parts WHERE file_id = $1 GROUP BY generation',
      [id],
    );
    return Object.fromEntries(rows.map(({ generation, chunks }) => [generation, chunks]));
  }

  /** The files that a word is found in. */
  async function find(text: string): Promise<string[]> {
    const hits = await words.search({ text, scopeIds: [userId], limit: 100 });
    return [...new Set(hits.map(({ fileId }) => fileId))];
  }

  const reindex = createReindex({
    sql,
    queue: {
      enqueue: sender.enqueue,
      wake: (name) => {
        for (const queue of queues) queue.wake(name);
      },
    },
    bus,
    record: async () => {},
    embeddingModel: embeds ? embedder.model : null,
  });

  return {
    sql,
    userId,
    reader,
    vectors,
    embedder,
    embedding,
    bus,
    words,
    removed,
    errors,
    warnings,
    sender,
    startWorker,
    addFile,
    fileRow,
    fileWhen,
    settled,
    chunksOf,
    wordsOf,
    find,
    /** As the files' service deletes one. */
    async deleteFile(id: string) {
      await sql.transaction(async (runner) => {
        await runner.query('SELECT 1 AS locked FROM files WHERE id = $1 FOR UPDATE', [id]);
        await words.remove(runner, userId, [id]);
        await runner.query('DELETE FROM files WHERE id = $1', [id]);
        await sender.enqueue(runner, 'purge-file', [{ fileId: id, scopeId: userId, models: [embedder.model] }]);
      });
      for (const queue of queues) queue.wake('purge-file');
    },
    reindex: (request: ReindexRequest) => reindex({ userId: null, name: 'a test', ip: null }, request),
  };
}

export async function insertFile(
  sql: Pick<Sql, 'query'>,
  file: { id: string; userId: string; name: string; kind?: string; size?: number },
): Promise<void> {
  await sql.query(
    `INSERT INTO files (id, user_id, scope_id, name, kind, mime_type, size, sha256)
     VALUES ($1, $2, $2, $3, $4, 'text/plain', $5, $6)`,
    [file.id, file.userId, file.name, file.kind ?? 'text', file.size ?? 1, file.id],
  );
}
