import { useId, useRef, useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import type { Workspace } from '../app/workspace.ts';
import { belongsToComposing } from '../keyboard/typing.ts';
import { texts } from '../texts/texts.ts';
import { Said } from '../ui/said.tsx';
import type { Conversation } from './conversation-lists.ts';
import styles from './title-field.module.css';

type TitleFieldProps = {
  conversation: Conversation;
  workspace: Workspace;
  /** `byKey`: the focus has nowhere to go by itself. */
  onDone: (byKey: boolean) => void;
};

/** Renames a conversation where its title was: Enter or leaving it keeps the change, Escape does not. */
export function TitleField({ conversation, workspace, onDone }: TitleFieldProps) {
  const [title, setTitle] = useState(conversation.title);
  const [fault, setFault] = useState<string | null>(null);
  const done = useRef(false);
  const id = useId();

  async function save(byKey: boolean) {
    if (done.current) return;
    const wanted = title.trim();
    // Who leaves it empty has changed his mind.
    if (wanted === '' && byKey) return setFault(texts.conversation.titleEmpty);
    done.current = true;
    if (wanted === '' || wanted === conversation.title) return onDone(byKey);
    try {
      await workspace.update(conversation.id, { title: wanted });
      onDone(byKey);
    } catch (error) {
      done.current = false;
      setFault(messageOf(error));
    }
  }

  return (
    <div className={styles.frame}>
      <input
        className={styles.field}
        aria-label={texts.conversation.renameLabel}
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault ? id : undefined}
        value={title}
        maxLength={200}
        dir="auto"
        // biome-ignore lint/a11y/noAutofocus: it takes the place of what was just activated
        autoFocus
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setTitle(event.target.value);
          setFault(null);
        }}
        onBlur={() => void save(false)}
        onKeyDown={(event) => {
          // While an input method composes, they are its own.
          if (belongsToComposing(event.nativeEvent)) return;
          if (event.key === 'Enter') void save(true);
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          done.current = true;
          onDone(true);
        }}
      />
      {fault && (
        <small id={id} className={styles.fault} role="alert">
          <Said>{fault}</Said>
        </small>
      )}
    </div>
  );
}
