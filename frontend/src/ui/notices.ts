import { createStore, type Store } from '../util/store.ts';

export type NoticeAction = {
  label: string;
  run: () => void;
  /** The notice has gone, and nobody took it. */
  onPassed?: () => void;
};

export type Notice = { id: number; text: string; action: NoticeAction | null };

export type Notices = {
  store: Store<{ all: readonly Notice[] }>;
  show: (text: string, action?: NoticeAction) => void;
  /** Takes the action of a notice. */
  act: (id: number) => void;
  /** Takes the action of the newest notice that has one. Whether there was one. */
  actOnNewest: () => boolean;
  /** They stay while a person is at them, though not for ever. */
  hold: () => void;
  release: () => void;
  /** All are gone at once: nobody can take their actions any more. */
  settle: () => void;
};

const SHOWN_MS = 4_000;
/** With something to decide. */
export const OFFERED_MS = 8_000;
/** After somebody has been at them. */
const AFTERWARDS_MS = 2_500;
export const MOST_HELD_MS = 120_000;
const MOST = 4;

type Timer = ReturnType<typeof setTimeout>;
type Running = { timer: Timer | undefined; endsAt: number };

/** Short messages about what has just been done, some with a way to take it back. */
export function createNotices(): Notices {
  const store = createStore<{ all: readonly Notice[] }>({ all: [] });
  const running = new Map<number, Running>();
  let lastId = 0;
  let holding: Timer | undefined;

  function remove(id: number): Notice | undefined {
    const notice = store.get().all.find((shown) => shown.id === id);
    if (!notice) return undefined;
    clearTimeout(running.get(id)?.timer);
    running.delete(id);
    store.set({ all: store.get().all.filter((shown) => shown.id !== id) });
    return notice;
  }

  const pass = (id: number) => remove(id)?.action?.onPassed?.();

  function run(id: number, milliseconds: number): void {
    running.set(id, { timer: setTimeout(() => pass(id), milliseconds), endsAt: Date.now() + milliseconds });
  }

  function act(id: number): void {
    const notice = remove(id);
    // A button that vanishes under the pointer, or with the focus, tells nobody that it has been left.
    release();
    notice?.action?.run();
  }

  function hold(): void {
    if (holding) return;
    for (const state of running.values()) clearTimeout(state.timer);
    holding = setTimeout(release, MOST_HELD_MS);
  }

  function release(): void {
    if (!holding) return;
    clearTimeout(holding);
    holding = undefined;
    const now = Date.now();
    for (const [id, { endsAt }] of running) run(id, Math.max(AFTERWARDS_MS, endsAt - now));
  }

  return {
    store,
    show(text, action) {
      const before = store.get().all;
      // Of what only says something the newest is enough.
      for (const { id, action: other } of before) if (!other && !action) pass(id);
      for (const { id } of store.get().all.slice(0, Math.max(0, store.get().all.length - MOST + 1))) pass(id);
      lastId += 1;
      store.set({ all: [...store.get().all, { id: lastId, text, action: action ?? null }] });
      run(lastId, action ? OFFERED_MS : SHOWN_MS);
      if (holding) clearTimeout(running.get(lastId)?.timer);
    },
    act,
    actOnNewest() {
      const newest = store.get().all.findLast(({ action }) => action !== null);
      if (newest) act(newest.id);
      return newest !== undefined;
    },
    hold,
    release,
    settle() {
      release();
      for (const { id } of store.get().all) pass(id);
    },
  };
}
