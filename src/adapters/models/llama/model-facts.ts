import { LRUCache } from 'lru-cache';
import type { FileFacts } from './messages.ts';
import type { ModelFile } from './model-files.ts';
import { Refusal } from './refusal.ts';
import { type Runner, startRunner } from './runner.ts';

/** Why a file cannot be used. `of` the file itself, of any file here, or of this moment. */
export type FileFault = { facts: null; fault: string; of: 'file' | 'all' | 'moment' };
export type Facts = { facts: FileFacts; fault: null } | FileFault;

const MOST_REMEMBERED = 1_000;
const INSPECT_MS = 30_000;
/** How long the process that reads the files waits for another one. */
const IDLE_MS = 5_000;

/** What files say of themselves, read once for each version of a file, in a process of its own. */
export function createModelFacts(options: { environment: Record<string, string>; log: (message: string) => void }) {
  const remembered = new LRUCache<string, Facts>({ max: MOST_REMEMBERED });
  let runner: Runner | null = null;
  let timer: NodeJS.Timeout | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let isDisposed = false;

  async function inspect(file: ModelFile): Promise<Facts> {
    const known = remembered.get(keyOf(file));
    if (known) return known;
    clearTimeout(timer);
    let reader: Runner | undefined;
    try {
      if (!runner?.isAlive) runner = startRunner(options);
      reader = runner;
      const facts = await reader.call('inspect', { path: file.path }, { signal: AbortSignal.timeout(INSPECT_MS) });
      return remember(file, { facts, fault: null });
    } catch (error) {
      // A missing package may be installed meanwhile, and a process may be ended by anybody: only the file's own
      // faults are remembered.
      if (error instanceof Refusal && error.kind === 'model') {
        return remember(file, { facts: null, fault: error.message, of: 'file' });
      }
      end(reader);
      const isMissing = error instanceof Refusal && error.kind === 'missing';
      if (isMissing) return { facts: null, fault: error.message, of: 'all' };
      return { facts: null, fault: 'It could not be read.', of: 'moment' };
    } finally {
      timer = setTimeout(() => end(reader), IDLE_MS);
      timer.unref();
    }
  }

  /** From now on it is nobody's, though it is there until it has heard of it. */
  function end(reader: Runner | undefined): void {
    if (runner === reader) runner = null;
    void reader?.kill();
  }

  function remember(file: ModelFile, facts: Facts): Facts {
    remembered.set(keyOf(file), facts);
    return facts;
  }

  return {
    /** One after the other. */
    async of(file: ModelFile): Promise<Facts> {
      const known = remembered.get(keyOf(file));
      if (known) return known;
      const next = queue.then((): Facts | Promise<Facts> => (isDisposed ? STOPPED : inspect(file)));
      queue = next.catch(() => {});
      return next;
    },
    async dispose() {
      isDisposed = true;
      clearTimeout(timer);
      await runner?.kill();
    },
  };
}

const STOPPED: Facts = { facts: null, fault: 'The server is shutting down.', of: 'moment' };

function keyOf(file: ModelFile): string {
  return `${file.path}\n${file.version}`;
}
