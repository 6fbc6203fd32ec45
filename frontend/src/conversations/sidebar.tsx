import { useEffect, useRef, useState } from 'react';
import { pathOf, pathOfKnowledge, useRoute } from '../app/router.ts';
import type { Drawer } from '../app/use-drawer.ts';
import type { Workspace } from '../app/workspace.ts';
import type { Session, User } from '../session/session.ts';
import { texts } from '../texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Icon, Mark } from '../ui/icons.tsx';
import { AccountMenu } from './account-menu.tsx';
import { ConversationList } from './conversation-list.tsx';
import { SearchField } from './search-field.tsx';
import styles from './sidebar.module.css';

type SidebarProps = { session: Session; user: User; workspace: Workspace; drawer: Drawer };

export function Sidebar({ session, user, workspace, drawer }: SidebarProps) {
  const [archive, setArchive] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const { view } = useRoute(workspace.router);
  const { open } = drawer;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      const focus = () => {
        search.current?.focus();
        search.current?.select();
      };
      open();
      focus();
      // In a drawer that is just being opened it cannot be focused yet.
      if (document.activeElement !== search.current) requestAnimationFrame(focus);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [open]);

  return (
    <aside className={styles.sidebar} aria-label={texts.sidebar.label}>
      <header className={styles.head}>
        <a
          href={pathOf(null)}
          className={styles.brand}
          onClick={(event) => {
            event.preventDefault();
            workspace.newConversation();
            drawer.close();
          }}
        >
          <Mark size={26} />
          {texts.name}
        </a>
        <IconButton icon="menu" label={texts.sidebar.close} onClick={drawer.hide} />
      </header>
      <button
        type="button"
        className={styles.newChat}
        onClick={() => {
          workspace.newConversation();
          drawer.close();
        }}
      >
        <Icon name="newChat" />
        {texts.sidebar.newChat}
      </button>
      <a
        href={pathOfKnowledge(null)}
        className={styles.knowledge}
        aria-current={view === 'knowledge' ? 'page' : undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          workspace.router.goToKnowledge(null);
          drawer.close();
        }}
      >
        <Icon name="library" />
        {texts.files.title}
      </a>
      <SearchField lists={workspace.lists} input={search} />
      {archive && (
        <button type="button" className={styles.back} onClick={() => setArchive(false)}>
          <Icon name="back" size={16} />
          {texts.sidebar.leaveArchive}
        </button>
      )}
      <ConversationList workspace={workspace} archive={archive} onOpen={drawer.close} />
      <AccountMenu
        session={session}
        user={user}
        workspace={workspace}
        onArchive={() => {
          void workspace.lists.more('archive');
          void workspace.lists.search('');
          setArchive(true);
        }}
      />
    </aside>
  );
}
