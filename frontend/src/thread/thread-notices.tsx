import { useEffect, useState } from 'react';
import type { Api } from '../api/api.ts';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Said } from '../ui/said.tsx';
import { useStore } from '../util/store.ts';
import type { Thread } from './thread.ts';
import styles from './thread-notices.module.css';
import type { Fault } from './thread-state.ts';

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
        <div className={styles.fault}>
          {/* The countdown is not a part of it: every second would be read out. */}
          <p role="alert">
            <Said>{fault.text}</Said>
          </p>
          {fault.retry && <SendAgain fault={fault} retry={fault.retry} />}
          <IconButton icon="close" label={texts.dialog.dismiss} size={14} onClick={thread.dismissFault} />
        </div>
      )}
    </div>
  );
}

/** Counts down until there is some use in it. */
function SendAgain({ fault, retry }: { fault: Fault; retry: NonNullable<Fault['retry']> }) {
  const seconds = useSecondsUntil(fault.notBefore);
  return seconds > 0 ? (
    <span className={styles.wait}>{texts.errors.retryAfter(seconds)}</span>
  ) : (
    <button type="button" className={styles.again} onClick={retry.run}>
      {retry.label}
    </button>
  );
}

function useSecondsUntil(moment: number | null): number {
  const [now, setNow] = useState(Date.now);
  const left = moment === null ? 0 : Math.max(0, Math.ceil((moment - now) / 1_000));
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => setNow(Date.now()), 1_000);
    return () => clearTimeout(timer);
  });
  return left;
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
