import { createHash, randomUUID } from 'node:crypto';
import { createWordIndex } from '../../src/adapters/words/word-index.ts';
import { decodeAnyId, encodeId } from '../../src/graphql/ids.ts';
import type { Embedder } from '../../src/ports/embedder.ts';
import type { VectorHit, VectorIndex, VectorItem, VectorSpace } from '../../src/ports/vector-index.ts';
import { createId } from '../../src/util/ids.ts';
import type { TestServer } from './server.ts';

export type Seed = {
  name?: string;
  /** Tile the text, as chunks do. */
  chunks: (string | { text: string; page: number })[];
  /** Global id. */
  collectionId?: string;
  /** With vectors of this embedder, in `vectors`. */
  embedder?: Embedder;
};

/** A file as the ingestion leaves it: rows, words and vectors, without anything having been read. Returns its global id. */
export async function seedFile(
  server: Pick<TestServer, 'app'>,
  owner: { id: string },
  { name = 'notes.txt', chunks, collectionId, embedder }: Seed,
  vectors?: VectorIndex,
): Promise<string> {
  const { prisma, sql } = server.app.database;
  const userId = decodeAnyId(owner.id).id;
  const collection = collectionId ? decodeAnyId(collectionId).id : null;
  const scopeId = collection ?? userId;
  const fileId = createId();
  const generation = 1;
  let start = 0;
  const rows = chunks.map((chunk, index) => {
    const { text, page } = typeof chunk === 'string' ? { text: chunk, page: null } : chunk;
    const row = { fileId, generation, index, text, start, end: start + text.length, page };
    start = row.end;
    return row;
  });
  await prisma.file.create({
    data: {
      id: fileId,
      userId,
      collectionId: collection,
      scopeId,
      name,
      kind: 'text',
      mimeType: 'text/plain',
      size: start,
      sha256: createHash('sha256').update(randomUUID()).digest('hex'),
      status: 'READY',
      progress: 1,
      generation,
      liveGeneration: generation,
      chunkCount: rows.length,
      textLength: start,
      embeddingModel: embedder?.model ?? null,
    },
  });
  await prisma.chunk.createMany({ data: rows });
  const words = createWordIndex({ sql, createId });
  const texts = rows.map(({ text }) => text);
  await sql.transaction(async (runner) => {
    await words.append(runner, { scopeId, fileId, generation, firstChunk: 0, texts });
    await words.publish(runner, scopeId, fileId, generation);
  });
  await words.dispose();
  if (embedder && vectors) {
    const { model } = embedder;
    await prisma.vectorSpace.upsert({
      where: { scopeId_model: { scopeId, model } },
      create: { scopeId, model },
      update: {},
    });
    const made = await embedder.embed(texts, 'document');
    const items = made.map((vector, chunk) => ({ fileId, generation, chunk, vector }));
    await vectors.upsert({ scopeId, model }, items);
  }
  return encodeId('File', fileId);
}

export type FakeVectorIndex = VectorIndex & {
  /** Thrown by queries, or waited for. */
  fault: Error | 'hangs' | null;
  queries: VectorSpace[];
};

/** Vectors in memory, compared with all of their space. */
export function createMemoryVectors(): FakeVectorIndex {
  const spaces = new Map<string, VectorItem[]>();
  const keyOf = ({ scopeId, model }: VectorSpace) => `${scopeId} ${model}`;
  const index: FakeVectorIndex = {
    fault: null,
    queries: [],
    async upsert(space, items) {
      spaces.set(keyOf(space), [...(spaces.get(keyOf(space)) ?? []), ...items]);
    },
    async query(space, vector, { limit, fileIds }) {
      index.queries.push(space);
      // Heeds no signal, as a server that is frozen would.
      if (index.fault === 'hangs') return new Promise<VectorHit[]>(() => {});
      if (index.fault) throw index.fault;
      return (spaces.get(keyOf(space)) ?? [])
        .filter(({ fileId }) => !fileIds || fileIds.includes(fileId))
        .map(({ vector: other, ...key }) => ({ ...key, distance: 1 - dot(vector, other) }))
        .sort((one, other) => one.distance - other.distance)
        .slice(0, limit);
    },
    async removeFile(space, fileId) {
      const items = spaces.get(keyOf(space)) ?? [];
      spaces.set(
        keyOf(space),
        items.filter((item) => item.fileId !== fileId),
      );
    },
    async removeSpace(space) {
      spaces.delete(keyOf(space));
    },
    count: async (space) => spaces.get(keyOf(space))?.length ?? 0,
    state: async () => ({ status: 'OK', latencyMs: 0, message: null }),
    async dispose() {},
  };
  return index;
}

function dot(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
}

/** Knows what a text is about by these words: texts about the same thing are close, whatever words they use. */
export function createTopicEmbedder(model: string, topics: string[][]): Embedder {
  return {
    model,
    countTokens: null,
    maxTokens: null,
    async embed(texts) {
      return texts.map((text) => {
        const values = topics.map((words) => (words.some((word) => text.toLowerCase().includes(word)) ? 1 : 0));
        // What is about nothing is far from everything.
        const vector = Float32Array.from([...values, values.includes(1) ? 0 : 1]);
        const length = Math.hypot(...vector);
        return vector.map((value) => value / length);
      });
    },
  };
}
