import type { KeyboardEvent, ReactNode } from 'react';
import { messageOf } from '../../api/api-error.ts';
import { fieldsOf } from '../../api/field-faults.ts';
import { texts } from '../../texts/texts.ts';
import { Field } from '../../ui/field.tsx';
import { Said } from '../../ui/said.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { MOST_NAME, MOST_TEXT, MOST_VERSION, type PromptDraft } from './prompt.ts';
import styles from './prompt-form.module.css';

type PromptFormProps = {
  draft: PromptDraft;
  /** Why it could not be saved. */
  fault: unknown;
  isBusy: boolean;
  canSave: boolean;
  onChange: (draft: PromptDraft) => void;
  onSave: () => void;
  /** Its buttons. */
  children: ReactNode;
};

/** The name, the label and the text of a prompt. Ctrl + S saves them. */
export function PromptForm({ draft, fault, isBusy, canSave, onChange, onSave, children }: PromptFormProps) {
  const words = texts.admin.prompts;
  const { name, version, text } = draft;
  const fields = fieldsOf(fault);
  const isOfFields = Object.keys(fields).length > 0;
  const excess = text.length - MOST_TEXT;
  const save = () => {
    if (canSave && !isBusy) onSave();
  };

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    save();
  }

  return (
    <form
      className={styles.form}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className={styles.names}>
        <TextField
          label={words.name}
          hint={words.nameHint}
          fault={fields['input.name']}
          value={name}
          maxLength={MOST_NAME}
          readOnly={isBusy}
          required
          autoComplete="off"
          onChange={({ target }) => onChange({ ...draft, name: target.value })}
        />
        <TextField
          label={words.version}
          hint={words.versionHint}
          fault={fields['input.version']}
          value={version}
          maxLength={MOST_VERSION}
          readOnly={isBusy}
          required
          autoComplete="off"
          onChange={({ target }) => onChange({ ...draft, version: target.value })}
        />
      </div>
      <Field
        label={words.text}
        hint={words.characters(text.length, MOST_TEXT)}
        fault={excess > 0 ? words.tooLong(excess) : fields['input.text']}
      >
        {(control) => (
          // As high as its text: what is behind it is the same text, unseen.
          <div className={styles.growing} data-text={text}>
            <textarea
              {...control}
              value={text}
              readOnly={isBusy}
              required
              spellCheck={false}
              onChange={({ target }) => onChange({ ...draft, text: target.value })}
            />
          </div>
        )}
      </Field>
      {Boolean(fault) && !isOfFields && (
        <p className={styles.fault} role="alert">
          <Said>{messageOf(fault)}</Said>
        </p>
      )}
      <div className={styles.actions}>{children}</div>
    </form>
  );
}
