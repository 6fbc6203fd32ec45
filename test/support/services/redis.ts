import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { findProgram, onPath } from './find-program.ts';
import { findFreePort } from './free-port.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import type { Service } from './service.ts';

const run = promisify(execFile);
/** Streams, and adding to one only where it is there. */
const OLDEST_VERSION = 6.2;
const START_TIMEOUT_MS = 15_000;
const START_ATTEMPTS = 3;

/** A Redis server of a test's own, for those that stop, freeze or empty it. */
export type TestRedis = Service & {
  pid: number;
  /** Kills it and starts it anew on the same port, empty. */
  restartEmpty(): Promise<void>;
  /** Its keys go; its connections stay. */
  empty(): Promise<void>;
  /** Nothing is answered and nobody is told, until `thaw`. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  start(): Promise<void>;
};

/** A Redis server that keeps nothing on the disk and ends with the tests. */
export async function startRedis(): Promise<TestRedis> {
  const program = await findRedis();
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-redis-'));
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    const url = `redis://127.0.0.1:${port}`;
    let server = launch(program, folder, port);
    if (await waitUntilReady(server, url)) {
      const start = async () => {
        server = launch(program, folder, port);
        if (!(await waitUntilReady(server, url))) throw new Error(`Redis did not start again: ${server.output()}`);
      };
      const kill = () => server.kill();
      return {
        url,
        get pid() {
          return server.pid;
        },
        kill,
        start,
        async restartEmpty() {
          await kill();
          await start();
        },
        async empty() {
          const client = new Redis(url);
          await client.flushall();
          client.disconnect();
        },
        freeze: () => void process.kill(server.pid, 'SIGSTOP'),
        thaw: () => void process.kill(server.pid, 'SIGCONT'),
        async stop() {
          await server.kill();
          await rm(folder, { recursive: true, force: true, maxRetries: 5 });
        },
      };
    }
    await server.stop();
    if (attempt === START_ATTEMPTS) throw new Error(`Redis did not start: ${server.output().trim()}`);
  }
}

function findRedis(): Promise<string> {
  return findProgram({
    title: `Redis ${OLDEST_VERSION} or newer`,
    variable: 'TEST_REDIS_URL',
    packages: ['redis-server'],
    candidates: () => [...onPath('redis-server'), ...onPath('valkey-server'), '/usr/bin/redis-server'],
    async accept(path) {
      const { stdout } = await run(path, ['--version']);
      return Number(/v=(\d+\.\d+)/.exec(stdout)?.[1]) >= OLDEST_VERSION;
    },
  });
}

function launch(program: string, folder: string, port: number): ServerProcess {
  const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder, daemonize: 'no' };
  return startServerProcess({
    command: program,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    cwd: folder,
    stopSignal: 'SIGTERM',
  });
}

async function waitUntilReady(server: ServerProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!server.exited() && Date.now() < deadline) {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.ping();
      return true;
    } catch {
      await delay(30);
    } finally {
      client.disconnect();
    }
  }
  return false;
}
