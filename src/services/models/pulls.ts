import { LRUCache } from 'lru-cache';
import { AppError, badInput } from '../../errors.ts';
import type { Actor, AuditAction, RecordAudit } from '../../ports/audit-log.ts';
import type { Bus } from '../../ports/bus.ts';
import type { ProviderName } from '../../ports/language-model.ts';
import type { ModelStore, PullState, RemoteFile } from '../../ports/model-store.ts';
import { cancellable } from '../../util/cancellable.ts';
import type { Delay } from '../../util/delay.ts';
import { formatModelId, type ModelId, parseModelId } from '../../util/model-id.ts';
import { createTransferRate } from '../../util/transfer-rate.ts';

export type PullsDependencies = {
  stores: ModelStore[];
  bus: Bus;
  record: RecordAudit;
  delay: Delay;
  /** In milliseconds, of a clock that is not set. */
  clock: () => number;
  /** A provider has another model now, or one less. */
  changed: (provider: ProviderName) => void;
  logError: (error: unknown, context: Record<string, unknown>) => void;
};

export type Pulls = ReturnType<typeof createPulls>;

type Running = { state: PullState; controller: AbortController; done: Promise<void> };

/** At a time, on one instance. */
const MOST_RUNNING = 4;
const MOST_REMEMBERED = 100;
const REMEMBERED_MS = 3_600_000;
/** So often a watcher is told of bytes. */
const TELL_MS = 250;
/** How long whoever asks for a pull waits for its first news: what cannot be had is mostly known by then. */
const FIRST_NEWS_MS = 2_000;
/** Another instance that pulls would have been heard by then. */
const ELSEWHERE_MS = 3_000;
const RECENT_MS = 10_000;
/** Another instance that has said nothing for so long is gone. */
const SILENT_MS = 120_000;

/** Gets models, each once at a time, and tells whoever watches how far it is. */
export function createPulls(deps: PullsDependencies) {
  const { bus, clock, delay } = deps;
  const stores = new Map(deps.stores.map((store) => [store.provider, store]));
  const running = new Map<string, Running>();
  const ended = new LRUCache<string, { state: PullState; at: number }>({ max: MOST_REMEMBERED, ttl: REMEMBERED_MS });
  /** What goes on on all instances, by its newest news. */
  const heard = new LRUCache<string, PullState>({ max: MOST_REMEMBERED, ttl: SILENT_MS });
  /** What other processes were getting when somebody last asked. */
  const foreign = new Map<ProviderName, string[]>();
  const endings: (() => void)[] = [
    ...[...stores.keys()].map((provider) => bus.subscribe('models-changed', provider, () => deps.changed(provider))),
    bus.subscribe('model-pull', 'all', (state) => {
      if (state.done) heard.delete(state.model);
      else heard.set(state.model, state);
    }),
  ];

  function read(model: string, field: string): ModelId & { id: string; store: ModelStore } {
    const parsed = parseModelId(model, field);
    const store = stores.get(parsed.provider);
    if (!store) {
      const able = [...stores.keys()].join(' and ');
      throw badInput({
        [field]: `Models of ${parsed.provider} cannot be pulled or removed here, those of ${able} can.`,
      });
    }
    return { ...parsed, id: formatModelId(parsed), store };
  }

  /** Begins to get the model, or joins who does. Answers once there is news of it. Throws BAD_USER_INPUT, RATE_LIMITED. */
  async function pull(actor: Actor, model: string): Promise<PullState> {
    const { id, name, store } = read(model, 'model');
    store.check(name, 'model');
    const entry = running.get(id) ?? begin(id, name, store);
    await recordOf(actor, 'model-pull-ordered', id);
    await Promise.race([entry.done, delay(FIRST_NEWS_MS, entry.controller.signal)]);
    return entry.state;
  }

  function recordOf(actor: Actor, action: AuditAction, model: string): Promise<void> {
    return deps.record({ actor, action, subject: { type: 'Model', id: null, name: model } });
  }

  function begin(id: string, source: string, store: ModelStore): Running {
    if (running.size >= MOST_RUNNING) {
      const message = `${MOST_RUNNING} models are being pulled already. Wait until one of them is there.`;
      throw new AppError({ code: 'RATE_LIMITED', message, retryable: true });
    }
    const controller = new AbortController();
    const state = { ...EMPTY, model: id, status: 'waiting' };
    const entry: Running = { state, controller, done: Promise.resolve() };
    running.set(id, entry);
    entry.done = run(entry, source, store);
    return entry;
  }

  async function run(entry: Running, source: string, store: ModelStore): Promise<void> {
    const { controller } = entry;
    const { model } = entry.state;
    const deafen = bus.subscribe('model-pull-cancel', model, () => controller.abort(CANCELLED));
    const rate = createTransferRate(clock);
    let toldAt = Number.NEGATIVE_INFINITY;
    const tell = (state: PullState) => {
      entry.state = state;
      bus.publish('model-pull', 'all', state);
    };
    try {
      for await (const progress of store.pull(source, controller.signal)) {
        const state = {
          ...entry.state,
          ...progress,
          bytesPerSecond: progress.completedBytes === null ? null : rate(progress.completedBytes),
        };
        const isNews = progress.status !== entry.state.status;
        entry.state = state;
        if (!isNews && clock() - toldAt < TELL_MS) continue;
        toldAt = clock();
        tell(state);
      }
      deps.changed(store.provider);
      bus.publish('models-changed', store.provider, {});
      tell({ ...entry.state, status: 'done', bytesPerSecond: null, done: true });
    } catch (error) {
      tell({
        ...entry.state,
        status: 'failed',
        bytesPerSecond: null,
        done: true,
        error: reasonOf(error, controller.signal),
      });
      if (!(error instanceof AppError) && !controller.signal.aborted) deps.logError(error, { during: 'pull', model });
    } finally {
      deafen();
      running.delete(model);
      ended.set(model, { state: entry.state, at: clock() });
    }
  }

  /** How far the pull of a model is, from now to its end, on whichever instance it runs. */
  function watch(model: string, outer?: AbortSignal): AsyncIterableIterator<PullState> {
    const { id } = read(model, 'model');
    return cancellable((signal) => states(id, signal), outer);
  }

  async function* states(id: string, signal: AbortSignal): AsyncGenerator<PullState> {
    const before = ended.get(id);
    // One that ended long ago may have been begun again elsewhere: that would be heard soon.
    const isRecent = before !== undefined && clock() - before.at < RECENT_MS;
    let newest = running.get(id)?.state ?? (isRecent ? before.state : undefined);
    let wake = () => {};
    const unsubscribe = bus.subscribe('model-pull', 'all', (state) => {
      if (state.model !== id) return;
      newest = state;
      wake();
    });
    try {
      let patience = newest ? SILENT_MS : ELSEWHERE_MS;
      while (!signal.aborted) {
        const state = newest;
        newest = undefined;
        if (state) {
          patience = SILENT_MS;
          yield state;
          if (state.done) return;
          continue;
        }
        const woken = new AbortController();
        wake = () => woken.abort('news');
        await delay(patience, AbortSignal.any([signal, woken.signal]));
        wake = () => {};
        if (newest || signal.aborted || running.has(id)) continue;
        const unknown = { ...EMPTY, model: id, status: 'unknown', done: true, error: 'Nobody is pulling this model.' };
        yield before?.state ?? unknown;
        return;
      }
    } finally {
      unsubscribe();
    }
  }

  async function foreignOf({ provider, elsewhere }: ModelStore): Promise<PullState[]> {
    const pulls = elsewhere ? await elsewhere() : [];
    const states = pulls.map(({ name, ...bytes }) => ({
      ...EMPTY,
      ...bytes,
      model: formatModelId({ provider, name }),
      status: ELSEWHERE,
    }));
    // One that has ended may be a model by now, of which nobody else tells.
    const hasEnded = (foreign.get(provider) ?? []).some((before) => states.every(({ model }) => model !== before));
    if (hasEnded) deps.changed(provider);
    foreign.set(
      provider,
      states.map(({ model }) => model),
    );
    return states;
  }

  /** Those that go on now: here, on other instances, and in other processes as far as they can be seen. */
  async function all(): Promise<PullState[]> {
    const here = [...running.values()].map(({ state }) => state);
    const there = [...heard.values()].filter(({ model }) => !running.has(model));
    const known = [...here, ...there];
    const others = await Promise.all([...stores.values()].map(foreignOf));
    return [...known, ...others.flat().filter(({ model }) => !known.some((state) => isOf(state.model, model)))];
  }

  return {
    pull,
    watch,
    all,
    /** Ends the pull of a model, wherever it runs. What there is of it is kept for the next one. */
    async cancel(actor: Actor, model: string): Promise<void> {
      const { id } = read(model, 'model');
      bus.publish('model-pull-cancel', id, {});
      await recordOf(actor, 'model-pull-cancelled', id);
    },
    /** Returns the full id. Throws NOT_FOUND. */
    async remove(actor: Actor, model: string): Promise<string> {
      const { id, name, store } = read(model, 'model');
      await store.remove(name, new AbortController().signal);
      deps.changed(store.provider);
      bus.publish('models-changed', store.provider, {});
      await recordOf(actor, 'model-removed', id);
      return id;
    },
    /** What a source offers. Throws BAD_USER_INPUT where it cannot be asked. */
    async files(source: string): Promise<RemoteFile[]> {
      const { name, store } = read(source, 'source');
      if (!store.files) throw badInput({ source: `What ${store.provider} could pull cannot be listed.` });
      const signal = AbortSignal.timeout(FILES_MS);
      try {
        return await store.files(name, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        const message = `What ${store.provider} offers was not told within ${FILES_MS / 1_000} s.`;
        throw new AppError({ code: 'PROVIDER_UNAVAILABLE', message, retryable: true });
      }
    },
    async dispose(): Promise<void> {
      for (const { controller } of running.values()) controller.abort(SHUTDOWN);
      await Promise.all([...running.values()].map(({ done }) => done));
      for (const end of endings) end();
    },
  };
}

const FILES_MS = 45_000;
/** The status of a pull that can be neither watched nor cancelled. */
const ELSEWHERE = 'elsewhere';
const CANCELLED = 'cancelled';
const SHUTDOWN = 'shutdown';
const EMPTY = { completedBytes: null, totalBytes: null, bytesPerSecond: null, done: false, error: null };

/** Whether what was asked for, by a path or a quantization, has become the file of this name. */
function isOf(asked: string, file: string): boolean {
  const [source = ''] = asked.split('#');
  return file
    .toLowerCase()
    .includes(source.slice(Math.max(source.lastIndexOf('/'), source.lastIndexOf(':')) + 1).toLowerCase());
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.reason === CANCELLED) return 'It was cancelled. Pull it again, and it goes on where it was.';
  if (signal.aborted) return 'The server was stopped. Pull it again, and it goes on where it was.';
  return error instanceof AppError ? error.message : 'Something went wrong on the server. The fault has been logged.';
}
