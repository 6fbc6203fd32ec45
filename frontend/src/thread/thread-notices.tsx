import { useEffect, useState } from 'react';
import type { Api } from '../api/api.ts';
import { texts } from '../texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { useStore } from '../util/store.ts';
import type { Thread } from './thread.ts';
import styles from './thread-notices.module.css';

type ThreadNoticesProps = { thread: Thread; connection: Api['connection'] };

/** What stands between a person and an answer: a lost connection, a prompt that was refused. */
export function ThreadNotices({ thread, connection }: ThreadNoticesProps) {
  const fault = useStore(thread.store, (state) => state.fault);
  const isLost = useStore(connection.store, (state) => state.lost);
  const isOffline = useOffline();
  return (
    <div className={styles.notices}>
      <p className={styles.connection} role="status">
        {isOffline ? texts.thread.offline : isLost ? texts.thread.reconnecting : ''}
      </p>
      {fault && (
        <p className={styles.fault} role="alert">
          <span>{fault}</span>
          <IconButton icon="close" label={texts.dialog.dismiss} size={14} onClick={thread.dismissFault} />
        </p>
      )}
    </div>
  );
}

function useOffline(): boolean {
  const [isOffline, setOffline] = useState(() => !navigator.onLine);
  useEffect(() => {
    const read = () => setOffline(!navigator.onLine);
    window.addEventListener('online', read);
    window.addEventListener('offline', read);
    return () => {
      window.removeEventListener('online', read);
      window.removeEventListener('offline', read);
    };
  }, []);
  return isOffline;
}
