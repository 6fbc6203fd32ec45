import type { Client, CollectionFieldsFragment, Visibility } from '@colloquy/sdk';
import { deleteForSure } from '../api/delete-for-sure.ts';
import { coalesced } from '../util/coalesced.ts';
import { createStore } from '../util/store.ts';

export type Collection = CollectionFieldsFragment;

export type CollectionsState = { all: readonly Collection[]; state: 'unread' | 'loading' | 'ready' | 'failed' };

const PAGE = 100;
/** Nobody looks through more of them. */
const MOST_PAGES = 5;

const byName = (one: Collection, other: Collection) => one.name.localeCompare(other.name);

/** The collections that the viewer may search: own ones and shared ones, by name. */
export function createCollections(client: Client) {
  const store = createStore<CollectionsState>({ all: [], state: 'unread' });

  function put(collection: Collection): void {
    const others = store.get().all.filter(({ id }) => id !== collection.id);
    store.set({ all: [...others, collection].sort(byName) });
  }

  // Many files that come one after the other ask for it each.
  const refresh = coalesced(read);

  async function read(): Promise<void> {
    if (store.get().state !== 'ready') store.set({ state: 'loading' });
    try {
      const all: Collection[] = [];
      let after: string | null = null;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const { edges, pageInfo }: Awaited<ReturnType<Client['collections']>> = await client.collections({
          first: PAGE,
          after,
        });
        all.push(...edges.map(({ node }) => node));
        after = pageInfo.endCursor;
        if (!pageInfo.hasNextPage) break;
      }
      store.set({ all: all.sort(byName), state: 'ready' });
    } catch {
      if (store.get().state !== 'ready') store.set({ state: 'failed' });
    }
  }

  return {
    store,
    refresh,

    /** Once, when somebody first looks. */
    async need(): Promise<void> {
      const { state } = store.get();
      if (state === 'unread' || state === 'failed') await refresh();
    },

    async create(collection: {
      name: string;
      description: string | null;
      visibility: Visibility;
    }): Promise<Collection> {
      const made = await client.createCollection(collection);
      put(made);
      return made;
    },

    async update(id: string, changes: { name: string; description: string | null }): Promise<void> {
      put(await client.updateCollection({ id, ...changes }));
    },

    async remove(id: string): Promise<void> {
      await deleteForSure(client.deleteCollection(id));
      store.set({ all: store.get().all.filter((collection) => collection.id !== id) });
    },
  };
}

export type Collections = ReturnType<typeof createCollections>;
