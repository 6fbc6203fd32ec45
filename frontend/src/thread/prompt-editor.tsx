import { useEffect, useRef, useState } from 'react';
import { belongsToComposing, isSending } from '../keyboard/typing.ts';
import { texts } from '../texts/texts.ts';
import { GrowingTextarea } from '../ui/growing-textarea.tsx';
import styles from './prompt-editor.module.css';

type PromptEditorProps = { text: string; isBusy: boolean; onSend: (text: string) => void; onCancel: () => void };

export function PromptEditor({ text: before, isBusy, onSend, onCancel }: PromptEditorProps) {
  const [text, setText] = useState(before);
  const input = useRef<HTMLTextAreaElement>(null);
  const canSend = text.trim() !== '' && !isBusy;

  useEffect(() => {
    input.current?.focus();
    input.current?.setSelectionRange(before.length, before.length);
  }, [before]);

  return (
    <form
      className={styles.editor}
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) onSend(text);
      }}
    >
      <GrowingTextarea
        input={input}
        value={text}
        aria-label={texts.message.editLabel}
        dir="auto"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          // While an input method composes, Escape is its own.
          if (event.key === 'Escape' && !belongsToComposing(event.nativeEvent)) {
            event.stopPropagation();
            onCancel();
          } else if (isSending(event.nativeEvent)) {
            event.preventDefault();
            if (canSend) onSend(text);
          }
        }}
      />
      <div className={styles.actions}>
        <button type="button" onClick={onCancel}>
          {texts.message.cancel}
        </button>
        <button type="submit" className={styles.send} disabled={!canSend}>
          {texts.message.editSend}
        </button>
      </div>
    </form>
  );
}
