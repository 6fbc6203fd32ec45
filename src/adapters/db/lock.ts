import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.ts';
import { takeProcessLock } from '../../util/process-lock.ts';

export type DatabaseLock = { release(): Promise<void> };

/**
 * Takes the embedded database's folder for this process. PGlite has no lock of its own, and two processes on one folder
 * lose rows that were acknowledged.
 *
 * Throws AppError UNAVAILABLE that names the holder when another process has it.
 */
export async function acquireDatabaseLock(dataDirectory: string): Promise<DatabaseLock> {
  await mkdir(dataDirectory, { recursive: true });
  const holderFile = join(dataDirectory, 'lock.json');
  const lock = takeProcessLock(join(dataDirectory, 'lock'), 0);
  if (!lock) {
    throw new AppError({
      code: 'UNAVAILABLE',
      message: `The embedded database in ${dataDirectory} is in use by ${await describeHolder(holderFile)}. Stop it first, choose another DATA_DIR, or set DATABASE_URL to share a PostgreSQL server.`,
    });
  }
  await writeFile(holderFile, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }));
  return { release: async () => lock.release() };
}

async function describeHolder(holderFile: string): Promise<string> {
  try {
    const holder = JSON.parse(await readFile(holderFile, 'utf8')) as { pid: number; since: string };
    return `process ${holder.pid} (since ${holder.since})`;
  } catch {
    return 'another process';
  }
}
