import { useEffect, useMemo, useRef } from 'react';
import { useRoute } from '../app/router.ts';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts.ts';
import { useStore } from '../util/store.ts';
import styles from './conversation-list.module.css';
import { ConversationRow } from './conversation-row.tsx';
import { visibleList } from './visible-lists.ts';

type ConversationListProps = { workspace: Workspace; archive: boolean; onOpen: () => void };

/** The conversations by day. It reads on when its end comes into view. */
export function ConversationList({ workspace, archive, onOpen }: ConversationListProps) {
  const { lists } = workspace;
  const state = useStore(lists.store, (whole) => whole);
  const { conversationId: current } = useRoute(workspace.router);
  const { groups, extent } = useMemo(() => visibleList(state, archive, new Date()), [state, archive]);
  const end = useRef<HTMLDivElement>(null);
  const name = state.search ? 'search' : archive ? 'archive' : 'recent';
  const { hasMore } = extent;
  const isIdle = extent.state === 'idle';

  useEffect(() => {
    const element = end.current;
    if (!element || !hasMore || !isIdle) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void lists.more(name);
      },
      { rootMargin: '200px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [lists, name, hasMore, isIdle]);

  const isEmpty = groups.length === 0 && !hasMore;
  const emptyText = state.search ? texts.sidebar.noResults : archive ? texts.sidebar.archiveEmpty : texts.sidebar.empty;

  return (
    <nav className={styles.list} aria-label={archive ? texts.sidebar.archive : texts.sidebar.label}>
      {groups.map(({ label, conversations }) => (
        <section key={label} aria-label={label}>
          <h2>{label}</h2>
          <ul>
            {conversations.map((conversation) => (
              <ConversationRow
                key={conversation.id}
                conversation={conversation}
                isCurrent={conversation.id === current}
                showsArchived={state.search !== null}
                workspace={workspace}
                onOpen={onOpen}
              />
            ))}
          </ul>
        </section>
      ))}
      {isEmpty && <p className={styles.note}>{emptyText}</p>}
      {extent.state === 'failed' && (
        <p className={styles.note} role="alert">
          {texts.sidebar.failed}{' '}
          <button type="button" onClick={() => void lists.more(name)}>
            {texts.sidebar.retry}
          </button>
        </p>
      )}
      {extent.state === 'loading' && groups.length > 0 && <p className={styles.note}>{texts.sidebar.loading}</p>}
      <div ref={end} />
    </nav>
  );
}
