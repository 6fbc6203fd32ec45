import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallName, Calls, FailureKind, FromProcess, ToProcess } from './messages.ts';
import { Refusal } from './refusal.ts';

export type CallOptions<Name extends CallName> = {
  signal?: AbortSignal;
  onEvent?: (event: Calls[Name]['event']) => void;
};

/** A process that runs llama.cpp. */
export type Runner = {
  /** Throws Refusal; the signal's reason when it aborts, which also ends what is being computed; Ended. */
  call<Name extends CallName>(
    name: Name,
    input: Calls[Name]['input'],
    options?: CallOptions<Name>,
  ): Promise<Calls[Name]['result']>;
  readonly isAlive: boolean;
  /** Why it ended, for the log. Settles when it is gone. */
  readonly ended: Promise<string>;
  /** At once, whatever it is doing. */
  kill(): Promise<void>;
};

/** The process ended while it was wanted. */
export class Ended extends Error {}

type Pending = {
  resolve(result: unknown): void;
  reject(error: Error): void;
  onEvent: ((event: never) => void) | undefined;
};

/** In TypeScript beside this file's source, in JavaScript beside what is built from it. */
const PROGRAM = fileURLToPath(new URL(`./llama-process${extname(import.meta.url)}`, import.meta.url));
const KEPT_OUTPUT = 2_000;

/** Starts one. It ends with the server, however the server ends. */
export function startRunner(options: { environment: Record<string, string>; log: (message: string) => void }): Runner {
  const child = fork(PROGRAM, {
    env: options.environment,
    execArgv: ['--no-warnings'],
    // Ctrl-C in a terminal is for the server, which then lets its answers end.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let output = '';
  let isAlive = true;
  const gone = Promise.withResolvers<string>();

  function end(reason: string): void {
    if (!isAlive) return;
    isAlive = false;
    for (const { reject } of pending.values()) reject(new Ended(reason));
    pending.clear();
    gone.resolve(reason);
  }

  function receive(message: FromProcess): void {
    if (message.type === 'log') {
      options.log(message.message);
      return;
    }
    const call = pending.get(message.id);
    if (!call) return;
    if (message.type === 'event') {
      call.onEvent?.(message.event as never);
      return;
    }
    pending.delete(message.id);
    if (pending.size === 0) unreference(child);
    if (message.type === 'result') call.resolve(message.result);
    else call.reject(failureOf(message));
  }

  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  });
  child.on('message', (messages: FromProcess[]) => {
    for (const message of messages) receive(message);
  });
  child.on('error', (error) => {
    if (child.pid === undefined) end(String(error));
  });
  child.on('exit', (code, signal) => end(`It ended with ${signal ?? `code ${code}`}. ${output}`.trim()));
  // A model that idles keeps no server from ending.
  unreference(child);

  return {
    call(name, input, { signal, onEvent } = {}) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (!isAlive || !child.connected) return reject(new Ended('It has ended already.'));
        const onAbort = () => {
          pending.delete(id);
          if (pending.size === 0) unreference(child);
          post({ type: 'abort', id });
          reject(signal?.reason);
        };
        const settle = () => signal?.removeEventListener('abort', onAbort);
        pending.set(id, {
          resolve: (result) => {
            settle();
            resolve(result as Calls[typeof name]['result']);
          },
          reject: (error) => {
            settle();
            reject(error);
          },
          onEvent,
        });
        signal?.addEventListener('abort', onAbort, { once: true });
        child.ref();
        child.channel?.ref();
        post({ type: 'call', id, name, input } as ToProcess);
      });
    },
    get isAlive() {
      return isAlive;
    },
    ended: gone.promise,
    async kill() {
      // Whoever waits for its end is still there then.
      child.ref();
      child.kill('SIGKILL');
      await gone.promise;
    },
  };

  function post(message: ToProcess): void {
    // Between its end and the news of it, there is nobody to tell.
    if (child.connected) child.send(message, () => {});
  }
}

function failureOf({ kind, message }: { kind: FailureKind; message: string }): Refusal {
  return new Refusal(kind, message);
}

function unreference(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  (child.stderr as unknown as { unref?: () => void } | null)?.unref?.();
}
