import type { Rating } from '@colloquy/sdk';
import { useEffect, useId, useRef, useState } from 'react';
import { texts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { GrowingTextarea } from '../ui/growing-textarea.tsx';
import styles from './feedback-form.module.css';

/** As on the server. */
const MAX_LENGTH = 2_000;

type FeedbackFormProps = {
  rating: Rating;
  comment: string | null;
  /** Null takes the comment back. Whether the server has it. */
  onSave: (comment: string | null) => Promise<boolean>;
  onClose: () => void;
};

/** Why an answer was rated as it was, if a person wants to say. */
export function FeedbackForm({ rating, comment, onSave, onClose }: FeedbackFormProps) {
  const [text, setText] = useState(comment ?? '');
  const [isBusy, setBusy] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const words = texts.feedback;

  useEffect(() => {
    // On a phone it would bring up the keyboard, and few want to say something.
    if (matchMedia('(pointer: fine)').matches) input.current?.focus();
  }, []);

  async function save() {
    setBusy(true);
    if (!(await onSave(text.trim() || null))) setBusy(false);
  }

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) void save();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onClose();
        } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !isBusy) void save();
      }}
    >
      <label htmlFor={id}>{rating === 'UP' ? words.good : words.bad}</label>
      <GrowingTextarea
        input={input}
        id={id}
        value={text}
        maxLength={MAX_LENGTH}
        placeholder={words.hint}
        dir="auto"
        onChange={(event) => setText(event.target.value)}
      />
      <div className={styles.actions}>
        <Button onClick={onClose}>{words.close}</Button>
        <Button type="submit" kind="primary" disabled={isBusy || text.trim() === (comment ?? '')}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}
