import { memo, useState } from 'react';
import { pathOf } from '../app/router.ts';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icons.tsx';
import type { Conversation } from './conversation-lists.ts';
import { ConversationMenu } from './conversation-menu.tsx';
import styles from './conversation-row.module.css';
import { TitleField } from './title-field.tsx';

type ConversationRowProps = {
  conversation: Conversation;
  isCurrent: boolean;
  /** Where archived ones are among others. */
  showsArchived: boolean;
  workspace: Workspace;
  onOpen: () => void;
};

export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { conversation, isCurrent, showsArchived, workspace, onOpen } = props;
  const [renaming, setRenaming] = useState(false);
  const { id, title, activeTurn, pinned, archivedAt } = conversation;

  if (renaming) {
    return (
      <li className={styles.row}>
        <TitleField conversation={conversation} workspace={workspace} onDone={() => setRenaming(false)} />
      </li>
    );
  }
  return (
    <li className={styles.row} data-current={isCurrent || undefined}>
      <a
        href={pathOf(id)}
        aria-current={isCurrent ? 'page' : undefined}
        title={title}
        onClick={(event) => {
          // Another tab or window is the browser's business.
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          workspace.router.go(id);
          onOpen();
        }}
      >
        {pinned && <Icon name="pin" size={14} />}
        <span className={styles.title}>{title}</span>
        {showsArchived && archivedAt && <span className={styles.badge}>{texts.sidebar.archived}</span>}
        {activeTurn && <span className={styles.active} role="img" aria-label={texts.sidebar.answering} />}
      </a>
      <ConversationMenu
        conversation={conversation}
        workspace={workspace}
        className={styles.menu}
        onRename={() => setRenaming(true)}
      />
    </li>
  );
});
