import { isCode } from '../api/api-error.ts';
import { memory } from '../util/memory.ts';
import { createStore } from '../util/store.ts';

/** What this browser keeps of a deletion that can still be taken back. */
type Pending = {
  /** From when on any tab may carry it out: the one that began it has had its time. */
  at: number;
  state: 'pending' | 'done';
};

export type DeletionsState = { hidden: ReadonlySet<string> };

type DeletionsDependencies = {
  userId: string;
  /** Deletes it on the server. One that is gone already is deleted. */
  remove: (id: string) => Promise<void>;
  /** As `remove`, from a page that is being closed: nobody waits for it. */
  removeAtLeave: (id: string) => void;
  onDeleted: (id: string) => void;
  onFailed: (id: string, error: unknown) => void;
};

/** How long the tab that began a deletion has, with its notice held as long as notices can be. */
const OWNER_MS = 150_000;
/** Whoever signs out does not wait longer for a server that does not answer. */
const SETTLE_MS = 4_000;

/**
 * Deletions that a person can take back. Until they are carried out they are only hidden: here, and at once in every
 * other tab.
 *
 * Each is written down in the browser's storage first and struck out last, so that it is never half done: a page that is
 * closed asks the server while it goes (`keepalive`), which may fail unseen, with a token that has run out or without a
 * network; then the record is still there, and another tab, or the next page that this person opens, carries it out.
 * Asking twice does no harm. The storage alone would be enough for that, but who closes the page and goes to another
 * device means the conversation to be gone there too.
 */
export function createPendingDeletions({ userId, remove, removeAtLeave, onDeleted, onFailed }: DeletionsDependencies) {
  const prefix = `colloquy.deleting.${userId}.`;
  const store = createStore<DeletionsState>({ hidden: new Set() });
  const own = new Set<string>();
  /** Of other tabs' deletions. */
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  const write = (id: string, pending: Pending | null) => memory.write(prefix + id, pending);

  function setHidden(id: string, isHidden: boolean): void {
    if (store.get().hidden.has(id) === isHidden) return;
    const hidden = new Set(store.get().hidden);
    if (isHidden) hidden.add(id);
    else hidden.delete(id);
    store.set({ hidden });
  }

  function forget(id: string): void {
    own.delete(id);
    clearTimeout(timers.get(id));
    timers.delete(id);
  }

  /** It is deleted: other tabs hear of it before they would show it again. */
  function strikeOut(id: string): void {
    forget(id);
    write(id, { at: 0, state: 'done' });
    onDeleted(id);
    write(id, null);
    setHidden(id, false);
  }

  /** `isLast`: nobody is here any more to be told that it has failed. */
  async function carryOut(id: string, isLast = false): Promise<void> {
    forget(id);
    try {
      await remove(id);
      strikeOut(id);
    } catch (error) {
      // The sign-in is over, or it has been ended from elsewhere: the next one of this person carries it out.
      if (isLast || isCode(error, 'UNAUTHENTICATED')) return handOn(id);
      write(id, null);
      setHidden(id, false);
      onFailed(id, error);
    }
  }

  /** Leaves it to whichever page of this person comes next, or to another tab. */
  function handOn(id: string): void {
    own.delete(id);
    write(id, { at: 0, state: 'pending' });
  }

  /** Takes up what another tab, or an earlier page, has written down. */
  function adopt(id: string, { at, state }: Pending): void {
    if (own.has(id)) return;
    setHidden(id, true);
    clearTimeout(timers.get(id));
    if (state === 'done') strikeOut(id);
    else
      timers.set(
        id,
        setTimeout(() => void carryOut(id), Math.max(0, at - Date.now())),
      );
  }

  function onStorage({ key, newValue }: StorageEvent): void {
    if (!key?.startsWith(prefix)) return;
    const id = key.slice(prefix.length);
    // What the event tells, not what is there by now: a deletion is struck out at once after it was done.
    const pending = parsePending(newValue);
    if (pending?.state === 'done') {
      forget(id);
      onDeleted(id);
    } else if (pending) adopt(id, pending);
    else if (newValue === null) {
      // Taken back there, or deleted, which has been said.
      forget(id);
      setHidden(id, false);
    }
  }

  function onLeave(): void {
    for (const id of [...own]) {
      // The next page does it at once, if the server has not heard of it.
      handOn(id);
      removeAtLeave(id);
    }
  }

  /** Also after the browser has brought back a page that had been left. */
  function resume(): void {
    for (const key of memory.keys(prefix)) {
      const pending = memory.read(key, isPending);
      if (pending) adopt(key.slice(prefix.length), pending);
    }
  }

  return {
    store,

    start(): () => void {
      window.addEventListener('storage', onStorage);
      window.addEventListener('pagehide', onLeave);
      window.addEventListener('pageshow', resume);
      resume();
      return () => {
        window.removeEventListener('storage', onStorage);
        window.removeEventListener('pagehide', onLeave);
        window.removeEventListener('pageshow', resume);
        for (const timer of timers.values()) clearTimeout(timer);
        timers.clear();
        for (const id of [...own]) handOn(id);
      };
    },

    /** Hides it. It ends with `pass` or `takeBack`. */
    begin(id: string): void {
      own.add(id);
      write(id, { at: Date.now() + OWNER_MS, state: 'pending' });
      setHidden(id, true);
    },

    /** Nobody has taken it back. */
    pass(id: string): void {
      if (own.has(id)) void carryOut(id);
    },

    /** Whether it still could be. */
    takeBack(id: string): boolean {
      if (!own.has(id)) return false;
      forget(id);
      write(id, null);
      setHidden(id, false);
      return true;
    },

    /** All that are pending, before the sign-in ends. What the server does not take in time is left to the next one. */
    async settle(): Promise<void> {
      const inTime = new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      await Promise.race([inTime, Promise.all([...own].map((id) => carryOut(id, true)))]);
    },
  };
}

export type PendingDeletions = ReturnType<typeof createPendingDeletions>;

function parsePending(text: string | null): Pending | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isPending(value) ? value : null;
  } catch {
    return null;
  }
}

function isPending(value: unknown): value is Pending {
  return typeof value === 'object' && value !== null && 'at' in value && 'state' in value;
}
