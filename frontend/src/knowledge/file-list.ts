import type { Client, FileFieldsFragment, FileFilter } from '@colloquy/sdk';
import { messageOf } from '../api/api-error.ts';
import { deleteForSure } from '../api/delete-for-sure.ts';
import { createStore } from '../util/store.ts';
import { createFileWatch } from './file-watch.ts';

export type KnownFile = FileFieldsFragment;

export type FileListState = {
  filter: FileFilter;
  /** Of those that have been read, the newest first. */
  ids: readonly string[];
  byId: ReadonlyMap<string, KnownFile>;
  /** That have come since, and are not among those that the filter lets through. */
  apart: ReadonlySet<string>;
  total: number | null;
  cursor: string | null;
  hasMore: boolean;
  state: 'idle' | 'loading' | 'failed';
};

const PAGE = 50;
const UNREAD = { ids: [], apart: new Set<string>(), total: null, cursor: null, hasMore: true, state: 'idle' } as const;

export const isBeingRead = ({ status }: KnownFile): boolean => status === 'QUEUED' || status === 'PROCESSING';

/** As the server has it. */
const isLetThrough = ({ name, status }: KnownFile, filter: FileFilter): boolean =>
  (!filter.status || status === filter.status) &&
  (!filter.text || name.toLowerCase().includes(filter.text.toLowerCase()));

/** The files that are shown, as the server last told them, and those that are being read as they get on. */
export function createFileList(client: Client) {
  const store = createStore<FileListState>({ ...UNREAD, filter: {}, byId: new Map() });
  const watch = createFileWatch(client, put);
  let asked = 0;

  function put(file: KnownFile): void {
    store.set({ byId: new Map(store.get().byId).set(file.id, file) });
    watch.follow([...store.get().byId.values()].filter(isBeingRead));
    // It may have been read meanwhile. What is listed stays where it is, whatever becomes of it.
    if (store.get().apart.has(file.id)) place(file);
  }

  /** A file that has just come: at the top of the list, where it belongs to what is shown. */
  function add(file: KnownFile): void {
    put(file);
    const { ids, filter } = store.get();
    if (ids.includes(file.id) || (filter.collectionId && filter.collectionId !== file.collection?.id)) return;
    place(file);
  }

  function place(file: KnownFile): void {
    const { ids, filter, total } = store.get();
    const apart = new Set(store.get().apart);
    if (!isLetThrough(file, filter)) {
      store.set({ apart: apart.add(file.id) });
      return;
    }
    apart.delete(file.id);
    store.set({ apart, ids: [file.id, ...ids], total: total === null ? null : total + 1 });
  }

  function forget(id: string): void {
    const byId = new Map(store.get().byId);
    const { ids, total } = store.get();
    if (!byId.delete(id)) return;
    const rest = ids.filter((known) => known !== id);
    const apart = new Set(store.get().apart);
    apart.delete(id);
    store.set({ byId, apart, ids: rest, total: total === null || rest.length === ids.length ? total : total - 1 });
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
      const apart = new Set(store.get().apart);
      for (const { id } of read) apart.delete(id);
      store.set({
        apart,
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
      store.set({ filter, apart: UNREAD.apart, ...(!isSame && { ids: [], total: null }) });
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
      await deleteForSure(client.deleteFile(id));
      forget(id);
    },

    dispose: watch.dispose,
  };
}

export type FileList = ReturnType<typeof createFileList>;
