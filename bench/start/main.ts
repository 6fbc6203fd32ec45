// How long it takes from a fresh clone to a server that answers, and from then on at every start.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../test/support/services/free-port.ts';
import { type Closer, runAndClose } from '../support/closer.ts';
import { describeMachine } from '../support/cores.ts';
import { formatTable, number } from '../support/table.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEADLINE_MS = 300_000;
const ASK_EVERY_MS = 50;
const KEPT_OUTPUT = 8_000;

async function main({ started }: Closer): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-start-'));
  await started(Promise.resolve({ stop: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) }));
  const clone = join(folder, 'colloquy');
  // What is committed, as somebody else gets it.
  execFileSync('git', ['clone', '--quiet', ROOT, clone]);
  await mkdir(join(folder, 'home'));
  const start = async () => {
    const port = await findFreePort();
    const begun = performance.now();
    const server = startServer(clone, folder, port);
    await started(Promise.resolve({ stop: () => stop(server) }));
    await untilHealthy(server, port);
    const seconds = (performance.now() - begun) / 1000;
    await stop(server);
    return seconds;
  };
  console.log(`${describeMachine(null)} ${new Date().toISOString().slice(0, 10)}.`);
  const first = await start();
  const size = await sizeOf(join(clone, 'node_modules'));
  const second = await start();
  console.log(
    formatTable([
      ['npm start on a fresh clone, with an empty home folder and an empty npm cache', `${number(first, 1)} s`],
      ['node_modules', `${number(size / 1e6)} MB`],
      ['the second npm start', `${number(second, 1)} s`],
    ]),
  );
}

/** `npm start` in a process group of its own, so that it ends with everything that it has started. */
function startServer(clone: string, folder: string, port: number): ChildProcess {
  // Settings of npm's own (a registry, a proxy) reach it through the environment; nothing else of this project does.
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      /^(PATH|LANG|LC_\w+|TMPDIR|\w+_proxy|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS)$/i.test(name) || isNpmSetting(name),
  );
  const path = (process.env.PATH ?? '')
    .split(':')
    .filter((part) => !part.includes('node_modules'))
    .join(':');
  return spawn('npm', ['start'], {
    cwd: clone,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(kept),
      PATH: path,
      HOME: join(folder, 'home'),
      npm_config_cache: join(folder, 'cache'),
      PORT: String(port),
    },
  });
}

/** As a person sets them; what `npm run` tells its scripts is of no use to another npm. */
function isNpmSetting(name: string): boolean {
  return /^npm_config_(registry|proxy|https_proxy|noproxy|cafile|strict_ssl|globalconfig)$/i.test(name);
}

async function untilHealthy(server: ChildProcess, port: number): Promise<void> {
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk).slice(-KEPT_OUTPUT);
  };
  server.stdout?.on('data', keep);
  server.stderr?.on('data', keep);
  const deadline = performance.now() + DEADLINE_MS;
  while (performance.now() < deadline && server.exitCode === null && server.signalCode === null) {
    const healthy = await fetch(`http://127.0.0.1:${port}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    await delay(ASK_EVERY_MS);
  }
  await stop(server);
  throw new Error(`The server did not get ready. It printed:\n${output}`);
}

async function stop(server: ChildProcess): Promise<void> {
  const { pid } = server;
  if (pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  process.kill(-pid, 'SIGTERM');
  await Promise.race([exited, delay(10_000, undefined, { ref: false })]);
  if (server.exitCode === null && server.signalCode === null) process.kill(-pid, 'SIGKILL');
  await exited;
}

/** On the disk, in bytes. Links are not followed, and a file with two names counts once. */
async function sizeOf(path: string, seen = new Set<number>()): Promise<number> {
  const found = await lstat(path);
  if (seen.has(found.ino)) return 0;
  seen.add(found.ino);
  let size = found.blocks * 512;
  if (found.isDirectory()) for (const name of await readdir(path)) size += await sizeOf(join(path, name), seen);
  return size;
}

await runAndClose(main);
