import type { Client, ConversationFieldsFragment, ConversationFilter } from '@colloquy/sdk';
import { createStore } from '../util/store.ts';

export type Conversation = ConversationFieldsFragment;

/** How much of a list has been read from the server. */
export type Extent = {
  cursor: string | null;
  hasMore: boolean;
  /** The least activity that has been read: what is older is not shown yet, for there may be others in between. */
  floor: number;
  state: 'idle' | 'loading' | 'failed';
};

export type ConversationsState = {
  byId: ReadonlyMap<string, Conversation>;
  recent: Extent;
  archive: Extent;
  search: (Extent & { text: string; ids: readonly string[] }) | null;
};

export type ListName = 'recent' | 'archive' | 'search';

const UNREAD: Extent = { cursor: null, hasMore: true, floor: Number.POSITIVE_INFINITY, state: 'idle' };
const PAGE = 50;
/** Pins are few; they are read at once. */
const PINS = 100;

const REFRESH_AGAIN_MS = [500, 2_000, 5_000];

const activities = new WeakMap<Conversation, number>();

/** What the lists are sorted by, here and on the server. Kept: a list of thousands is sorted for every change in it. */
export function activityOf(conversation: Conversation): number {
  const known = activities.get(conversation) ?? Date.parse(conversation.activeAt);
  activities.set(conversation, known);
  return known;
}

/** The conversations that the page knows of, as the server last told them. */
export function createConversationLists(client: Client) {
  const store = createStore<ConversationsState>({ byId: new Map(), recent: UNREAD, archive: UNREAD, search: null });
  const deleted = new Set<string>();
  /** Grows whenever a list is read from its beginning: what was asked before that is no news. */
  const epochs: Record<ListName, number> = { recent: 0, archive: 0, search: 0 };
  let searching = new AbortController();

  const filterOf = (name: ListName): ConversationFilter => {
    if (name === 'search') return { text: store.get().search?.text ?? '' };
    return name === 'archive' ? { archived: true } : { archived: false, pinned: false };
  };

  function put(conversations: readonly Conversation[]): void {
    const byId = new Map(store.get().byId);
    for (const conversation of conversations)
      if (!deleted.has(conversation.id)) byId.set(conversation.id, conversation);
    store.set({ byId });
  }

  function forget(id: string): void {
    deleted.add(id);
    const byId = new Map(store.get().byId);
    if (byId.delete(id)) store.set({ byId });
  }

  function setExtent(name: ListName, changes: Partial<Extent> & { ids?: readonly string[] }): void {
    const extent = store.get()[name];
    if (extent) store.set({ [name]: { ...extent, ...changes } });
  }

  /** Reads the next page of a list. `anew`: its first one, and forgets what was known before. */
  async function more(name: ListName, anew = false): Promise<void> {
    const extent = anew ? UNREAD : store.get()[name];
    if (!extent?.hasMore || (extent.state === 'loading' && !anew)) return;
    if (extent.cursor === null) epochs[name] += 1;
    const epoch = epochs[name];
    const isOld = () => epoch !== epochs[name];
    setExtent(name, { state: 'loading' });
    try {
      const page = { first: PAGE, after: extent.cursor, filter: filterOf(name) };
      const [read, pins] = await Promise.all([
        client.conversations(page, name === 'search' ? { signal: searching.signal } : {}),
        name === 'recent' && extent.cursor === null
          ? client.conversations({ first: PINS, filter: { archived: false, pinned: true } })
          : null,
      ]);
      if (isOld()) return;
      const nodes = read.edges.map(({ node }) => node);
      if (anew && name === 'recent') {
        epochs.archive += 1;
        store.set({ byId: new Map(), archive: UNREAD });
      }
      put([...nodes, ...(pins?.edges ?? []).map(({ node }) => node)]);
      const { endCursor, hasNextPage } = read.pageInfo;
      const known = extent.cursor === null ? [] : (store.get().search?.ids ?? []);
      setExtent(name, {
        cursor: endCursor,
        hasMore: hasNextPage,
        floor: hasNextPage ? Math.min(extent.floor, ...nodes.map(activityOf)) : Number.NEGATIVE_INFINITY,
        state: 'idle',
        ...(name === 'search' && { ids: [...new Set([...known, ...nodes.map(({ id }) => id)])] }),
      });
    } catch {
      if (!isOld()) setExtent(name, { state: 'failed' });
    }
  }

  return {
    store,
    put,
    forget,
    more,

    /** Reads everything anew, after a gap in which changes may have been missed: what made the gap may not be over. */
    async refresh(): Promise<void> {
      await more('recent', true);
      // What it has found was forgotten with the rest.
      if (store.get().search) await more('search', true);
      for (const pause of REFRESH_AGAIN_MS) {
        if (store.get().recent.state !== 'failed') return;
        await new Promise((resolve) => setTimeout(resolve, pause));
        if (store.get().recent.state === 'failed') await more('recent', true);
      }
    },

    /** Looks for a text; an empty one ends the search. */
    async search(text: string): Promise<void> {
      epochs.search += 1;
      searching.abort();
      searching = new AbortController();
      const wanted = text.trim();
      if (wanted === '') return store.set({ search: null });
      // What was found before stays until there is something newer: a list that flickers is hard to read.
      store.set({ search: { ...UNREAD, text: wanted, ids: store.get().search?.ids ?? [] } });
      await more('search');
    },
  };
}

export type ConversationLists = ReturnType<typeof createConversationLists>;
