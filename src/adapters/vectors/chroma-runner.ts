import { mkdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { takeProcessLock } from '../../util/process-lock.ts';

/** What the process tells its parent. */
export type RunnerMessage =
  /** Chroma cannot run on this machine. */
  | { type: 'impossible'; reason: string }
  /** Another process runs Chroma in this folder. */
  | { type: 'busy' };

/** What a killed predecessor may still take to end. */
const LOCK_MS = 6_000;
const GRACE_MS = 3_000;

/**
 * The program of a process of its own: Chroma's server in a thread, and beside it what the server lacks. It ends when
 * the process that started it is gone, however that ended, and it never shares its folder with another one.
 */
function main(): void {
  const [folder = '', cacheFolder = '', port = ''] = process.argv.slice(2);
  // The server listens to these signals itself, and passes them on to whoever did so before. With a listener that is
  // somebody who does nothing; without one it would be Node's, and the two would call each other for ever.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  process.once('disconnect', end);

  mkdirSync(folder, { recursive: true });
  const lock = takeProcessLock(join(folder, 'lock'), LOCK_MS);
  if (!lock) {
    tell({ type: 'busy' }, () => process.exit(1));
    return;
  }
  if (!process.connected) return;

  const thread = new Worker(new URL(`./chroma-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: { folder, cacheFolder, port: Number(port) },
  });
  thread.on('message', (message: RunnerMessage) => tell(message, () => {}));
  thread.on('error', (error) => console.error(error));
  thread.once('exit', (code) => {
    lock.release();
    process.exit(code);
  });
}

/** `then` is called also where nobody listens any more. */
function tell(message: RunnerMessage, then: () => void): void {
  if (process.connected) process.send?.(message, () => then());
  else then();
}

/** An exit would wait for the thread, and the thread for a signal. */
function end(): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS);
  process.kill(process.pid, 'SIGINT');
}

main();
