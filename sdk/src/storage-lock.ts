import { createUuid } from './uuid.ts';

export type KeyValueStorage = {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
};

/** What a tab holds that was closed in the middle; longer than a renewal takes. */
const LEASE_MS = 70_000;
/** How long another tab's claim may take to be seen here. */
const SETTLE_MS = 60;

/**
 * Runs `task` while no other tab runs one, for pages without TLS, which have no Web Locks. A storage knows no "set if
 * absent", so a tab writes its claim, waits until all have seen it, and goes on if it is still there.
 */
export async function withStorageLock<Result>(
  storage: KeyValueStorage,
  key: string,
  task: () => Promise<Result>,
): Promise<Result> {
  const id = createUuid();
  const isMine = () => storage.getItem(key)?.startsWith(id) ?? false;
  for (;;) {
    const [, until = '0'] = storage.getItem(key)?.split(' ') ?? [];
    const free = Number(until) <= Date.now();
    if (free) storage.setItem(key, `${id} ${Date.now() + LEASE_MS}`);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS * (1 + Math.random())));
    if (free && isMine()) break;
  }
  try {
    return await task();
  } finally {
    if (isMine()) storage.removeItem(key);
  }
}
