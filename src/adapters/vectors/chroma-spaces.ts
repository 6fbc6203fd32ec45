import { createHash } from 'node:crypto';
import type { ChromaClient, Collection } from 'chromadb';
import { LRUCache } from 'lru-cache';
import type { VectorSpace } from '../../ports/vector-index.ts';
import { isNotFound } from './chroma-calls.ts';

const KNOWN_SPACES = 10_000;

/** Within Chroma's rules for names, and the same on every instance. */
export function collectionName({ scopeId, model }: VectorSpace): string {
  const hash = createHash('sha256').update(`${scopeId}\n${model}`).digest('hex');
  return `colloquy-${hash.slice(0, 40)}`;
}

/** The Chroma collections of the spaces. Their ids are kept, until Chroma knows one no more. */
export function createChromaSpaces() {
  const ids = new LRUCache<string, string>({ max: KNOWN_SPACES });

  async function resolve(client: ChromaClient, space: VectorSpace, create: boolean): Promise<Collection | null> {
    const name = collectionName(space);
    const known = ids.get(name);
    if (known !== undefined) return client.collection(known);
    const collection = create ? await getOrCreate(client, name, space) : await find(client, name);
    if (!collection) return null;
    ids.set(name, collection.id);
    return client.collection(collection.id);
  }

  /** A collection that another instance has removed, or that went with all the others, is looked for again once. */
  async function use<Result>(
    client: ChromaClient,
    space: VectorSpace,
    create: boolean,
    work: (collection: Collection) => Promise<Result>,
  ): Promise<Result | null> {
    for (let again = false; ; again = true) {
      const collection = await resolve(client, space, create);
      if (!collection) return null;
      try {
        return await work(collection);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        ids.delete(collectionName(space));
        if (again && !create) return null;
        if (again) throw error;
      }
    }
  }

  return {
    /** Null, without work, where there is no such collection. */
    existing: <Result>(client: ChromaClient, space: VectorSpace, work: (collection: Collection) => Promise<Result>) =>
      use(client, space, false, work),
    /** Made where there is none. */
    created: async (client: ChromaClient, space: VectorSpace, work: (collection: Collection) => Promise<void>) => {
      await use(client, space, true, work);
    },
    async remove(client: ChromaClient, space: VectorSpace): Promise<void> {
      const name = collectionName(space);
      ids.delete(name);
      await client.deleteCollection({ name }).catch(ignoreMissing);
    },
  };
}

function getOrCreate(client: ChromaClient, name: string, { scopeId, model }: VectorSpace): Promise<Collection> {
  return client.getOrCreateCollection({
    name,
    // Otherwise the client looks for a package that embeds, and warns.
    embeddingFunction: null,
    configuration: { hnsw: { space: 'cosine' } },
    // For people who look into Chroma: the name says nothing.
    metadata: { madeBy: 'colloquy', scopeId, model },
  });
}

async function find(client: ChromaClient, name: string): Promise<Collection | null> {
  return (await client.getCollection({ name }).catch(ignoreMissing)) ?? null;
}

function ignoreMissing(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
