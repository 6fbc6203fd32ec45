import type { VectorHit, VectorIndex, VectorItem, VectorSpace } from '../../src/ports/vector-index.ts';

/** What a vector index does, in the plainest way: it compares with every vector. */
export function createMemoryVectorIndex(): VectorIndex {
  const spaces = new Map<string, Map<string, VectorItem>>();
  const keyOf = ({ scopeId, model }: VectorSpace) => `${scopeId}\n${model}`;
  const itemsOf = (space: VectorSpace) => [...(spaces.get(keyOf(space))?.values() ?? [])];

  return {
    async upsert(space, items, signal) {
      signal?.throwIfAborted();
      const all = spaces.get(keyOf(space)) ?? new Map<string, VectorItem>();
      if (items.length > 0) spaces.set(keyOf(space), all);
      for (const item of items) all.set(`${item.fileId}:${item.generation}:${item.chunk}`, { ...item });
    },
    async query(space, vector, { limit, fileIds, signal }) {
      signal?.throwIfAborted();
      return itemsOf(space)
        .filter(({ fileId }) => fileIds?.includes(fileId) ?? true)
        .map(
          ({ vector: other, ...item }): VectorHit => ({ ...item, distance: Math.max(0, 1 - likeness(vector, other)) }),
        )
        .sort((one, other) => one.distance - other.distance)
        .slice(0, Math.max(0, limit));
    },
    async removeFile(space, fileId, options = {}) {
      options.signal?.throwIfAborted();
      const all = spaces.get(keyOf(space));
      for (const [key, item] of all ?? []) {
        if (item.fileId === fileId && item.generation !== options.keepGeneration) all?.delete(key);
      }
    },
    async removeSpace(space, signal) {
      signal?.throwIfAborted();
      spaces.delete(keyOf(space));
    },
    async count(space, signal) {
      signal?.throwIfAborted();
      return itemsOf(space).length;
    },
    state: async () => ({ status: 'OK', latencyMs: 0, message: null }),
    dispose: async () => {},
  };
}

function likeness(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
}
