import { AppError } from '../../../errors.ts';
import type { FileKind, FileReading } from '../../../ports/file-reader.ts';
import { CRASHED, TOO_MUCH_MEMORY } from '../refusal.ts';
import type { FromProcess } from './messages.ts';
import { type Pool, shuttingDown } from './pool.ts';

export type ReadOptions = {
  pool: Pool;
  id: number;
  path: string;
  kind: FileKind;
  timeoutMs: number;
  signal: AbortSignal;
  isDisposed: () => boolean;
};

/**
 * Reads a document in a process of the pool. What the process sends waits here until it is asked for, at most a few
 * megabytes; the time limit counts the time in which somebody waits for the process, not that in which it waits.
 */
export async function* readInProcess(
  options: ReadOptions,
): AsyncGenerator<FileReading extends AsyncIterable<infer Item> ? Item : never> {
  const { pool, id, path, kind, timeoutMs, signal, isDisposed } = options;
  const child = await pool.take(signal);
  const received: FromProcess[] = [];
  let failure: unknown;
  /** How the process ended: counts once everything that it had said is told. */
  let end: unknown;
  let wake: (() => void) | null = null;
  let left = timeoutMs;
  let keep = false;

  const fail = (error: unknown) => {
    failure ??= error;
    wake?.();
  };
  const abort = () => fail(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  // It may have aborted while there was no process yet.
  if (signal.aborted) abort();
  child.listen({
    message(message) {
      if (!('id' in message) || message.id !== id) return;
      received.push(message);
      wake?.();
    },
    ended({ outOfMemory, detail }) {
      end = isDisposed() ? shuttingDown() : refused(outOfMemory ? TOO_MUCH_MEMORY : CRASHED, detail);
      wake?.();
    },
  });

  async function next(): Promise<FromProcess> {
    const waitedFrom = performance.now();
    let timer: NodeJS.Timeout | undefined;
    try {
      while (true) {
        if (failure !== undefined) throw failure;
        const message = received.shift();
        if (message) return message;
        if (end !== undefined) throw end;
        timer ??= setTimeout(() => fail(refused(tooSlow(timeoutMs))), Math.max(0, left));
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      wake = null;
      clearTimeout(timer);
      left -= performance.now() - waitedFrom;
    }
  }

  try {
    child.send({ type: 'read', id, path, kind });
    while (true) {
      const message = await next();
      if (message.type === 'section') {
        yield { type: 'section', section: message.section };
        child.send({ type: 'taken', id, characters: message.section.text.length });
      } else if (message.type === 'progress') yield { type: 'progress', fraction: message.fraction };
      else {
        keep = true;
        if (message.type === 'done') return;
        if (message.type === 'refused') throw refused(message.message, message.detail);
        if (message.type === 'unreadable') throw unreadable(message.detail);
      }
    }
  } finally {
    signal.removeEventListener('abort', abort);
    await pool.give(child, keep);
  }
}

function refused(message: string, detail?: string): AppError {
  const cause = detail === undefined ? undefined : new Error(detail);
  return new AppError({ code: 'UNSUPPORTED_MEDIA_TYPE', message, cause });
}

function unreadable(detail: string): AppError {
  const message = 'The bytes of the file cannot be read from the disk.';
  return new AppError({ code: 'UNAVAILABLE', message, retryable: true, cause: new Error(detail) });
}

function tooSlow(timeoutMs: number): string {
  const seconds = Math.round(timeoutMs / 1000);
  return `Reading the file takes longer than the ${seconds} seconds that it may. Split it into smaller files.`;
}
