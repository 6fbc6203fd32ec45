import { type Client, SetApiKeyPromptDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import { texts } from '../../texts/texts.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { FormFields } from '../../ui/form-fields.tsx';
import { SelectField } from '../../ui/select-field.tsx';
import { shownName } from '../../util/shown-name.ts';
import type { Key } from './key.ts';
import { usePromptNames } from './use-prompt-names.ts';

type KeyPromptDialogProps = { apiKey: Key; client: Client; onSaved: (key: Key) => void; onClose: () => void };

/** Gives a key another system prompt, or none of its own. */
export function KeyPromptDialog({ apiKey, client, onSaved, onClose }: KeyPromptDialogProps) {
  const words = texts.admin.keys;
  const before = apiKey.systemPrompt;
  const { all, state } = usePromptNames(client);
  const [chosen, setChosen] = useState(before?.id ?? '');
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  // The one that it has can be chosen before the others are read.
  const prompts = before && all.every(({ id }) => id !== before.id) ? [before, ...all] : all;

  async function save() {
    setBusy(true);
    setFault(null);
    try {
      const variables = { id: apiKey.id, systemPromptId: chosen || null };
      onSaved((await client.mutate(SetApiKeyPromptDocument, variables)).setApiKeyPrompt);
      onClose();
    } catch (error) {
      setFault(messageOf(error));
      setBusy(false);
    }
  }

  return (
    <FormDialog
      title={words.setPrompt.title(shownName(apiKey.clientName))}
      action={words.setPrompt.action}
      canSave={chosen !== (before?.id ?? '') && !isBusy}
      onSave={() => void save()}
      onClose={onClose}
    >
      <FormFields faults={{ general: fault, fields: {} }}>
        <SelectField
          label={words.create.prompt}
          hint={words.setPrompt.hint}
          fault={state === 'failed' ? words.setPrompt.failed : undefined}
          value={chosen}
          options={[
            { value: '', label: words.create.defaultPrompt },
            ...prompts.map(({ id, name }) => ({ value: id, label: shownName(name) })),
          ]}
          onChange={({ target }) => setChosen(target.value)}
        />
      </FormFields>
    </FormDialog>
  );
}
