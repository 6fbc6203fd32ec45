import { CreateApiKeyDocument, type CreateApiKeyMutation } from '@colloquy/sdk';
import { useState } from 'react';
import { type Faults, faultsOf, NO_FAULTS } from '../../api/field-faults.ts';
import { LeaveGuard } from '../../app/leave-guard.tsx';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { FieldPair, FormFields } from '../../ui/form-fields.tsx';
import { TextAreaField } from '../../ui/text-area-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { CollectionFields } from './collection-fields.tsx';
import { type Bind, EMPTY_KEY, KEY_FIELDS, type KeyField, type KeyForm, readKeyForm } from './key-form.ts';
import { PromptFields } from './prompt-fields.tsx';

type CreateKeyDialogProps = {
  workspace: Workspace;
  onCreated: (payload: CreateApiKeyMutation['createApiKey']) => void;
  onClose: () => void;
};

export function CreateKeyDialog({ workspace, onCreated, onClose }: CreateKeyDialogProps) {
  const words = texts.admin.keys.create;
  const [form, setForm] = useState(EMPTY_KEY);
  const [isBusy, setBusy] = useState(false);
  const [faults, setFaults] = useState<Faults<KeyField>>(NO_FAULTS);

  const bind: Bind = (field) => ({
    value: form[field],
    fault: faults.fields[faultField(field)],
    onChange: ({ target }) => setForm({ ...form, [field]: target.value }),
  });

  async function save() {
    const { input, faults: known } = readKeyForm(form);
    setFaults({ general: null, fields: known });
    if (Object.keys(known).length > 0) return;
    setBusy(true);
    try {
      const { createApiKey } = await workspace.client.mutate(CreateApiKeyDocument, { input });
      onClose();
      onCreated(createApiKey);
    } catch (error) {
      setFaults(faultsOf(error, KEY_FIELDS));
      setBusy(false);
    }
  }

  return (
    <>
      <FormDialog
        title={words.title}
        action={words.action}
        canSave={form.clientName.trim() !== '' && !isBusy}
        onSave={() => void save()}
        onClose={onClose}
      >
        <FormFields faults={faults}>
          <TextField
            {...bind('clientName')}
            label={words.clientName}
            hint={words.clientNameHint}
            maxLength={200}
            autoComplete="off"
          />
          <CollectionFields form={form} bind={bind} workspace={workspace} />
          <PromptFields form={form} bind={bind} client={workspace.client} />
          <FieldPair>
            <TextField
              {...bind('requestsPerMinute')}
              label={words.requestsPerMinute}
              hint={words.limitHint}
              inputMode="numeric"
              autoComplete="off"
            />
            <TextField
              {...bind('tokensPerDay')}
              label={words.tokensPerDay}
              hint={words.limitHint}
              inputMode="numeric"
              autoComplete="off"
            />
          </FieldPair>
          <TextField
            {...bind('expiresAt')}
            label={words.expiresAt}
            hint={words.expiresAtHint}
            type="datetime-local"
            max="9999-12-31T23:59"
          />
          <TextAreaField {...bind('notes')} label={words.notes} rows={2} maxLength={5_000} />
        </FormFields>
      </FormDialog>
      {/* Its answer has the secret. */}
      <LeaveGuard router={workspace.router} isOn={isBusy} words={texts.admin.keys.secret.leaving} />
    </>
  );
}

/** The field of the server that a control stands for. */
function faultField(field: keyof KeyForm): KeyField {
  if (field === 'collection') return 'collectionId';
  return field === 'prompt' ? 'systemPromptId' : field;
}
