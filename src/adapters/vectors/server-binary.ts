import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { forOlderGlibc } from './older-glibc.ts';

/** Chroma's server, which runs inside the process that calls it, until a signal ends it. */
export type ServerBinary = { cli(words: string[]): void };

/** The packages beside `chromadb` that carry it. npm installs the one that fits. */
const PACKAGES = new Map([
  ['linux-x64', 'chromadb-js-bindings-linux-x64-gnu'],
  ['linux-arm64', 'chromadb-js-bindings-linux-arm64-gnu'],
  ['darwin-x64', 'chromadb-js-bindings-darwin-x64'],
  ['darwin-arm64', 'chromadb-js-bindings-darwin-arm64'],
  ['win32-x64', 'chromadb-js-bindings-win32-x64-msvc'],
  ['win32-arm64', 'chromadb-js-bindings-win32-arm64-msvc'],
]);

const NEEDS_NEWER_GLIBC = /version [`']GLIBC_2\.\d+' not found/;

const load = createRequire(import.meta.url);

/** Throws an Error whose message completes "Chroma's server cannot run here: …". */
export function loadServerBinary(cacheFolder: string): ServerBinary {
  const path = findServerBinary(`${process.platform}-${process.arch}`);
  try {
    return load(path) as ServerBinary;
  } catch (error) {
    const reason = firstLine(error);
    if (!NEEDS_NEWER_GLIBC.test(reason)) throw new Error(`its program cannot be loaded (${reason})`);
  }
  const cached = join(cacheFolder, cachedName(path));
  if (existsSync(cached)) {
    try {
      return load(cached) as ServerBinary;
    } catch {
      // Whatever has happened to it: it is made anew.
    }
  }
  writeCopy(path, cached);
  try {
    return load(cached) as ServerBinary;
  } catch (error) {
    throw new Error(`its program needs glibc 2.38, and a copy for older ones does not load (${firstLine(error)})`);
  }
}

/** Throws as `loadServerBinary`. */
export function findServerBinary(platform: string): string {
  const name = PACKAGES.get(platform);
  if (!name) throw new Error(`there is none for ${platform}`);
  try {
    // From where chromadb is: not every package manager puts its dependencies beside it.
    return createRequire(load.resolve('chromadb')).resolve(name);
  } catch {
    throw new Error(`the package ${name} is not installed, which npm leaves out on systems that it is not for`);
  }
}

/** Another version is another copy. */
function cachedName(path: string): string {
  const { name, version } = JSON.parse(readFileSync(join(dirname(path), 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  return `${name}-${version}-older-glibc.node`;
}

function writeCopy(path: string, target: string): void {
  const temporary = `${target}.${process.pid}`;
  try {
    const copy = forOlderGlibc(readFileSync(path));
    mkdirSync(dirname(target), { recursive: true });
    // By a rename: nobody ever loads half a copy.
    writeFileSync(temporary, copy, { flush: true });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Error(`its program needs glibc 2.38, and no copy for older ones can be made (${firstLine(error)})`);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
