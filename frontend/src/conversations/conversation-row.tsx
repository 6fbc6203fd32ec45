import { memo, useEffect, useRef } from 'react';
import { RouteLink } from '../app/route-link.tsx';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts/texts.ts';
import { Icon } from '../ui/icons.tsx';
import { Marked } from '../ui/marked.tsx';
import { phraseFinder } from '../util/finders.ts';
import type { Conversation } from './conversation-lists.ts';
import { ConversationMenu } from './conversation-menu.tsx';
import styles from './conversation-row.module.css';
import { matchOf } from './match-of.ts';
import { TitleField } from './title-field.tsx';

type ConversationRowProps = {
  conversation: Conversation;
  isCurrent: boolean;
  /** By Tab: one in the list is. */
  isReachable: boolean;
  isRenaming: boolean;
  /** What it was found by, among archived ones; null: it was not looked for. */
  search: string | null;
  workspace: Workspace;
  onOpen: () => void;
};

export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { conversation, isCurrent, isReachable, isRenaming, search, workspace, onOpen } = props;
  const { id, title, activeTurn, pinned, archivedAt } = conversation;
  const row = useRef<HTMLLIElement>(null);
  const rename = (renaming: string | null) => workspace.side.set({ renaming });

  useEffect(() => {
    // By the keys that go from one to the next it may be beyond what is shown.
    if (isCurrent) row.current?.scrollIntoView({ block: 'nearest' });
  }, [isCurrent]);

  if (isRenaming) {
    return (
      <li ref={row} className={styles.row} data-id={id}>
        <TitleField
          conversation={conversation}
          workspace={workspace}
          onDone={(byKey) => {
            rename(null);
            // Unless somebody has gone on elsewhere while the server was asked.
            const focusLink = () =>
              document.activeElement === document.body && row.current?.querySelector('a')?.focus();
            if (byKey) requestAnimationFrame(focusLink);
          }}
        />
      </li>
    );
  }
  const match = search === null ? null : matchOf(conversation, search);
  const find = search === null ? null : phraseFinder(search);
  return (
    <li ref={row} className={styles.row} data-id={id} data-current={isCurrent || undefined}>
      <RouteLink
        router={workspace.router}
        to={{ view: 'conversation', conversationId: id }}
        isCurrent={isCurrent}
        title={title}
        tabIndex={isReachable ? 0 : -1}
        onGo={onOpen}
        onDoubleClick={() => rename(id)}
      >
        {pinned && <Icon name="pin" size={14} />}
        <span className={styles.what}>
          <span className={styles.title} dir="auto" data-found={match?.where === 'title' || undefined}>
            <Marked text={title} find={find} />
          </span>
          {match?.where === 'message' && (
            <small className={styles.found} dir="auto">
              {match.excerpt === null ? texts.sidebar.inMessage : <Marked text={match.excerpt} find={find} />}
            </small>
          )}
        </span>
        {search !== null && archivedAt && <span className={styles.badge}>{texts.sidebar.archived}</span>}
        {activeTurn && <span className={styles.active} role="img" aria-label={texts.sidebar.answering} />}
      </RouteLink>
      <ConversationMenu
        conversation={conversation}
        workspace={workspace}
        className={styles.menu}
        isReachable={isReachable}
        onRename={() => rename(id)}
      />
    </li>
  );
});
