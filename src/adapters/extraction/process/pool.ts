import { AppError } from '../../../errors.ts';
import { type Child, startChild } from './child.ts';

export type PoolOptions = {
  memoryMb: number;
  /** Documents that are read at once; others wait. */
  processes: number;
  /** How long a process waits for another document. */
  idleMs: number;
};

export type Pool = {
  /** A process of one's own. Throws the signal's reason when it aborts while waiting. */
  take(signal: AbortSignal): Promise<Child>;
  /** Gives it back; one that is not kept ends, and is gone when this settles. */
  give(child: Child, keep: boolean): Promise<void>;
  dispose(): Promise<void>;
};

/** After so many documents a process makes room for a new one: what a library leaves behind does not pile up. */
const MAX_DOCUMENTS = 200;

export function createPool({ memoryMb, processes, idleMs }: PoolOptions): Pool {
  const idle = new Map<Child, NodeJS.Timeout>();
  const busy = new Set<Child>();
  const ending = new Set<Promise<void>>();
  const documents = new WeakMap<Child, number>();
  const waiting: (() => void)[] = [];
  /** Places that are in use; counted before the process is there. */
  let taken = 0;
  let isDisposed = false;

  function end(child: Child): Promise<void> {
    const gone = child.kill().finally(() => ending.delete(gone));
    ending.add(gone);
    return gone;
  }

  function fromIdle(): Child | undefined {
    for (const [child, timer] of idle) {
      clearTimeout(timer);
      idle.delete(child);
      if (!child.isAlive) continue;
      child.idle(false);
      return child;
    }
    return undefined;
  }

  async function takePlace(signal: AbortSignal): Promise<void> {
    while (taken >= processes && !isDisposed) {
      const freed = Promise.withResolvers<void>();
      const abort = () => freed.reject(signal.reason);
      waiting.push(freed.resolve);
      signal.addEventListener('abort', abort, { once: true });
      try {
        await freed.promise;
      } finally {
        signal.removeEventListener('abort', abort);
        const at = waiting.indexOf(freed.resolve);
        if (at >= 0) waiting.splice(at, 1);
      }
    }
    if (isDisposed) throw shuttingDown();
    taken += 1;
  }

  return {
    async take(signal) {
      signal.throwIfAborted();
      await takePlace(signal);
      try {
        const child = fromIdle() ?? startChild(memoryMb);
        documents.set(child, (documents.get(child) ?? 0) + 1);
        busy.add(child);
        return child;
      } catch (error) {
        taken -= 1;
        throw error;
      }
    },
    async give(child, keep) {
      child.listen(null);
      if (keep && child.isAlive && !isDisposed && (documents.get(child) ?? 0) < MAX_DOCUMENTS) {
        child.idle(true);
        const timer = setTimeout(() => {
          idle.delete(child);
          void end(child);
        }, idleMs);
        idle.set(child, timer.unref());
      } else await end(child);
      busy.delete(child);
      taken -= 1;
      waiting.shift()?.();
    },
    async dispose() {
      isDisposed = true;
      for (const wake of waiting.splice(0)) wake();
      for (const [child, timer] of idle) {
        clearTimeout(timer);
        void end(child);
      }
      idle.clear();
      for (const child of busy) void end(child);
      await Promise.all(ending);
    },
  };
}

export function shuttingDown(): AppError {
  return new AppError({ code: 'UNAVAILABLE', message: 'The server is shutting down.', retryable: true });
}
