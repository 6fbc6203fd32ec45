import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { delay } from '../../util/delay.ts';
import type { RunnerMessage } from './chroma-runner.ts';

/** How a process ended: without Chroma, in favour of another one, or in any other way. */
export type ChromaEnd = { type: 'impossible'; reason: string } | { type: 'busy' } | { type: 'ended'; reason: string };

export type ChromaProcess = {
  url: string;
  pid: number | undefined;
  /** Resolves when it answers; never, if it ends before. */
  ready: Promise<void>;
  ended: Promise<ChromaEnd>;
  /** Lets it end by itself; kills it where it does not. */
  stop(): Promise<void>;
  kill(): void;
};

const POLL_MS = 50;
const ANSWER_MS = 5_000;
const STOP_MS = 3_000;
const KEPT_OUTPUT = 2_000;
/** Its log says so once it has the port. Another program may have been quicker to take it. */
const LISTENS = 'listening on address';
/** Should a version say it in other words: it would have ended by then. */
const SURELY_LISTENS_MS = 5_000;

/** In TypeScript beside this file's source, in JavaScript beside what is built from it. */
const RUNNER = fileURLToPath(new URL(`./chroma-runner${extname(import.meta.url)}`, import.meta.url));

/** Chroma's server on a free port of loopback. `onLine` is told what it prints. */
export async function startChromaProcess(options: {
  folder: string;
  cacheFolder: string;
  onLine: (line: string) => void;
}): Promise<ChromaProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [RUNNER, options.folder, options.cacheFolder, String(port)], {
    // Ours has keys, and perhaps settings that Chroma would take for its own.
    env: {},
    // Ctrl-C in a terminal is for us, who then stop it in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.unref();
  child.channel?.unref();

  let output = '';
  let listens = false;
  const onOutput = (chunk: Buffer) => {
    const text = stripVTControlCharacters(chunk.toString('utf8'));
    output = (output + text).slice(-KEPT_OUTPUT);
    listens ||= output.includes(LISTENS);
    for (const line of text.split('\n')) if (/\w/.test(line)) options.onLine(line.trim());
  };
  child.stdout?.on('data', onOutput);
  child.stderr?.on('data', onOutput);

  let told: RunnerMessage | undefined;
  child.on('message', (message) => {
    told = message as RunnerMessage;
  });
  const exited = new AbortController();
  const ended = new Promise<ChromaEnd>((resolve) => {
    child.once('error', (error) => resolve({ type: 'ended', reason: error.message }));
    child.once('close', (code, signal) =>
      resolve(told ?? { type: 'ended', reason: describeEnd(code, signal, output) }),
    );
  });
  void ended.then(() => exited.abort());

  async function untilReady(): Promise<void> {
    const started = performance.now();
    while (!exited.signal.aborted) {
      const surely = performance.now() - started > SURELY_LISTENS_MS;
      if ((listens || surely) && (await answers(url, ANSWER_MS))) {
        if (!exited.signal.aborted) return;
      }
      await delay(POLL_MS, exited.signal);
    }
    await new Promise(() => {});
  }

  return {
    url,
    pid: child.pid,
    ready: untilReady(),
    ended,
    async stop() {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended.finally(() => clearTimeout(timer));
    },
    kill: () => child.kill('SIGKILL'),
  };
}

/** Whether there is a Chroma that answers in time. Never throws. */
export async function answers(url: string, withinMs: number): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/v2/heartbeat`, { signal: AbortSignal.timeout(withinMs) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null, output: string): string {
  const last = output.trim().split('\n').slice(-3).join(' ').replace(/\s+/g, ' ').slice(-300);
  return `${signal ?? `exit code ${code}`}${last && `; it said last: ${last}`}`;
}
