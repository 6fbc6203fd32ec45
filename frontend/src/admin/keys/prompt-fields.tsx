import type { Client } from '@colloquy/sdk';
import { texts } from '../../texts/texts.ts';
import { SelectField } from '../../ui/select-field.tsx';
import { TextAreaField } from '../../ui/text-area-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { shownName } from '../../util/shown-name.ts';
import { type Bind, type KeyForm, OTHER } from './key-form.ts';
import { usePromptNames } from './use-prompt-names.ts';

type PromptFieldsProps = { form: KeyForm; bind: Bind; client: Client };

/** Which system prompt a key has: the server's own, one that is there, or one that is made with it. */
export function PromptFields({ form, bind, client }: PromptFieldsProps) {
  const words = texts.admin.keys.create;
  const { all, state } = usePromptNames(client);
  return (
    <>
      <SelectField
        {...bind('prompt')}
        label={words.prompt}
        hint={state === 'failed' ? words.promptsFailed : words.promptHint}
        options={[
          { value: '', label: words.defaultPrompt },
          ...all.map(({ id, name }) => ({ value: id, label: shownName(name) })),
          { value: OTHER, label: words.ownPrompt },
        ]}
      />
      {form.prompt === OTHER && (
        <>
          <TextField {...bind('prompt.name')} label={words.promptName} maxLength={200} autoComplete="off" />
          <TextAreaField {...bind('prompt.text')} label={words.promptText} rows={5} maxLength={100_000} />
        </>
      )}
    </>
  );
}
