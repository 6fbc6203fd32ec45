import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config.ts';
import { formatBytes } from '../../util/format-bytes.ts';
import { isNodeTooOld, TESTED_NODE } from '../../util/node-version.ts';
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts';

const LEAST_FREE_BYTES = 100_000_000;
const GOOD_FREE_BYTES = 2_000_000_000;
const HEALTH_MS = 3_000;

export function lookAtNode(version = process.versions.node): Finding[] {
  const major = Number(version.split('.')[0]);
  const advice = `Install Node ${TESTED_NODE}.`;
  if (isNodeTooOld(version)) return [fail('node', `This is Node ${version}, which is too old.`, advice)];
  if (major < TESTED_NODE) return [warn('node', `This is Node ${version}; it is tested on ${TESTED_NODE}.`, advice)];
  return [ok('node', `Node ${version}`)];
}

export async function lookAtFolders(config: Config): Promise<Finding[]> {
  const data = resolve(config.DATA_DIR);
  const files = resolve(config.FILES_DIR ?? join(data, 'files'));
  const folders = [
    { part: 'data folder', path: data, variable: 'DATA_DIR' },
    { part: 'files folder', path: files, variable: 'FILES_DIR' },
  ];
  return (await Promise.all(folders.map(lookAtFolder))).flat();
}

async function lookAtFolder({ part, path, variable }: { part: string; path: string; variable: string }) {
  const there = await nearest(path);
  const isMade = there === path;
  try {
    if (!(await stat(there)).isDirectory()) throw new Error(`${there} is no folder`);
    await access(there, constants.W_OK | constants.X_OK);
  } catch (error) {
    return [fail(part, `${path} cannot be written: ${reasonOf(error)}.`, `Give it to this user, or set ${variable}.`)];
  }
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const told = `${path}${isMade ? '' : ' (made at the first start)'}, ${formatBytes(free)} free`;
  const advice = `Make room on its disk, or set ${variable} to another one.`;
  if (free < LEAST_FREE_BYTES) return [fail(part, `${told}: that is not enough.`, advice)];
  return [free < GOOD_FREE_BYTES ? warn(part, `${told}: that is little.`, advice) : ok(part, told)];
}

/** The folder itself, or the one above it that there is. */
async function nearest(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found || dirname(path) === path ? path : nearest(dirname(path));
}

/** The port is free, or has this server already. */
export async function lookAtPort({ HOST, PORT }: Config): Promise<Finding[]> {
  const part = 'port';
  const place = `${HOST}:${PORT}`;
  if (PORT === 0) return [ok(part, 'any free one')];
  const fault = await new Promise<NodeJS.ErrnoException | null>((done) => {
    const server = createServer();
    server.once('error', done);
    server.listen(PORT, HOST, () => server.close(() => done(null)));
  });
  if (!fault) return [ok(part, `${place} is free.`)];
  if (fault.code === 'EADDRINUSE') {
    const version = await versionAt(HOST, PORT);
    if (version) return [ok(part, `Colloquy ${version} listens at ${place}.`)];
    return [fail(part, `${place} is in use by another program.`, 'End it, or set PORT to another one.')];
  }
  return [fail(part, `${place} cannot be listened on: ${fault.message}.`, 'Set HOST and PORT to what this user may.')];
}

async function versionAt(host: string, port: number): Promise<string | null> {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  try {
    const address = reached.includes(':') ? `[${reached}]` : reached;
    const response = await fetch(`http://${address}:${port}/health`, { signal: AbortSignal.timeout(HEALTH_MS) });
    const { version, components } = (await response.json()) as { version?: unknown; components?: unknown };
    return typeof version === 'string' && Array.isArray(components) ? version : null;
  } catch {
    return null;
  }
}
