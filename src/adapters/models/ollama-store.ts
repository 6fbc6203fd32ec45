import { Ollama } from 'ollama';
import { AppError, badInput, notFound } from '../../errors.ts';
import type { ModelStore, PullProgress } from '../../ports/model-store.ts';
import { errorCode } from '../../util/error-code.ts';
import { createFaults } from '../../util/provider-fault.ts';
import { shortReason } from '../../util/short-reason.ts';

export type OllamaStoreOptions = {
  baseUrl: string;
  /** Longest silence: a registry that does not answer is noticed nowhere else. */
  idleMs?: number;
};

const IDLE_MS = 120_000;
/** It says nothing while it reads all that it has got once more. */
const VERIFY_MS = 1_800_000;
/** A name with a tag, of a registry or a repository: llama3.2:3b, hf.co/owner/repository:Q4_K_M. */
const NAME = /^[\w][\w.-]*(:\d+)?(\/[\w][\w.-]*)*(:[\w][\w.-]*)?$/;
const LONGEST_NAME = 300;
const NAME_FORM = 'A model of Ollama is pulled as ollama/name:tag, such as ollama/llama3.2:3b.';

/** Models that an Ollama server gets for itself. */
export function createOllamaStore(options: OllamaStoreOptions): ModelStore {
  const { idleMs = IDLE_MS } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const faults = createFaults('ollama', [new URL(baseUrl).host]);

  /** A client for one call, which alone is what its signal aborts. */
  const clientFor = (signal: AbortSignal) =>
    new Ollama({ host: baseUrl, fetch: (input, init) => fetch(input, { ...init, signal }) });

  function check(source: string, field: string): void {
    if (source.length > LONGEST_NAME || !NAME.test(source)) throw badInput({ [field]: NAME_FORM });
  }

  async function* pull(source: string, signal: AbortSignal): AsyncGenerator<PullProgress> {
    check(source, 'model');
    const silent = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const watch = (milliseconds = idleMs) => {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort('silent'), milliseconds);
    };
    watch();
    // Each layer is told by itself; all that have begun make the whole.
    const layers = new Map<string, { completed: number; total: number }>();
    let isWhole = false;
    try {
      const steps = await clientFor(AbortSignal.any([signal, silent.signal])).pull({ model: source, stream: true });
      for await (const { status, digest, total, completed } of steps) {
        watch(status.startsWith('verifying') ? Math.max(idleMs, VERIFY_MS) : idleMs);
        if (digest && total) layers.set(digest, { total, completed: completed ?? 0 });
        isWhole ||= status === 'success';
        yield { status: digest ? 'downloading' : status, ...sumOf(layers) };
      }
    } catch (error) {
      signal.throwIfAborted();
      if (silent.signal.aborted) throw unavailable(`sent nothing for ${Math.round(idleMs / 1_000)} s`, true);
      throw layers.size > 0 && !isAnswer(error) ? unavailable('broke the connection', true) : explained(error, source);
    } finally {
      clearTimeout(timer);
      silent.abort('ended');
    }
    signal.throwIfAborted();
    if (!isWhole) throw unavailable('broke the connection', true);
  }

  function explained(error: unknown, model: string): AppError {
    const { status_code: status, message = '' } = error as { status_code?: number; message?: string };
    if (/file does not exist|not found|manifest unknown/i.test(message) || status === 404)
      return notFound(`model ${model} that Ollama could pull`);
    const code = errorCode(error);
    if (status === undefined && code) return faults.connection(code).error;
    const reason = shortReason(JSON.stringify({ error: message }), [new URL(baseUrl).host]);
    return unavailable(`could not pull the model${reason ? `: ${reason}` : ''}`, (status ?? 500) >= 500);
  }

  function unavailable(what: string, retryable: boolean): AppError {
    return new AppError({ code: 'PROVIDER_UNAVAILABLE', message: `The provider ollama ${what}.`, retryable });
  }

  return {
    provider: 'ollama',
    check,
    pull,
    async remove(name, signal) {
      check(name, 'model');
      try {
        await clientFor(AbortSignal.any([signal, AbortSignal.timeout(idleMs)])).delete({ model: name });
      } catch (error) {
        signal.throwIfAborted();
        if ((error as { status_code?: number }).status_code === 404) throw notFound('model');
        throw explained(error, name);
      }
    },
    // Ollama tells nobody.
    elsewhere: null,
    files: null,
  };
}

/** Ollama's own words, as opposed to a connection that failed. */
function isAnswer(error: unknown): boolean {
  const { status_code: status } = error as { status_code?: number };
  if (status !== undefined) return true;
  return (
    error instanceof Error && error.name === 'Error' && !errorCode(error) && !error.message.includes('Did not receive')
  );
}

function sumOf(layers: Map<string, { completed: number; total: number }>) {
  if (layers.size === 0) return { completedBytes: null, totalBytes: null };
  let completedBytes = 0;
  let totalBytes = 0;
  for (const { completed, total } of layers.values()) {
    completedBytes += completed;
    totalBytes += total;
  }
  return { completedBytes, totalBytes };
}
