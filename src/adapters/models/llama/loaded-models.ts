import { AppError } from '../../../errors.ts';
import { orAborted } from '../../../util/or-aborted.ts';
import { createPlaces, type Places } from '../../../util/places.ts';
import type { Loaded, LoadSettings } from './messages.ts';
import type { ModelFile } from './model-files.ts';
import { Refusal } from './refusal.ts';
import { Ended, type Runner, startRunner } from './runner.ts';

/** A model in memory, for as long as it is used. */
export type Use = { runner: Runner; facts: Loaded; places: Places; release(): void };

export type LoadedModels = {
  /** Loads it where it is not loaded. Throws Refusal, AppError, or the reason of `signal`: the loading then goes on. */
  use(file: ModelFile, signal: AbortSignal): Promise<Use>;
  /** Unless somebody uses it. */
  unload(name: string): Promise<void>;
  /** What is known of a model that is in memory. */
  factsOf(name: string): Loaded | null;
  /** Waits and answers of all of them. */
  loads(): Places[];
  /** Its process ended by itself a moment ago: it is not loaded again so soon. */
  restingFrom(name: string): boolean;
  dispose(): Promise<void>;
};

export type LoadOptions = {
  settings: LoadSettings;
  /** A model that is not used for so long is unloaded. Null: never. */
  idleMs: number | null;
  /** In memory at a time. */
  most: number;
  environment: Record<string, string>;
  log: (message: string) => void;
  warn: (message: string) => void;
};

type Entry = {
  file: ModelFile;
  runner: Runner;
  loading: Promise<Loaded>;
  facts: Loaded | null;
  places: Places;
  users: number;
  usedAt: number;
  timer: NodeJS.Timeout | undefined;
};

/** After its process ended by itself: a file that crashes llama.cpp is not tried for every turn. */
const REST_MS = 5_000;

/** The models that are in memory, each in a process of its own: loaded when one is asked for, unloaded when none is. */
export function createLoadedModels(options: LoadOptions): LoadedModels {
  const { settings, idleMs, most, environment, log, warn } = options;
  const entries = new Map<string, Entry>();
  const rests = new Map<string, number>();
  let waiting: (() => void)[] = [];
  let uses = 0;
  let isDisposed = false;

  /** Counted as used from the moment that it is found: nobody unloads it in between. */
  async function enter(file: ModelFile, signal: AbortSignal): Promise<Entry> {
    for (;;) {
      if (isDisposed) throw shuttingDown();
      const entry = entries.get(file.name);
      // Somebody may have put another file in its place. Whoever is at work with the old one is not disturbed.
      if (entry && (entry.file.version === file.version || entry.users > 0)) return counted(entry);
      if (entry) await unload(entry);
      else if (restingFrom(file.name)) throw resting(file.name);
      else if (entries.size < most) return counted(load(file));
      else await makeRoom(signal);
    }
  }

  function counted(entry: Entry): Entry {
    clearTimeout(entry.timer);
    entry.users++;
    entry.usedAt = ++uses;
    return entry;
  }

  /** Unloads the one that has not been used for longest; where all are in use, waits for one. */
  async function makeRoom(signal: AbortSignal): Promise<void> {
    const idle = [...entries.values()].filter(({ users }) => users === 0).sort((a, b) => a.usedAt - b.usedAt);
    if (idle[0]) return unload(idle[0]);
    const freed = Promise.withResolvers<void>();
    waiting.push(freed.resolve);
    await orAborted(freed.promise, signal);
  }

  function load(file: ModelFile): Entry {
    const runner = startRunner({ environment, log: (message) => log(`${file.name}: ${message}`) });
    const entry: Entry = {
      file,
      runner,
      loading: runner.call('load', { path: file.path, settings }),
      facts: null,
      places: createPlaces('llama-cpp', 0),
      users: 0,
      usedAt: 0,
      timer: undefined,
    };
    entries.set(file.name, entry);
    entry.loading = entry.loading.then((facts) => {
      entry.facts = facts;
      entry.places.resize(facts.places);
      return facts;
    });
    entry.loading.catch(() => forget(entry));
    void runner.ended.then((reason) => {
      if (entries.get(file.name) !== entry) return;
      rests.set(file.name, performance.now() + REST_MS);
      warn(`The process of the model ${file.name} has ended by itself. ${reason}`);
      forget(entry);
    });
    return entry;
  }

  function forget(entry: Entry): void {
    if (entries.get(entry.file.name) === entry) entries.delete(entry.file.name);
    clearTimeout(entry.timer);
    void entry.runner.kill();
    wake();
  }

  async function unload(entry: Entry): Promise<void> {
    forget(entry);
    await entry.runner.ended;
  }

  function wake(): void {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  }

  function restingFrom(name: string): boolean {
    const until = rests.get(name);
    if (until === undefined) return false;
    if (performance.now() < until) return true;
    rests.delete(name);
    return false;
  }

  function release(entry: Entry): void {
    entry.users--;
    if (entry.users > 0) return;
    wake();
    if (idleMs === null || entries.get(entry.file.name) !== entry) return;
    entry.timer = setTimeout(() => {
      log(`${entry.file.name} is unloaded: nobody has used it for a while.`);
      void unload(entry);
    }, idleMs);
    entry.timer.unref();
  }

  return {
    async use(file, signal) {
      signal.throwIfAborted();
      const entry = await enter(file, signal);
      let isReleased = false;
      const releaseOnce = () => {
        if (!isReleased) release(entry);
        isReleased = true;
      };
      try {
        const facts = await orAborted(entry.loading, signal);
        return { runner: entry.runner, facts, places: entry.places, release: releaseOnce };
      } catch (error) {
        releaseOnce();
        throw error;
      }
    },
    async unload(name) {
      const entry = entries.get(name);
      if (entry?.users === 0) await unload(entry);
    },
    factsOf: (name) => entries.get(name)?.facts ?? null,
    loads: () => [...entries.values()].map(({ places }) => places),
    restingFrom,
    async dispose() {
      isDisposed = true;
      const all = [...entries.values()];
      for (const entry of all) forget(entry);
      await Promise.all(all.map(({ runner }) => runner.ended));
    },
  };
}

function shuttingDown(): AppError {
  return new AppError({ code: 'UNAVAILABLE', message: 'The server is shutting down.', retryable: true });
}

function resting(name: string): AppError {
  const message = `The model ${name} failed a moment ago; it is left alone for some seconds.`;
  return new AppError({ code: 'PROVIDER_UNAVAILABLE', message, retryable: true, retryAfterSeconds: 5 });
}

/** In words for whoever asked. */
export function toAppError(error: unknown, name: string): unknown {
  if (error instanceof Ended) {
    const message = `The process of the model ${name} ended in the middle of its work.`;
    return new AppError({ code: 'PROVIDER_UNAVAILABLE', message, retryable: true, cause: error });
  }
  if (!(error instanceof Refusal)) return error;
  const { kind, message } = error;
  if (kind === 'input' || kind === 'too-long') return new AppError({ code: 'BAD_USER_INPUT', message, cause: error });
  if (kind === 'fault') {
    const text = `llama.cpp failed with the model ${name}.`;
    return new AppError({ code: 'PROVIDER_UNAVAILABLE', message: text, retryable: true, cause: error });
  }
  return new AppError({
    code: 'PROVIDER_UNAVAILABLE',
    message: `llama-cpp cannot use ${name}: ${message}`,
    cause: error,
  });
}
