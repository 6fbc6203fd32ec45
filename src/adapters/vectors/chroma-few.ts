import type { Collection, Where } from 'chromadb';

/** So many are compared faster than they are looked for in the graph of all, and their transfer is no burden yet. */
const FEW = 300;

/**
 * The distances of all vectors that `where` leaves, if they are few: the ids of these, nearest first. Chroma walks through
 * its graph of neighbours until it has met enough that it may show, which takes the longer the fewer those are: among
 * 100,000 vectors, 0.15 s for a file of 100. Null: they are many, or no vectors of that length.
 */
export async function nearestOfFew(
  collection: Collection,
  where: Where,
  vector: Float32Array,
): Promise<{ id: string; distance: number }[] | null> {
  const { ids } = await collection.get({ where, include: [], limit: FEW + 1 });
  if (ids.length > FEW) return null;
  if (ids.length === 0) return [];
  const found = await collection.get({ ids, include: ['embeddings'] });
  if (found.embeddings.some((embedding) => embedding?.length !== vector.length)) return null;
  return found.ids
    .map((id, index) => ({ id, distance: 1 - product(vector, found.embeddings[index] ?? []) }))
    .sort((one, other) => one.distance - other.distance);
}

/** Both have length 1, so that this is the cosine. */
function product(one: Float32Array, other: number[]): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += (one[index] ?? 0) * (other[index] ?? 0);
  return sum;
}
