import type { Client, FileFieldsFragment, FileFilter } from '@colloquy/sdk';
import { messageOf } from '../api/api-error.ts';
import { createStore } from '../util/store.ts';
import { createFileWatch } from './file-watch.ts';

export type KnownFile = FileFieldsFragment;

export type FileListState = {
  filter: FileFilter;
  /** Of those that have been read, the newest first. */
  ids: readonly string[];
  byId: ReadonlyMap<string, KnownFile>;
  total: number | null;
  cursor: string | null;
  hasMore: boolean;
  state: 'idle' | 'loading' | 'failed';
};

const PAGE = 50;
const UNREAD = { ids: [], total: null, cursor: null, hasMore: true, state: 'idle' } as const;

export const isBeingRead = ({ status }: KnownFile): boolean => status === 'QUEUED' || status === 'PROCESSING';

/** The files that are shown, as the server last told them, and those that are being read as they get on. */
export function createFileList(client: Client) {
  const store = createStore<FileListState>({ ...UNREAD, filter: {}, byId: new Map() });
  const watch = createFileWatch(client, put);
  let asked = 0;

  function put(file: KnownFile): void {
    store.set({ byId: new Map(store.get().byId).set(file.id, file) });
    watch.follow([...store.get().byId.values()].filter(isBeingRead));
  }

  /** A file that has just come: at the top of the list, where it belongs to what is shown. */
  function add(file: KnownFile): void {
    put(file);
    const { ids, filter, total } = store.get();
    if (ids.includes(file.id) || (filter.collectionId && filter.collectionId !== file.collection?.id)) return;
    store.set({ ids: [file.id, ...ids], total: total === null ? null : total + 1 });
  }

  function forget(id: string): void {
    const byId = new Map(store.get().byId);
    const { ids, total } = store.get();
    if (!byId.delete(id)) return;
    const rest = ids.filter((known) => known !== id);
    store.set({ byId, ids: rest, total: total === null || rest.length === ids.length ? total : total - 1 });
    watch.follow([...byId.values()].filter(isBeingRead));
  }

  async function more(): Promise<void> {
    const { filter, cursor, hasMore, state } = store.get();
    if (!hasMore || state === 'loading') return;
    const order = asked;
    store.set({ state: 'loading' });
    try {
      const { edges, pageInfo, totalCount } = await client.files({ first: PAGE, after: cursor, filter });
      if (order !== asked) return;
      const read = edges.map(({ node }) => node);
      const { byId, ids } = store.get();
      const known = cursor === null ? [] : ids;
      store.set({
        byId: new Map([...byId, ...read.map((file) => [file.id, file] as const)]),
        ids: [...known, ...read.map(({ id }) => id).filter((id) => !known.includes(id))],
        total: totalCount,
        cursor: pageInfo.endCursor,
        hasMore: pageInfo.hasNextPage,
        state: 'idle',
      });
      watch.follow([...store.get().byId.values()].filter(isBeingRead));
    } catch {
      if (order === asked) store.set({ state: 'failed' });
    }
  }

  /** Reads the list from its beginning. What is shown stays until there is something newer. */
  function reload(): Promise<void> {
    asked += 1;
    store.set({ cursor: null, hasMore: true, state: 'idle' });
    return more();
  }

  return {
    store,
    put,
    add,
    forget,
    more,

    /** Unless a person has gone further down: the place would be lost. */
    async refresh(): Promise<void> {
      if (store.get().ids.length <= PAGE) await reload();
    },

    async show(filter: FileFilter): Promise<void> {
      const before = store.get().filter;
      const isSame = before.collectionId === filter.collectionId;
      // Files of another collection are no good even for a moment.
      store.set({ filter, ...(!isSame && { ids: [], total: null }) });
      await reload();
    },

    /** Returns what went wrong. */
    async retry(id: string): Promise<string | null> {
      try {
        put(await client.retryFile(id));
        return null;
      } catch (error) {
        return messageOf(error);
      }
    },

    async remove(id: string): Promise<void> {
      await client.deleteFile(id);
      forget(id);
    },

    dispose: watch.dispose,
  };
}

export type FileList = ReturnType<typeof createFileList>;
