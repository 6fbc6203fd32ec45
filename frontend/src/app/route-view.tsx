import { type ReactNode, Suspense } from 'react';
import type { Session, User } from '../session/session.ts';
import { loadAdminTexts, texts } from '../texts/texts.ts';
import { ThreadView } from '../thread/thread-view.tsx';
import { lazyPart } from '../util/lazy-part.ts';
import { useStore } from '../util/store.ts';
import { FaultBoundary } from './fault-boundary.tsx';
import styles from './route-view.module.css';
import type { Route } from './router.ts';
import type { Workspace } from './workspace.ts';

/** Only who goes there needs them. */
const KnowledgeView = lazyPart(async () => (await import('../knowledge/knowledge-view.tsx')).KnowledgeView);
const AdminView = lazyPart(async () => {
  const [{ AdminView: View }] = await Promise.all([import('../admin/admin-view.tsx'), loadAdminTexts()]);
  return View;
});
const SettingsView = lazyPart(async () => (await import('../settings/settings-view.tsx')).SettingsView);

type RouteViewProps = {
  route: Route;
  session: Session;
  user: User;
  workspace: Workspace;
  /** Something lies above it. */
  isInert: boolean;
  /** The button that shows the sidebar. */
  opener: ReactNode;
};

/** What the address names. */
export function RouteView({ route, session, user, workspace, isInert, opener }: RouteViewProps) {
  const thread = useStore(workspace.store, (state) => state.thread);
  const common = { user, workspace, isInert, opener };
  if (route.view === 'conversation') {
    return <ThreadView key={threadKey(thread)} {...common} thread={thread} connection={session.api.connection} />;
  }
  return (
    // One of them that cannot be read, after the server has got another version, say, takes nothing else with it.
    <FaultBoundary key={route.view}>
      <Suspense
        fallback={
          <main className={styles.waiting}>
            {opener}
            <p role="status">{texts.sidebar.loading}</p>
          </main>
        }
      >
        {route.view === 'knowledge' && <KnowledgeView {...common} collectionId={route.collectionId} />}
        {route.view === 'admin' && <AdminView {...common} section={route.section} itemId={route.itemId} />}
        {route.view === 'settings' && <SettingsView {...common} session={session} section={route.section} />}
      </Suspense>
    </FaultBoundary>
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
