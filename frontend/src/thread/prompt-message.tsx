import { memo, useState } from 'react';
import { texts } from '../texts/texts.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { BranchSwitch } from './branch-switch.tsx';
import { PromptEditor } from './prompt-editor.tsx';
import styles from './prompt-message.module.css';
import type { ThreadMessage } from './thread-message.ts';

type PromptMessageProps = {
  message: ThreadMessage;
  /** While an answer is being made nothing else can be asked. */
  isBusy: boolean;
  /** It has no answer on this path. */
  isUnanswered: boolean;
  onEdit: (message: ThreadMessage, text: string) => void;
  onAnswer: (message: ThreadMessage) => void;
  onSwitch: (id: string) => void;
};

/** What a person has said. */
export const PromptMessage = memo(function PromptMessage(props: PromptMessageProps) {
  const { message, isBusy, isUnanswered, onEdit, onAnswer, onSwitch } = props;
  const [editing, setEditing] = useState(false);
  return (
    <article className={styles.prompt} aria-label={texts.thread.you}>
      {editing ? (
        <PromptEditor
          text={message.content}
          isBusy={isBusy}
          onCancel={() => setEditing(false)}
          onSend={(text) => {
            setEditing(false);
            onEdit(message, text);
          }}
        />
      ) : (
        <>
          <div className={styles.bubble} dir="auto">
            {message.content}
          </div>
          <div className={styles.actions} data-shown={message.siblings.length > 1 || isUnanswered || undefined}>
            <span className={styles.quiet}>
              <CopyButton label={texts.message.copy} text={() => message.content} />
              <IconButton
                icon="edit"
                label={texts.message.edit}
                size={16}
                disabled={isBusy}
                onClick={() => setEditing(true)}
              />
            </span>
            {isUnanswered && (
              <IconButton
                icon="regenerate"
                label={texts.message.regenerate}
                size={16}
                disabled={isBusy}
                onClick={() => onAnswer(message)}
              />
            )}
            <BranchSwitch message={message} isDisabled={isBusy} onSwitch={onSwitch} />
          </div>
        </>
      )}
    </article>
  );
});
