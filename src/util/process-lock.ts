import { DatabaseSync } from 'node:sqlite';

export type ProcessLock = { release(): void };

/**
 * Takes a file for this process. Null: another one has it, and did not let go within `waitMs`, during which this thread
 * is blocked. It is an exclusive SQLite transaction, because its lock is the kernel's: it ends with the process however
 * that ends, it needs no guesses about stale locks, and it holds between containers that share the folder.
 */
export function takeProcessLock(path: string, waitMs: number): ProcessLock | null {
  const lock = new DatabaseSync(path, { timeout: waitMs });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) return null;
    throw error;
  }
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      lock.exec('ROLLBACK');
      lock.close();
    },
  };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}
