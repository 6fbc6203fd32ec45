import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../errors.ts';

export type DatabaseLock = { release(): Promise<void> };

/**
 * Takes the embedded database's folder for this process. PGlite has no lock of its own, and two processes on one folder
 * lose rows that were acknowledged.
 *
 * The lock is an exclusive SQLite transaction, because its file lock is the kernel's: it ends with the process however
 * that ends, it needs no stale-lock heuristics, and it holds between containers that share the folder.
 *
 * Throws AppError UNAVAILABLE that names the holder when another process has it.
 */
export async function acquireDatabaseLock(dataDirectory: string): Promise<DatabaseLock> {
  await mkdir(dataDirectory, { recursive: true });
  const holderFile = join(dataDirectory, 'lock.json');
  const lock = new DatabaseSync(join(dataDirectory, 'lock'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new AppError({
      code: 'UNAVAILABLE',
      message: `The embedded database in ${dataDirectory} is in use by ${await describeHolder(holderFile)}. Stop it first, choose another DATA_DIR, or set DATABASE_URL to share a PostgreSQL server.`,
      cause,
    });
  }
  await writeFile(holderFile, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }));
  let held = true;
  return {
    async release() {
      if (!held) return;
      held = false;
      lock.exec('ROLLBACK');
      lock.close();
    },
  };
}

async function describeHolder(holderFile: string): Promise<string> {
  try {
    const holder = JSON.parse(await readFile(holderFile, 'utf8')) as { pid: number; since: string };
    return `process ${holder.pid} (since ${holder.since})`;
  } catch {
    return 'another process';
  }
}
