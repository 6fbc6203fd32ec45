import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FromProcess, ToProcess } from './messages.ts';

export type Child = {
  send(message: ToProcess): void;
  /** Who gets what it says. One at a time. */
  listen(listener: { message(message: FromProcess): void; ended(end: ChildEnd): void } | null): void;
  readonly isAlive: boolean;
  /** It ends at once, whatever it is doing; settles when it is gone. */
  kill(): Promise<void>;
  /** Lets the server end while it idles. */
  idle(isIdle: boolean): void;
};

export type ChildEnd = {
  /** The kernel, its own watchdog or V8 ended it, all three for one reason. */
  outOfMemory: boolean;
  /** What it printed last, for the log. */
  detail: string;
};

const MEGABYTE = 1_048_576;
/** Node itself, the programs and the packages. */
const BASE_BYTES = 112 * MEGABYTE;
const HEAP_SHARE = 0.75;
/** It may read files and watch itself: neither write, nor start programs, nor load native code. */
const RESTRICTED = ['--permission', '--allow-fs-read=*', '--allow-worker'];
const DETAIL_LENGTH = 2_000;

/** Starts a process that reads documents: with little priority, no environment, and no right to write or to start anything. */
export function startChild(memoryMb: number): Child {
  const program = new URL(`./reader-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
  const maxBytes = memoryMb * MEGABYTE + BASE_BYTES;
  const child = fork(program, [String(maxBytes)], {
    execArgv: [
      ...(process.allowedNodeEnvironmentFlags.has('--permission') ? RESTRICTED : []),
      '--disallow-code-generation-from-strings',
      '--no-warnings',
      // Text is soon rubbish: with a small nursery it is collected before it piles up.
      '--max-semi-space-size=8',
      `--max-old-space-size=${Math.ceil(memoryMb * HEAP_SHARE)}`,
    ],
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let detail = '';
  let listener: Parameters<Child['listen']>[0] = null;
  let isAlive = true;
  const gone = Promise.withResolvers<void>();

  const end = (finish: ChildEnd) => {
    if (!isAlive) return;
    isAlive = false;
    gone.resolve();
    listener?.ended(finish);
  };
  child.stderr?.on('data', (chunk: Buffer) => {
    detail = (detail + chunk.toString()).slice(0, DETAIL_LENGTH);
  });
  child.on('message', (message: FromProcess) => listener?.message(message));
  child.on('error', (error) => {
    if (child.pid === undefined) end({ outOfMemory: false, detail: String(error) });
  });
  child.on('exit', (code, signal) => {
    // V8 aborts when its heap is full: by a signal, or by the code that stands for it.
    const outOfMemory = signal !== null || code === 134;
    end({ outOfMemory, detail: `Ended with ${signal ?? code}. ${detail}`.trim() });
  });
  lowerPriority(child);

  return {
    send: (message) => {
      // Between its end and the news of it, there is nobody to tell.
      if (child.connected) child.send(message, () => {});
    },
    listen: (next) => {
      listener = next;
    },
    get isAlive() {
      return isAlive;
    },
    kill: () => {
      // Whoever waits for its end keeps the server alive so long.
      setReferences(child, false);
      child.kill('SIGKILL');
      return gone.promise;
    },
    idle: (isIdle) => setReferences(child, isIdle),
  };
}

function lowerPriority(child: ChildProcess): void {
  try {
    // Conversations come first.
    if (child.pid !== undefined) setPriority(child.pid, 5);
  } catch {
    // It may have ended already, or the system may not allow it.
  }
}

function setReferences(child: ChildProcess, isIdle: boolean): void {
  const change = isIdle ? 'unref' : 'ref';
  child[change]();
  child.channel?.[change]();
  const { stderr } = child;
  if (stderr && change in stderr) (stderr as unknown as { ref(): void; unref(): void })[change]();
}
