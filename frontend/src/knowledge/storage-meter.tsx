import { texts } from '../texts/texts.ts';
import type { Storage } from '../uploads/storage.ts';
import { formatBytes } from '../util/amounts.ts';
import { useStore } from '../util/store.ts';
import styles from './storage-meter.module.css';

/** From which part on there is little left. */
const NEARLY = 0.9;

/** How much of a person's room the files have taken. */
export function StorageMeter({ storage }: { storage: Storage }) {
  const room = useStore(storage.store, (state) => state.room);
  if (!room) return null;
  const { used, limit } = room;
  const words = texts.files.room(formatBytes(used), formatBytes(limit));
  return (
    <div className={styles.storage} data-full={used >= limit * NEARLY || undefined}>
      <meter aria-label={texts.files.roomLabel} aria-valuetext={words} max={limit} value={used} />
      <p>{words}</p>
    </div>
  );
}
