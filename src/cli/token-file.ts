import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseTokens, type TokenStore } from '@colloquy/sdk';
import { AppError } from '../errors.ts';

type Environment = Record<string, string | undefined>;

/** Where programs of this user keep their settings. */
export function tokenFilePath(environment: Environment, home: string): string {
  const folder = environment.XDG_CONFIG_HOME || environment.APPDATA || join(home, '.config');
  return join(folder, 'colloquy', 'sign-ins.json');
}

/** A lock that is older was left behind by a process that was killed: a renewal takes no longer than its request. */
const LOCK_MS = 70_000;
const POLL_MS = 50;

/** Keeps sign-ins in a file that only this user can read, one for each server. */
export function createTokenFile(path: string, server: string): TokenStore {
  async function readAll(): Promise<Record<string, unknown>> {
    try {
      const all: unknown = JSON.parse(await readFile(path, 'utf8'));
      return typeof all === 'object' && all !== null ? { ...all } : {};
    } catch (error) {
      // Missing at first; what cannot be understood is written anew at the next sign-in.
      if (error instanceof SyntaxError || isCode(error, 'ENOENT')) return {};
      throw unusable(path, error);
    }
  }

  return {
    async load() {
      return parseTokens(JSON.stringify((await readAll())[server] ?? null));
    },

    async save(tokens) {
      const { [server]: _old, ...others } = await readAll();
      const text = JSON.stringify(tokens ? { ...others, [server]: tokens } : others, null, 2);
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        // Beside it and then in its place: a killed process leaves the old file, never half of one.
        const fresh = `${path}.${randomUUID()}`;
        await writeFile(fresh, `${text}\n`, { mode: 0o600, flag: 'wx' });
        await chmod(fresh, 0o600);
        await rename(fresh, path);
      } catch (error) {
        throw unusable(path, error);
      }
    },

    async lock(task) {
      const lock = `${path}.lock`;
      await acquire(lock);
      try {
        return await task();
      } finally {
        await rm(lock, { force: true });
      }
    },
  };
}

async function acquire(lock: string): Promise<void> {
  await mkdir(dirname(lock), { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      const file = await open(lock, 'wx', 0o600);
      return await file.close();
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw unusable(lock, error);
    }
    const held = await stat(lock).catch(() => null);
    if (held && Date.now() - held.mtimeMs > LOCK_MS) await rm(lock, { force: true });
    else await wait(POLL_MS);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function unusable(path: string, cause: unknown): AppError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError({ code: 'INTERNAL', message: `The sign-in cannot be kept in ${path}: ${reason}`, cause });
}
