import type { Where } from 'chromadb';
import { AppError } from '../../errors.ts';
import type { VectorHit, VectorIndex, VectorIndexState, VectorItem } from '../../ports/vector-index.ts';
import { type Delay, delay as wait } from '../../util/delay.ts';
import { type ChromaBreaker, createChromaCalls } from './chroma-calls.ts';
import { nearestOfFew } from './chroma-few.ts';
import { createChromaSpaces } from './chroma-spaces.ts';

export type ChromaDeadlines = { queryMs: number; writeMs: number; stateMs: number };

const DEADLINES: ChromaDeadlines = { queryMs: 3_000, writeMs: 30_000, stateMs: 1_500 };
const BREAKER: ChromaBreaker = { failures: 3, openMs: 5_000 };
const STATE_LIFE_MS = 5_000;

/** Chroma takes 5,461 at a time. These are fewer, so that neither the request nor the pause for making it gets large. */
const BATCH_ITEMS = 1_000;
const BATCH_BYTES = 2 * 1_048_576;
/** Chroma looks files up in SQLite, which knows no more parameters than 32,766. */
const MOST_FILES = 10_000;

/** Vectors in Chroma: a collection for each space, because a filter on a shared one costs ten times as much. */
export function createChromaIndex(options: {
  /** Where Chroma is now; may wait until it is up. Without a path: the client knows none. */
  connect: (signal: AbortSignal) => Promise<string>;
  delay?: Delay;
  deadlines?: Partial<ChromaDeadlines>;
  breaker?: ChromaBreaker;
}): VectorIndex {
  const { connect, delay = wait, breaker = BREAKER } = options;
  const { queryMs, writeMs, stateMs } = { ...DEADLINES, ...options.deadlines };
  const calls = createChromaCalls({ connect, delay, breaker });
  const spaces = createChromaSpaces();
  let known: { state: Promise<VectorIndexState>; since: number } | undefined;

  async function readState(): Promise<VectorIndexState> {
    try {
      const latencyMs = await calls.call({ deadlineMs: stateMs, signal: undefined }, async (client) => {
        const started = performance.now();
        await client.heartbeat();
        return Math.round(performance.now() - started);
      });
      return { status: 'OK', latencyMs, message: null };
    } catch (error) {
      const message = error instanceof AppError ? error.message : 'Chroma failed.';
      return { status: 'DEGRADED', latencyMs: null, message };
    }
  }

  return {
    async upsert(space, items, signal) {
      for (const batch of batchesOf(withoutRepeats(items))) {
        const records = {
          ids: batch.map(idOf),
          embeddings: batch.map(({ vector }) => Array.from(vector)),
          metadatas: batch.map(({ fileId, generation, chunk }) => ({ fileId, generation, chunk })),
        };
        await calls.call({ deadlineMs: writeMs, signal }, (client) =>
          spaces.created(client, space, (collection) => collection.upsert(records)),
        );
      }
    },

    async query(space, vector, { limit, fileIds, signal }) {
      if (limit < 1 || fileIds?.length === 0) return [];
      const queryEmbeddings = [Array.from(vector)];
      const ask = (files: string[] | undefined) =>
        calls.call({ deadlineMs: queryMs, signal, impatient: true }, (client) =>
          spaces.existing(client, space, async (collection) => {
            const where = files && { fileId: { $in: files } };
            const few = where && (await nearestOfFew(collection, where, vector));
            if (few) return few.map(({ id, distance }) => hitOf(id, distance));
            const found = await collection.query({
              queryEmbeddings,
              nResults: limit,
              // The id says it all: what is not asked for need not be looked up.
              include: ['distances'],
              ...(where && { where }),
            });
            return (found.ids[0] ?? []).map((id, index) => hitOf(id, found.distances[0]?.[index] ?? 2));
          }),
        );
      const answers = await Promise.all(groupsOf(fileIds).map(ask));
      const hits = answers.flatMap((answer) => answer ?? []);
      return hits.sort((one, other) => one.distance - other.distance).slice(0, limit);
    },

    async removeFile(space, fileId, { keepGeneration, signal } = {}) {
      const where: Where =
        keepGeneration === undefined ? { fileId } : { $and: [{ fileId }, { generation: { $ne: keepGeneration } }] };
      await calls.call({ deadlineMs: writeMs, signal }, (client) =>
        spaces.existing(client, space, (collection) => collection.delete({ where })),
      );
    },

    async removeSpace(space, signal) {
      await calls.call({ deadlineMs: writeMs, signal }, (client) => spaces.remove(client, space));
    },

    async count(space, signal) {
      const counted = await calls.call({ deadlineMs: queryMs, signal }, (client) =>
        spaces.existing(client, space, (collection) => collection.count()),
      );
      return counted ?? 0;
    },

    state() {
      if (!known || performance.now() - known.since > STATE_LIFE_MS) {
        known = { state: readState(), since: performance.now() };
      }
      return known.state;
    },

    async dispose() {
      calls.dispose();
    },
  };
}

function idOf({ fileId, generation, chunk }: VectorItem): string {
  return `${fileId}:${generation}:${chunk}`;
}

function hitOf(id: string, distance: number): VectorHit {
  const [chunk, generation, ...file] = id.split(':').reverse();
  return {
    fileId: file.reverse().join(':'),
    generation: Number(generation),
    chunk: Number(chunk),
    // Rounding makes it negative for a vector that is the same.
    distance: Math.max(0, distance),
  };
}

/** Chroma refuses a request that names one twice. The last one counts. */
function withoutRepeats(items: VectorItem[]): VectorItem[] {
  return [...new Map(items.map((item) => [idOf(item), item])).values()];
}

function* batchesOf(items: VectorItem[]): Generator<VectorItem[]> {
  const bytes = (items[0]?.vector.length ?? 1) * 4;
  const size = Math.max(1, Math.min(BATCH_ITEMS, Math.floor(BATCH_BYTES / bytes)));
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

function groupsOf(fileIds: string[] | undefined): (string[] | undefined)[] {
  if (!fileIds) return [undefined];
  const ids = [...new Set(fileIds)];
  const groups: string[][] = [];
  for (let from = 0; from < ids.length; from += MOST_FILES) groups.push(ids.slice(from, from + MOST_FILES));
  return groups;
}
