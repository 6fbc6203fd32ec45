import { lazy, Suspense, useEffect, useState } from 'react';
import { PassagePanel } from '../citations/passage-panel.tsx';
import { SourcePanelContext } from '../citations/source-panel.ts';
import { Sidebar } from '../conversations/sidebar.tsx';
import type { Session, User } from '../session/session.ts';
import { texts } from '../texts.ts';
import { ThreadView } from '../thread/thread-view.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { NoticeArea } from '../ui/notices.tsx';
import { useStore } from '../util/store.ts';
import { useMedia } from '../util/use-media.ts';
import { useRoute } from './router.ts';
import styles from './shell.module.css';
import { NARROW, useDrawer } from './use-drawer.ts';
import { createWorkspace } from './workspace.ts';

/** Only who goes there needs it. */
const KnowledgeView = lazy(async () => ({ default: (await import('../knowledge/knowledge-view.tsx')).KnowledgeView }));

type ShellProps = { session: Session; user: User };

/** The frame of the page: the conversations at the side, one of them beside it. */
export function Shell({ session, user }: ShellProps) {
  const [workspace] = useState(() => createWorkspace(session.api, user.id));
  const thread = useStore(workspace.store, (state) => state.thread);
  const route = useRoute(workspace.router);
  const drawer = useDrawer();
  const isNarrow = useMedia(NARROW);
  const hasPanel = useStore(workspace.sourcePanel.store, (state) => state.key !== null);
  const isCovered = drawer.isOpen || (isNarrow && hasPanel);
  useEffect(() => workspace.start(), [workspace]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere closes the drawer
  useEffect(() => drawer.close(), [route]);

  const opener = (
    <IconButton
      icon="menu"
      label={texts.sidebar.open}
      className={styles.opener}
      onClick={drawer.open}
      aria-expanded={drawer.isOpen}
    />
  );
  return (
    <SourcePanelContext value={workspace.sourcePanel}>
      <div className={styles.shell} data-drawer={drawer.isOpen || undefined} data-folded={drawer.isFolded || undefined}>
        <Sidebar session={session} user={user} workspace={workspace} drawer={drawer} />
        {drawer.isOpen && (
          <button type="button" className={styles.scrim} aria-label={texts.sidebar.close} onClick={drawer.close} />
        )}
        {route.view === 'knowledge' ? (
          <Suspense fallback={<main />}>
            <KnowledgeView
              workspace={workspace}
              user={user}
              collectionId={route.collectionId}
              isInert={isCovered}
              opener={opener}
            />
          </Suspense>
        ) : (
          <ThreadView
            key={threadKey(thread)}
            thread={thread}
            workspace={workspace}
            user={user}
            connection={session.api.connection}
            isInert={isCovered}
            opener={opener}
          />
        )}
        <PassagePanel workspace={workspace} />
        <NoticeArea notices={workspace.notices} />
      </div>
    </SourcePanelContext>
  );
}

const threadKeys = new WeakMap<object, number>();
let lastKey = 0;

/** A key of its own for every thread, which it keeps when it gets its id. */
function threadKey(thread: object): number {
  const key = threadKeys.get(thread) ?? ++lastKey;
  threadKeys.set(thread, key);
  return key;
}
