import { type ReactNode, useState } from 'react';
import type { Workspace } from '../app/workspace.ts';
import type { Conversation } from '../conversations/conversation-lists.ts';
import { ConversationMenu } from '../conversations/conversation-menu.tsx';
import { TitleField } from '../conversations/title-field.tsx';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import styles from './thread-header.module.css';

type ThreadHeaderProps = { conversation: Conversation | null; workspace: Workspace; opener: ReactNode };

export function ThreadHeader({ conversation, workspace, opener }: ThreadHeaderProps) {
  const [renaming, setRenaming] = useState(false);
  return (
    <header className={styles.header}>
      {opener}
      {conversation && renaming ? (
        <div className={styles.field}>
          <TitleField conversation={conversation} workspace={workspace} onDone={() => setRenaming(false)} />
        </div>
      ) : (
        conversation && (
          <h1 className={styles.title} dir="auto" onDoubleClick={() => setRenaming(true)}>
            {conversation.title}
          </h1>
        )
      )}
      {conversation && (
        <>
          <ConversationMenu conversation={conversation} workspace={workspace} onRename={() => setRenaming(true)} />
          <IconButton
            icon="newChat"
            label={texts.sidebar.newChat}
            className={styles.newChat}
            onClick={workspace.newConversation}
          />
        </>
      )}
    </header>
  );
}
