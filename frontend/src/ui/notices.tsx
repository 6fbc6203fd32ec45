import { createStore, type Store, useStore } from '../util/store.ts';
import styles from './notices.module.css';

type NoticeState = { text: string | null };

export type Notices = { store: Store<NoticeState>; show: (text: string) => void };

const SHOWN_MS = 4_000;

/** Short messages about what has just been done. */
export function createNotices(): Notices {
  const store = createStore<NoticeState>({ text: null });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    store,
    show(text) {
      clearTimeout(timer);
      store.set({ text });
      timer = setTimeout(() => store.set({ text: null }), SHOWN_MS);
    },
  };
}

export function NoticeArea({ notices }: { notices: Notices }) {
  const text = useStore(notices.store, (state) => state.text);
  return (
    <div className={styles.area} role="status">
      {text && <p>{text}</p>}
    </div>
  );
}
