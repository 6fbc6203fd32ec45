import { useRef, useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts.ts';
import type { Conversation } from './conversation-lists.ts';
import styles from './title-field.module.css';

type TitleFieldProps = { conversation: Conversation; workspace: Workspace; onDone: () => void };

/** Renames a conversation where its title was: Enter or leaving it keeps the change, Escape does not. */
export function TitleField({ conversation, workspace, onDone }: TitleFieldProps) {
  const [title, setTitle] = useState(conversation.title);
  const [fault, setFault] = useState<string | null>(null);
  const done = useRef(false);

  async function save() {
    if (done.current) return;
    done.current = true;
    const wanted = title.trim();
    if (wanted === '' || wanted === conversation.title) return onDone();
    try {
      await workspace.update(conversation.id, { title: wanted });
      onDone();
    } catch (error) {
      done.current = false;
      setFault(messageOf(error));
    }
  }

  return (
    <input
      className={styles.field}
      aria-label={texts.conversation.renameLabel}
      aria-invalid={fault ? true : undefined}
      title={fault ?? undefined}
      value={title}
      maxLength={200}
      // biome-ignore lint/a11y/noAutofocus: it takes the place of what was just activated
      autoFocus
      onFocus={(event) => event.target.select()}
      onChange={(event) => setTitle(event.target.value)}
      onBlur={() => void save()}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) void save();
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        done.current = true;
        onDone();
      }}
    />
  );
}
