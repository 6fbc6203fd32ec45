import { type ReactNode, useCallback, useEffect, useRef } from 'react';
import type { Api } from '../api/api.ts';
import type { Workspace } from '../app/workspace.ts';
import type { User } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { DropHint } from '../uploads/drop-hint.tsx';
import type { Missed } from '../uploads/dropped-files.ts';
import { useFileDrop } from '../uploads/file-drop.ts';
import { draftOwner } from '../uploads/owners.ts';
import { useStore } from '../util/store.ts';
import { AnswerLog } from './answer-log.tsx';
import { Composer } from './composer.tsx';
import { MessageList } from './message-list.tsx';
import type { Thread } from './thread.ts';
import { ThreadHeader } from './thread-header.tsx';
import { ThreadNotices } from './thread-notices.tsx';
import styles from './thread-view.module.css';
import { useModels } from './use-models.ts';
import { useStickToBottom } from './use-stick-to-bottom.ts';
import { Welcome } from './welcome.tsx';

type ThreadViewProps = {
  thread: Thread;
  workspace: Workspace;
  user: User;
  connection: Api['connection'];
  /** Something lies above it. */
  isInert: boolean;
  /** The button that shows the sidebar. */
  opener: ReactNode;
};

/** One conversation, and where the next message is written. */
export function ThreadView({ thread, workspace, user, connection, isInert, opener }: ThreadViewProps) {
  const status = useStore(thread.store, (state) => state.status);
  const conversation = useStore(thread.store, (state) => state.conversation);
  const isEmpty = useStore(thread.store, (state) => state.path.messages.length === 0);
  const choice = useModels(conversation?.model ?? null);
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLTextAreaElement>(null);
  const { isAtEnd, toEnd } = useStickToBottom(scroller, content);

  useEffect(() => {
    document.title = conversation ? `${conversation.title} · ${texts.name}` : texts.name;
  }, [conversation]);

  const onAsk = useCallback(() => {
    toEnd();
    input.current?.focus();
  }, [toEnd]);

  const isGone = status === 'missing' || status === 'failed';
  const attach = (files: readonly File[], missed?: Missed) => {
    workspace.upload(files, { owner: draftOwner(thread.store.get().id), collectionId: null }, missed);
    input.current?.focus();
  };
  const isDropping = useFileDrop(isGone ? null : attach);

  return (
    <main className={styles.thread} inert={isInert}>
      <ThreadHeader conversation={conversation} workspace={workspace} opener={opener} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section ref={scroller} className={styles.scroller} tabIndex={0} aria-label={texts.thread.messages}>
        <div ref={content} className={styles.column}>
          {isGone ? (
            <div className={styles.gone} role="alert">
              <p>{status === 'missing' ? texts.conversation.missing : texts.conversation.failed}</p>
              {status === 'failed' ? (
                <button type="button" onClick={() => void thread.load()}>
                  {texts.sidebar.retry}
                </button>
              ) : (
                <button type="button" onClick={workspace.newConversation}>
                  {texts.sidebar.newChat}
                </button>
              )}
            </div>
          ) : isEmpty && status === 'ready' ? (
            <Welcome user={user} router={workspace.router} isBare={choice.isBare} />
          ) : (
            <MessageList thread={thread} model={choice.model} scroller={scroller} onAsk={onAsk} />
          )}
        </div>
      </section>
      <AnswerLog thread={thread} />
      {!isGone && (
        <div className={styles.foot}>
          {!isAtEnd && (
            <IconButton icon="down" label={texts.thread.toNewest} className={styles.toEnd} onClick={toEnd} />
          )}
          <ThreadNotices thread={thread} connection={connection} />
          <Composer thread={thread} workspace={workspace} choice={choice} input={input} onSend={toEnd} />
        </div>
      )}
      {isDropping && <DropHint text={texts.uploads.dropToAttach} />}
    </main>
  );
}
