import { AppError } from '../../../errors.ts';
import type { ModelLoad } from '../../../ports/language-model.ts';
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
  /** Waits and answers of all of them, and of those who wait for room for theirs. */
  loads(): ModelLoad[];
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
/** So long others may go on with the models that are loaded while somebody waits for another one. */
const PATIENCE_MS = 5_000;
const MOST_WAITING = 1_000;
const LOAD_MS = 900_000;

type Waiting = PromiseWithResolvers<void> & { name: string; since: number };

/** The models that are in memory, each in a process of its own: loaded when one is asked for, unloaded when none is. */
export function createLoadedModels(options: LoadOptions): LoadedModels {
  const { settings, idleMs, most, environment, log, warn } = options;
  const entries = new Map<string, Entry>();
  const rests = new Map<string, number>();
  const waiting: Waiting[] = [];
  let uses = 0;
  let reserved = 0;
  let isDisposed = false;

  /** Counted as used from the moment that it is found: nobody unloads it in between. */
  async function enter(file: ModelFile, signal: AbortSignal): Promise<Entry> {
    let own: Waiting | null = null;
    for (;;) {
      if (isDisposed) throw shuttingDown();
      const entry = entries.get(file.name);
      // Models that are used without a pause would keep out for ever who wants another one.
      const first = waiting[0];
      const isBefore = first !== undefined && first.since < (own?.since ?? performance.now() - PATIENCE_MS);
      if (isBefore && entry?.file.name !== first.name) {
        own = await waitForRoom(file.name, own, signal);
        continue;
      }
      // Somebody may have put another file in its place. Whoever is at work with the old one is not disturbed.
      if (entry && (entry.file.version === file.version || entry.users > 0)) return counted(entry);
      if (entry) await unload(entry);
      else if (restingFrom(file.name)) throw resting(file.name);
      else if (entries.size + reserved < most) return counted(load(file));
      else own = await makeRoom(file.name, own, signal);
    }
  }

  function counted(entry: Entry): Entry {
    clearTimeout(entry.timer);
    entry.users++;
    entry.usedAt = ++uses;
    return entry;
  }

  /** Unloads the one that has not been used for longest; where all are in use, waits for one. */
  async function makeRoom(name: string, own: Waiting | null, signal: AbortSignal): Promise<Waiting | null> {
    const idle = [...entries.values()].filter(({ users }) => users === 0).sort((a, b) => a.usedAt - b.usedAt);
    if (!idle[0]) return waitForRoom(name, own, signal);
    // Nobody else takes it before the old one is gone.
    reserved++;
    try {
      await unload(idle[0]);
    } finally {
      reserved--;
    }
    return own;
  }

  /** Until something has changed. Who waits again keeps the place in the line. */
  async function waitForRoom(name: string, own: Waiting | null, signal: AbortSignal): Promise<Waiting> {
    if (waiting.length >= MOST_WAITING) throw tooMany();
    const turn: Waiting = { ...Promise.withResolvers<void>(), name, since: own?.since ?? performance.now() };
    const place = waiting.findIndex(({ since }) => since > turn.since);
    waiting.splice(place < 0 ? waiting.length : place, 0, turn);
    try {
      await orAborted(turn.promise, signal);
      return turn;
    } finally {
      const at = waiting.indexOf(turn);
      if (at >= 0) waiting.splice(at, 1);
    }
  }

  function load(file: ModelFile): Entry {
    const runner = startRunner({ environment, log: (message) => log(`${file.name}: ${message}`) });
    const entry: Entry = {
      file,
      runner,
      loading: loadIn(runner, file),
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

  async function loadIn(runner: Runner, file: ModelFile): Promise<Loaded> {
    const signal = AbortSignal.timeout(LOAD_MS);
    try {
      return await runner.call('load', { path: file.path, settings }, { signal });
    } catch (error) {
      throw signal.aborted ? new Refusal('fault', `It was not loaded within ${LOAD_MS / 60_000} minutes.`) : error;
    }
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
    for (const { resolve } of [...waiting]) resolve();
  }

  /** Its process ended by itself a moment ago: it is not loaded again so soon. */
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

  function roomLoad(): ModelLoad {
    const longestWaitMs = waiting[0] ? Math.round(performance.now() - waiting[0].since) : 0;
    return { active: 0, waiting: waiting.length, longestWaitMs };
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
    loads: () => [...entries.values()].map(({ places }) => places.load()).concat(roomLoad()),
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

function tooMany(): AppError {
  const message = 'Too many answers wait for llama-cpp already. Try again in a moment.';
  return new AppError({ code: 'RATE_LIMITED', message, retryable: true, retryAfterSeconds: 10 });
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
