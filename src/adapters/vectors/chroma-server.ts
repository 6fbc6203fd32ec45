import { AppError } from '../../errors.ts';
import { type Delay, delay as wait } from '../../util/delay.ts';
import { orAborted } from '../../util/or-aborted.ts';
import { answers, type ChromaEnd, type ChromaProcess, startChromaProcess } from './chroma-process.ts';

export type ChromaServerLimits = {
  /** What a start may take, with a large index. */
  startMs: number;
  /** Between two looks at whether it answers. */
  checkMs: number;
  /** What an answer may take. So many in a row that did not come: it is killed, and started again. */
  answerMs: number;
  misses: number;
  /** The pause before the second start in a row; doubled for each further one. */
  firstPauseMs: number;
  longestPauseMs: number;
};

const LIMITS: ChromaServerLimits = {
  startMs: 60_000,
  checkMs: 10_000,
  answerMs: 5_000,
  misses: 3,
  firstPauseMs: 250,
  longestPauseMs: 60_000,
};

/** So long without an end, and earlier ones are forgotten. */
const STEADY_MS = 60_000;
/** So many starts in a row that came to nothing, and nobody waits for the next one. */
const HOPEFUL_STARTS = 2;

export type ChromaServer = {
  /** Where it is. Waits while it starts; throws AppError UNAVAILABLE when it is not to be expected soon. */
  url(signal?: AbortSignal): Promise<string>;
  /** Of the process that runs now. */
  pid(): number | undefined;
  dispose(): Promise<void>;
};

type State = { type: 'starting' } | { type: 'up'; url: string } | { type: 'failed'; error: AppError };

/**
 * The Chroma server that comes with the npm package, in a process of its own that is started again whenever it ends or
 * answers no more. It begins to start here, and nobody has to wait for it. It has no passwords: it listens on loopback.
 */
export function createChromaServer(options: {
  /** Its data. One server at a time has it. */
  folder: string;
  /** For a copy of its program, where that needs one. */
  cacheFolder: string;
  debug: (message: string) => void;
  warn: (message: string) => void;
  delay?: Delay;
  limits?: Partial<ChromaServerLimits>;
  start?: typeof startChromaProcess;
}): ChromaServer {
  const { folder, cacheFolder, debug, warn, delay = wait, start = startChromaProcess } = options;
  const limits = { ...LIMITS, ...options.limits };
  const disposed = new AbortController();
  let running: ChromaProcess | undefined;
  let failures = 0;
  let state: State = { type: 'starting' };
  let changed = Promise.withResolvers<void>();

  function enter(next: State): void {
    state = next;
    changed.resolve();
    changed = Promise.withResolvers();
  }

  /** Until it ends, which it never does well unless it is told to. */
  async function runOnce(): Promise<ChromaEnd> {
    const chroma = await start({ folder, cacheFolder, onLine: debug });
    running = chroma;
    const over = new AbortController();
    const { signal } = over;
    try {
      if (disposed.signal.aborted) await chroma.stop();
      else void watch(chroma, signal);
      return await chroma.ended;
    } finally {
      over.abort();
      running = undefined;
    }
  }

  async function watch(chroma: ChromaProcess, signal: AbortSignal): Promise<void> {
    const tooLate = wait(limits.startMs, signal).then(() => 'late' as const);
    const begun = await Promise.race([chroma.ready.then(() => 'ready' as const), tooLate]);
    if (signal.aborted) return;
    if (begun === 'late') {
      warn(`Chroma does not answer ${limits.startMs / 1_000} s after its start. It is started again.`);
      return chroma.kill();
    }
    enter({ type: 'up', url: chroma.url });
    debug(`Chroma listens at ${chroma.url}.`);
    for (let misses = 0; misses < limits.misses; ) {
      await wait(limits.checkMs, signal);
      if (signal.aborted) return;
      misses = (await answers(chroma.url, limits.answerMs)) ? 0 : misses + 1;
      if (signal.aborted) return;
    }
    warn(`Chroma has not answered ${limits.misses} times in a row. It is started again.`);
    chroma.kill();
  }

  async function supervise(): Promise<void> {
    while (!disposed.signal.aborted) {
      const started = performance.now();
      const end = await runOnce().catch((error: Error): ChromaEnd => ({ type: 'ended', reason: error.message }));
      if (disposed.signal.aborted) return;
      failures = performance.now() - started > STEADY_MS ? 1 : failures + 1;
      const error = faultOf(end, failures);
      enter(error ? { type: 'failed', error } : { type: 'starting' });
      if (end.type === 'ended') warn(`Chroma has ended (${end.reason}). It is started again.`);
      else if (failures === 1) warn(error?.message ?? '');
      if (end.type === 'impossible') return;
      await delay(Math.min(limits.firstPauseMs * 2 ** (failures - 1), limits.longestPauseMs), disposed.signal);
    }
  }

  const supervised = supervise();

  return {
    async url(signal) {
      for (;;) {
        signal?.throwIfAborted();
        if (state.type === 'up') return state.url;
        if (state.type === 'failed') throw state.error;
        await orAborted(changed.promise, signal);
      }
    },
    pid: () => running?.pid,
    async dispose() {
      disposed.abort();
      enter({ type: 'failed', error: unavailable('The server is shutting down.', true) });
      await running?.stop();
      await supervised;
    },
  };
}

function unavailable(message: string, retryable: boolean): AppError {
  return new AppError({ code: 'UNAVAILABLE', message, retryable });
}

const INSTEAD = 'Set CHROMA_URL to a Chroma server; until then files are searched by their words only.';

/** What callers are told until it is up again. Undefined: they wait for the next start. */
function faultOf(end: ChromaEnd, failures: number): AppError | undefined {
  if (end.type === 'impossible') {
    return unavailable(`Chroma's server cannot run here: ${end.reason}. ${INSTEAD}`, false);
  }
  if (end.type === 'busy') {
    return unavailable(`Another server has the vectors in DATA_DIR/chroma. ${INSTEAD}`, true);
  }
  if (failures <= HOPEFUL_STARTS) return undefined;
  return unavailable(
    `Chroma has ended ${failures} times in a row; it is tried again now and then. The log has the reason. If its data is damaged, stop the server, delete DATA_DIR/chroma and reindex.`,
    true,
  );
}
