import { useEffect, useRef, useState } from 'react';
import { texts } from '../texts.ts';
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
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.stopPropagation();
            onCancel();
          } else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
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
