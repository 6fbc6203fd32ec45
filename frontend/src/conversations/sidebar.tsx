import { RouteLink } from '../app/route-link.tsx';
import { type Route, useRoute } from '../app/router.ts';
import type { Drawer } from '../app/use-drawer.ts';
import type { Workspace } from '../app/workspace.ts';
import { chordOf } from '../keyboard/shortcuts.ts';
import type { Session, User } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Icon, Mark } from '../ui/icons.tsx';
import { useStore } from '../util/store.ts';
import { AccountMenu } from './account-menu.tsx';
import { ConversationList } from './conversation-list.tsx';
import { SearchField } from './search-field.tsx';
import styles from './sidebar.module.css';

type SidebarProps = {
  session: Session;
  user: User;
  workspace: Workspace;
  drawer: Drawer;
  /** Shows the keys of the page. */
  onHelp: () => void;
};

const NEW_CONVERSATION: Route = { view: 'conversation', conversationId: null };

export function Sidebar({ session, user, workspace, drawer, onHelp }: SidebarProps) {
  const archive = useStore(workspace.side, (state) => state.archive);
  const { view } = useRoute(workspace.router);

  return (
    <aside className={styles.sidebar} aria-label={texts.sidebar.label}>
      <header className={styles.head}>
        <RouteLink router={workspace.router} to={NEW_CONVERSATION} className={styles.brand} onGo={drawer.close}>
          <Mark size={26} />
          {texts.name}
        </RouteLink>
        <IconButton icon="menu" label={texts.sidebar.close} onClick={drawer.hide} />
      </header>
      <RouteLink
        router={workspace.router}
        to={NEW_CONVERSATION}
        className={styles.newChat}
        title={chordOf('newChat')}
        onGo={drawer.close}
      >
        <Icon name="newChat" />
        {texts.sidebar.newChat}
      </RouteLink>
      <RouteLink
        router={workspace.router}
        to={{ view: 'knowledge', collectionId: null }}
        className={styles.knowledge}
        isCurrent={view === 'knowledge'}
        onGo={drawer.close}
      >
        <Icon name="library" />
        {texts.files.title}
      </RouteLink>
      <SearchField lists={workspace.lists} />
      {archive && (
        <button type="button" className={styles.back} onClick={() => workspace.side.set({ archive: false })}>
          <Icon name="back" size={16} />
          {texts.sidebar.leaveArchive}
        </button>
      )}
      <ConversationList workspace={workspace} archive={archive} onOpen={drawer.close} />
      <AccountMenu
        session={session}
        user={user}
        workspace={workspace}
        onHelp={onHelp}
        onArchive={() => {
          void workspace.lists.more('archive');
          void workspace.lists.search('');
          workspace.side.set({ archive: true });
        }}
      />
    </aside>
  );
}
