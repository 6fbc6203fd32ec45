import { type KeyboardEvent, type RefObject, useEffect, useState } from 'react';
import { texts } from '../texts.ts';
import { GrowingTextarea } from '../ui/growing-textarea.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { useStore } from '../util/store.ts';
import styles from './composer.module.css';
import type { Drafts } from './drafts.ts';
import { ModelPicker } from './model-picker.tsx';
import type { Thread } from './thread.ts';
import type { ModelChoice } from './use-models.ts';

/** As on the server. */
const MAX_LENGTH = 200_000;

type ComposerProps = {
  thread: Thread;
  drafts: Drafts;
  choice: ModelChoice;
  input: RefObject<HTMLTextAreaElement | null>;
  onSend: () => void;
};

/** Where a message is written. What is in it survives everything but being sent. */
export function Composer({ thread, drafts, choice, input, onSend }: ComposerProps) {
  const id = useStore(thread.store, (state) => state.id);
  const live = useStore(thread.store, (state) => state.live);
  const returned = useStore(thread.store, (state) => state.returned);
  const [text, setText] = useState(() => drafts.read(id)?.text ?? '');
  const isTooLong = text.length > MAX_LENGTH;

  useEffect(() => {
    if (returned) setText((current) => current || returned.text);
  }, [returned]);

  useEffect(() => {
    // On a phone it would bring up the keyboard before anything is read.
    if (matchMedia('(pointer: fine)').matches) input.current?.focus();
  }, [input]);

  function change(next: string) {
    setText(next);
    drafts.write(id, next);
  }

  function send() {
    if (text.trim() === '' || live || isTooLong) return;
    setText('');
    onSend();
    void thread.send(text, choice.model);
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={styles.frame} data-fault={isTooLong || undefined}>
        <GrowingTextarea
          input={input}
          className={styles.input}
          value={text}
          aria-label={texts.composer.label}
          placeholder={texts.composer.hint}
          aria-invalid={isTooLong || undefined}
          enterKeyHint="send"
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className={styles.tools}>
          <ModelPicker choice={choice} />
          <span className={styles.keys} role={isTooLong ? 'alert' : undefined}>
            {isTooLong ? texts.composer.tooLong(MAX_LENGTH) : texts.composer.keys}
          </span>
          {live ? (
            <IconButton
              icon="stop"
              label={texts.composer.stop}
              className={styles.send}
              disabled={live.stopping}
              onClick={thread.stop}
            />
          ) : (
            <IconButton
              icon="send"
              label={texts.composer.send}
              className={styles.send}
              disabled={text.trim() === '' || isTooLong}
              onClick={send}
            />
          )}
        </div>
      </div>
    </form>
  );
}
