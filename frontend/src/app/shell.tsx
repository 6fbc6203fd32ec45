import { Suspense, useEffect, useState } from 'react';
import { Provider } from 'urql';
import { PassagePanel } from '../citations/passage-panel.tsx';
import { SourcePanelContext } from '../citations/source-panel.ts';
import { Sidebar } from '../conversations/sidebar.tsx';
import { useShortcuts } from '../keyboard/use-shortcuts.ts';
import type { Session, User } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { NoticeArea } from '../ui/notices.tsx';
import { lazyPart } from '../util/lazy-part.ts';
import { useStore } from '../util/store.ts';
import { useMedia } from '../util/use-media.ts';
import { FaultBoundary } from './fault-boundary.tsx';
import { RouteView } from './route-view.tsx';
import { useRoute } from './router.ts';
import styles from './shell.module.css';
import { shortcutActions } from './shortcut-actions.ts';
import { NARROW, useDrawer } from './use-drawer.ts';
import { createWorkspace } from './workspace.ts';

/** Only who asks for it needs it. */
const ShortcutHelp = lazyPart(async () => (await import('../keyboard/shortcut-help.tsx')).ShortcutHelp);

type ShellProps = { session: Session; user: User };

/** The frame of the page: the conversations at the side, one of them beside it. */
export function Shell({ session, user }: ShellProps) {
  const [workspace] = useState(() => createWorkspace(session.api, user.id));
  const [graph] = useState(session.api.createGraph);
  const route = useRoute(workspace.router);
  const drawer = useDrawer();
  const [hasHelp, setHelp] = useState(false);
  const isNarrow = useMedia(NARROW);
  const hasPanel = useStore(workspace.sourcePanel.store, (state) => state.key !== null);
  const isCovered = drawer.isOpen || (isNarrow && hasPanel);
  const showHelp = () => setHelp(true);
  useShortcuts(shortcutActions({ workspace, drawer, onHelp: showHelp }));
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
    <Provider value={graph}>
      <SourcePanelContext value={workspace.sourcePanel}>
        <div
          className={styles.shell}
          data-drawer={drawer.isOpen || undefined}
          data-folded={drawer.isFolded || undefined}
        >
          <button type="button" className={styles.skip} onClick={skipToContent}>
            {texts.page.skip}
          </button>
          <Sidebar session={session} user={user} workspace={workspace} drawer={drawer} onHelp={showHelp} />
          {drawer.isOpen && (
            <button type="button" className={styles.scrim} aria-label={texts.sidebar.close} onClick={drawer.close} />
          )}
          <RouteView
            route={route}
            session={session}
            user={user}
            workspace={workspace}
            isInert={isCovered}
            opener={opener}
          />
          <PassagePanel workspace={workspace} />
          <NoticeArea notices={workspace.notices} />
          {hasHelp && (
            <FaultBoundary isPart>
              <Suspense>
                <ShortcutHelp onClose={() => setHelp(false)} />
              </Suspense>
            </FaultBoundary>
          )}
        </div>
      </SourcePanelContext>
    </Provider>
  );
}

/** Past the list of conversations, to where a message is written, or to what can be read. */
function skipToContent(): void {
  const composer = [...document.querySelectorAll<HTMLElement>('main form textarea')].at(-1);
  (composer ?? document.querySelector<HTMLElement>('main [tabindex="0"], main button'))?.focus();
}
