import { useState } from 'react';
import { texts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { FormDialog } from '../ui/form-dialog.tsx';
import { TextAreaField } from '../ui/text-area-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import { type AnswerOptions, numberOfOptions } from './answer-options.ts';
import styles from './options-dialog.module.css';
import { RANGES, readOptions, type WrittenOptions, writeOptions } from './read-options.ts';

type OptionsDialogProps = {
  options: AnswerOptions;
  onSave: (options: AnswerOptions) => void;
  onClose: () => void;
};

const NAMES = ['temperature', 'topP', 'topK', 'maxTokens', 'seed'] as const;

/** How the next answers of a conversation are made. */
export function OptionsDialog({ options, onSave, onClose }: OptionsDialogProps) {
  const [written, setWritten] = useState(() => writeOptions(options));
  const { options: read, faults } = readOptions(written);
  const words = texts.options;
  const write = (name: keyof WrittenOptions) => (event: { target: { value: string } }) =>
    setWritten({ ...written, [name]: event.target.value });
  return (
    <FormDialog
      title={words.title}
      action={words.save}
      canSave={Object.keys(faults).length === 0}
      onSave={() => onSave(read)}
      onClose={onClose}
    >
      <p>{words.note}</p>
      <div className={styles.fields}>
        <div className={styles.numbers}>
          {NAMES.map((name) => (
            <TextField
              key={name}
              label={words[name]}
              hint={name === 'seed' ? words.seedHint : words.range(RANGES[name].min, RANGES[name].max)}
              fault={faults[name]}
              inputMode={RANGES[name].isWhole ? 'numeric' : 'decimal'}
              autoComplete="off"
              placeholder={words.modelsOwn}
              value={written[name]}
              onChange={write(name)}
            />
          ))}
        </div>
        <TextAreaField
          label={words.stop}
          hint={words.stopHint}
          fault={faults.stop}
          rows={2}
          spellCheck={false}
          value={written.stop}
          onChange={write('stop')}
        />
        <div className={styles.code}>
          <TextAreaField
            label={words.jsonSchema}
            hint={words.jsonSchemaHint}
            fault={faults.jsonSchema}
            rows={5}
            spellCheck={false}
            value={written.jsonSchema}
            onChange={write('jsonSchema')}
          />
        </div>
        <div>
          <Button disabled={numberOfOptions(options) === 0} onClick={() => onSave({})}>
            {words.reset}
          </Button>
        </div>
      </div>
    </FormDialog>
  );
}
