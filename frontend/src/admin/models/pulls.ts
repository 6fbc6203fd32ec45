import {
  CancelModelPullDocument,
  type Client,
  ModelPullDocument,
  type ModelPullFieldsFragment,
  ModelPullsDocument,
  PullModelDocument,
} from '@colloquy/sdk';
import { messageOf } from '../../api/api-error.ts';
import { createStore } from '../../util/store.ts';
import { repeatWhileVisible } from '../../util/wait.ts';

export type Pull = {
  /** The model's full id. */
  model: string;
  /** Null: nothing has been heard of it yet. */
  state: ModelPullFieldsFragment | null;
  /** It was ended here, by this person. */
  isCancelled: boolean;
  /** Why nothing can be heard of it. */
  fault: string | null;
};

export type PullsState = { pulls: readonly Pull[] };

/** So often it is asked what others fetch. */
const LOOK_MS = 5_000;
/** What the server says of a model that nobody has fetched of late. */
const UNKNOWN = 'unknown';
/** Another program fetches it, which can be neither watched nor cancelled. */
const ELSEWHERE = 'elsewhere';

export const isElsewhere = ({ state }: Pull): boolean => state?.status === ELSEWHERE;

/** The models that are being fetched, whoever began it: the server lists them, and then tells of each. */
export function createPulls(client: Client) {
  const store = createStore<PullsState>({ pulls: [] });
  const watches = new Map<string, AbortController>();
  let changed = () => {};

  const find = (model: string) => store.get().pulls.find((pull) => pull.model === model);

  function put(model: string, changes: Partial<Pull>): void {
    const { pulls } = store.get();
    const before = find(model) ?? { model, state: null, isCancelled: false, fault: null };
    const after = { ...before, ...changes };
    store.set({ pulls: find(model) ? pulls.map((pull) => (pull === before ? after : pull)) : [...pulls, after] });
  }

  function drop(model: string): void {
    watches.get(model)?.abort();
    store.set({ pulls: store.get().pulls.filter((pull) => pull.model !== model) });
  }

  function take(model: string, state: ModelPullFieldsFragment): void {
    if (state.status === UNKNOWN) {
      // It ended while nobody looked.
      drop(model);
      changed();
      return;
    }
    put(model, { state, fault: null });
    if (state.done) changed();
  }

  async function watch(model: string): Promise<void> {
    if (watches.has(model)) return;
    const controller = new AbortController();
    const { signal } = controller;
    watches.set(model, controller);
    put(model, {});
    try {
      // A server that goes down completes its streams: the end is what says that it is done.
      for await (const { modelPull } of client.subscribe(ModelPullDocument, { model }, { signal, endless: true })) {
        take(model, modelPull);
        if (modelPull.done) return;
      }
    } catch (error) {
      if (!signal.aborted) put(model, { fault: messageOf(error) });
    } finally {
      if (watches.get(model) === controller) watches.delete(model);
    }
  }

  async function look(signal: AbortSignal): Promise<void> {
    const before = store.get().pulls;
    const { modelPulls } = await client.query(ModelPullsDocument, {}, { signal });
    const isListed = ({ model }: Pull) => modelPulls.some((state) => state.model === model);
    const ended = store.get().pulls.filter((pull) => isElsewhere(pull) && !isListed(pull));
    for (const { model } of ended) drop(model);
    if (ended.length > 0) changed();
    for (const state of modelPulls) {
      const { model } = state;
      const known = find(model);
      // It has ended while the list was on its way.
      if (known?.state?.done && !before.includes(known)) continue;
      if (state.status === ELSEWHERE) put(model, { state, fault: null });
      else if (!watches.has(model)) {
        put(model, { state, isCancelled: false, fault: null });
        void watch(model);
      }
    }
  }

  return {
    store,

    /** Begins to watch. `onChanged`: there is another model, or one is known not to come. Returns what ends it. */
    start(onChanged: () => void): () => void {
      changed = onChanged;
      const controller = new AbortController();
      // The next time it may answer; what is watched is told meanwhile.
      void repeatWhileVisible(LOOK_MS, controller.signal, look, () => {});
      return () => {
        controller.abort();
        for (const watching of watches.values()) watching.abort();
        watches.clear();
      };
    },

    /** Fetches a model, or joins who does. Throws ColloquyError. */
    async begin(model: string): Promise<void> {
      const before = find(model);
      // The server takes a moment before it answers: it waits for the first news.
      put(model, { state: null, isCancelled: false, fault: null });
      const begun = client.mutate(PullModelDocument, { model });
      const { pullModel } = await begun.catch((error: unknown) => {
        if (before) put(model, before);
        else drop(model);
        throw error;
      });
      // The name as the server writes it.
      const id = pullModel.model;
      if (id !== model) drop(model);
      watches.get(id)?.abort();
      watches.delete(id);
      take(id, pullModel);
      if (!pullModel.done) void watch(id);
    },

    /** Throws ColloquyError. */
    async cancel(model: string): Promise<void> {
      put(model, { isCancelled: true });
      try {
        await client.mutate(CancelModelPullDocument, { model });
      } catch (error) {
        put(model, { isCancelled: false });
        throw error;
      }
    },

    /** Shows it no more. */
    dismiss: drop,
  };
}

export type Pulls = ReturnType<typeof createPulls>;
