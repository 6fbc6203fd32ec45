import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** What Node compiles, compiled once for all processes. */
export const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/colloquy/compiled', import.meta.url));

export type MainProcess = {
  child: ChildProcess;
  /** Both streams, as they came. */
  output(): string;
  /** Where it listens. Throws, with its output, when it ends instead. */
  ready: Promise<string>;
  /** How it has ended. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

/** A folder that is removed when the test has finished. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-main-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * The server as `npm start` runs it, in a process of its own and with this environment alone. It is killed when the
 * test has finished.
 */
export function startMain(folder: string, environment: Record<string, string> = {}): MainProcess {
  const child = spawn(process.execPath, [MAIN], {
    // Where no .env is.
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATA_DIR: join(folder, 'data'),
      OLLAMA_BASE_URL: 'http://127.0.0.1:9',
      NODE_NO_WARNINGS: '1',
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = Promise.withResolvers<string>();
  const keep = (chunk: Buffer) => {
    output += chunk;
    const found = /Health +(\S+)\/health/.exec(output)?.[1];
    if (found) url.resolve(found);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal });
      url.reject(new Error(`It ended with ${code ?? signal}: ${output}`));
    });
  });
  // Whoever does not wait for it does not need it.
  url.promise.catch(() => {});
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, output: () => output, ready: url.promise, exited };
}
