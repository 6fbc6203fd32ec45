import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError, badInput, notFound } from '../../../errors.ts';
import type { ForeignPull, ModelStore, PullProgress } from '../../../ports/model-store.ts';
import type { Delay } from '../../../util/delay.ts';
import { type ProcessLock, takeProcessLock } from '../../../util/process-lock.ts';
import { isModelFileName, partsOf } from '../llama/model-files.ts';
import { download, forgetPart } from './download.ts';
import { foreignPulls, lockPath } from './foreign-pulls.ts';
import { createHubApi, type HubFile } from './hub-api.ts';
import { type HubSource, readHubRepository, readHubSource } from './hub-source.ts';

export type HubStoreOptions = {
  folder: string;
  endpoint: string;
  token: string | null;
  delay: Delay;
  /** Where the model of this name lies. Null: there is none. */
  pathOf: (name: string) => Promise<string | null>;
  /** Why the file cannot be used, where it is at fault itself. Null: it is not. */
  brokenBy: (name: string) => Promise<string | null>;
  /** The model is not used any more. */
  unload: (name: string) => Promise<void>;
  answerMs?: number;
  idleMs?: number;
};

const ANSWER_MS = 30_000;
const IDLE_MS = 60_000;
const FIELD = 'model';

/** GGUF files of a model hub, in a folder. */
export function createHubStore(options: HubStoreOptions): ModelStore {
  const { folder, endpoint, token, delay, pathOf, brokenBy, unload, answerMs = ANSWER_MS, idleMs = IDLE_MS } = options;
  const api = createHubApi({ endpoint, token, answerMs });
  /** Names whose locks are ours. */
  const held = new Set<string>();
  /** What others were getting when somebody last asked. */
  let others: string[] = [];

  /** The files of the model, in their order. What the hub does not list is asked for all the same: it may not list at all. */
  async function resolve(source: HubSource, signal: AbortSignal): Promise<HubFile[]> {
    const listed = await api.listFiles(source, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (source.path === null) throw error;
      return [];
    });
    const path = source.path ?? quantized(listed, source.quantization);
    return partsOf(path).map(
      (part) => listed.find((file) => file.path === part) ?? { path: part, sizeBytes: null, sha256: null },
    );
  }

  function quantized(listed: HubFile[], quantization: string): string {
    const wanted = new RegExp(`[-._]${quantization}(-0*1-of-\\d+)?\\.gguf$`, 'i');
    const found = listed.map(({ path }) => path).filter((path) => wanted.test(path) && isModel(path));
    if (found[0] !== undefined) return found.sort((one, other) => one.length - other.length)[0] as string;
    const there = listed.map(({ path }) => path).filter(isModel);
    const others =
      there.length > 0
        ? ` There are: ${there
            .slice(0, 20)
            .map((path) => basename(path))
            .join(', ')}.`
        : '';
    throw badInput({ [FIELD]: `There is no GGUF file of the quantization ${quantization}.${others}` });
  }

  async function* pull(text: string, signal: AbortSignal): AsyncGenerator<PullProgress> {
    const source = readHubSource(text, FIELD);
    yield { status: 'asking', completedBytes: null, totalBytes: null };
    const files = await resolve(source, signal);
    const name = basename(files[0]?.path ?? '');
    const there = await pathOf(name);
    if (there !== null && dirname(there) !== folder) throw outside(name);
    const lock = await lockFor(name);
    try {
      yield* fetchAll(source, files, signal);
      const fault = await brokenBy(name);
      if (fault !== null) {
        await removeFiles(name);
        throw new AppError({
          code: 'PROVIDER_UNAVAILABLE',
          message: `${name} was pulled, and removed again. ${fault}`,
        });
      }
    } finally {
      await unlock(name, lock);
    }
  }

  /** Its file goes while it is still held: whoever opens it later has one of their own. */
  async function unlock(name: string, lock: ProcessLock): Promise<void> {
    await rm(lockPath(folder, name), { force: true }).catch(() => {});
    lock.release();
    held.delete(name);
  }

  async function* fetchAll(source: HubSource, files: HubFile[], signal: AbortSignal): AsyncGenerator<PullProgress> {
    const known = files.every(({ sizeBytes }) => sizeBytes !== null);
    const whole = known ? files.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0) : null;
    let before = 0;
    for (const file of files) {
      let done = 0;
      const steps = createSteps<PullProgress>();
      const url = api.urlOf(source, file.path);
      const fetching = download({
        source: url.href,
        path: join(folder, basename(file.path)),
        open: (headers) => api.open(url, headers, signal),
        refusal: (status) => api.refusal(status, source),
        expected: file,
        idleMs,
        onProgress(completed, total, status) {
          done = completed;
          const totalBytes = files.length === 1 ? total : whole;
          steps.push({ status, completedBytes: before + completed, totalBytes });
        },
        delay,
        signal,
      });
      yield* steps.until(fetching);
      before += done;
    }
  }

  async function lockFor(name: string): Promise<ProcessLock> {
    await mkdir(folder, { recursive: true });
    const lock = takeProcessLock(lockPath(folder, name), 0);
    if (lock) {
      held.add(name);
      return lock;
    }
    const message = `${name} is being pulled by another process at this moment.`;
    throw new AppError({ code: 'CONFLICT', message, retryable: true });
  }

  async function elsewhere(): Promise<ForeignPull[]> {
    const pulls = await foreignPulls(folder, (name) => held.has(name));
    const ended = others.filter((name) => pulls.every((pull) => pull.name !== name));
    others = pulls.map(({ name }) => name);
    // The file is read now, so that the model is listed once its pull is not.
    await Promise.all(ended.map((name) => brokenBy(name)));
    return pulls;
  }

  async function removeFiles(name: string): Promise<void> {
    for (const part of partsOf(join(folder, name))) {
      await rm(part, { force: true });
      await forgetPart(part);
    }
  }

  return {
    provider: 'llama-cpp',
    check: (source, field) => void readHubSource(source, field),
    pull,
    async remove(name) {
      const path = isModelFileName(name) ? await pathOf(name) : null;
      if (path === null) throw notFound('model');
      if (dirname(path) !== folder) throw outside(name);
      const lock = await lockFor(name);
      try {
        await unload(name);
        await removeFiles(name);
      } finally {
        await unlock(name, lock);
      }
    },
    elsewhere,
    async files(source, signal) {
      const files = await api.listFiles(readHubRepository(source, 'source'), signal);
      return files.filter(({ path }) => isModel(path)).map(({ path, sizeBytes }) => ({ name: path, sizeBytes }));
    },
  };
}

/** Not the part of one that sees pictures, which is published beside it. */
function isModel(path: string): boolean {
  return isModelFileName(basename(path)) && !/^mmproj/i.test(basename(path));
}

function outside(name: string) {
  return badInput({
    [FIELD]: `${name} is the file that MODEL_PATH names, outside of MODELS_DIR. It is not touched here.`,
  });
}

/** The newest of what is told while something is under way; what comes faster than it is read is told as one. */
function createSteps<Step>() {
  let newest: Step | undefined;
  let wake = () => {};
  return {
    push(step: Step) {
      newest = step;
      wake();
    },
    async *until(work: Promise<void>): AsyncGenerator<Step> {
      let isOver = false;
      const over = work.finally(() => {
        isOver = true;
        wake();
      });
      over.catch(() => {});
      while (!isOver || newest !== undefined) {
        if (newest !== undefined) {
          const step = newest;
          newest = undefined;
          yield step;
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (isOver) resolve();
        });
      }
      await over;
    },
  };
}
