import {
  CreateModelVersionDocument,
  type ModelsQuery,
  type ModelVersionFieldsFragment as ModelVersion,
  type ModelVersionInput,
  UpdateModelVersionDocument,
} from '@colloquy/sdk';
import { useId, useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import { fieldsOf } from '../../api/field-faults.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Said } from '../../ui/said.tsx';
import { SelectField } from '../../ui/select-field.tsx';
import { TextAreaField } from '../../ui/text-area-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import styles from './models.module.css';

type VersionDialogProps = {
  workspace: Workspace;
  /** What is offered for a name. */
  models: ModelsQuery['models'];
  /** Null: a new one. */
  version: ModelVersion | null;
  onSaved: (version: ModelVersion) => void;
  onClose: () => void;
};

const PROVIDERS = [
  'OLLAMA',
  'OPENAI',
  'AIHUB',
  'LLAMA_CPP',
  'BUILTIN',
] as const satisfies ModelVersionInput['provider'][];

/** Puts down which version of a model is in use, or corrects that. */
export function VersionDialog({ workspace, models, version, onSaved, onClose }: VersionDialogProps) {
  const listId = useId();
  const [input, setInput] = useState<ModelVersionInput>({
    provider: version?.provider ?? models.find(({ isDefault }) => isDefault)?.provider ?? 'OLLAMA',
    modelName: version?.modelName ?? '',
    versionTag: version?.versionTag ?? '',
    notes: version?.notes ?? '',
  });
  const [fault, setFault] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const words = texts.admin.models.versions;
  const fields = fieldsOf(fault);
  const isOfFields = Object.keys(fields).length > 0;

  async function save() {
    setBusy(true);
    try {
      onSaved(await write());
      onClose();
    } catch (error) {
      setFault(error);
      setBusy(false);
    }
  }

  async function write(): Promise<ModelVersion> {
    const { client } = workspace;
    if (!version) return (await client.mutate(CreateModelVersionDocument, { input })).createModelVersion;
    return (await client.mutate(UpdateModelVersionDocument, { id: version.id, input })).updateModelVersion;
  }

  return (
    <FormDialog
      title={version ? words.edit : words.create}
      action={version ? words.save : words.createAction}
      canSave={input.modelName.trim() !== '' && input.versionTag.trim() !== '' && !isBusy}
      onSave={() => void save()}
      onClose={onClose}
    >
      <div className={styles.fields}>
        <SelectField
          label={words.provider}
          value={input.provider}
          options={PROVIDERS.map((value) => ({ value, label: texts.admin.models.names[value] }))}
          onChange={({ target }) => {
            const provider = PROVIDERS.find((known) => known === target.value);
            if (provider) setInput({ ...input, provider });
          }}
        />
        <TextField
          label={words.model}
          hint={words.modelHint}
          fault={fields['input.modelName']}
          value={input.modelName}
          maxLength={300}
          list={listId}
          autoComplete="off"
          onChange={({ target }) => setInput({ ...input, modelName: target.value })}
        />
        <datalist id={listId}>
          {models
            .filter(({ provider }) => provider === input.provider)
            .map(({ id, name }) => (
              <option key={id} value={name} />
            ))}
        </datalist>
        <TextField
          label={words.tag}
          hint={words.tagHint}
          fault={fields['input.versionTag']}
          value={input.versionTag}
          maxLength={100}
          autoComplete="off"
          onChange={({ target }) => setInput({ ...input, versionTag: target.value })}
        />
        <TextAreaField
          label={words.notes}
          fault={fields['input.notes']}
          value={input.notes ?? ''}
          maxLength={5_000}
          onChange={({ target }) => setInput({ ...input, notes: target.value })}
        />
        {Boolean(fault) && !isOfFields && (
          <p className={styles.fault} role="alert">
            <Said>{messageOf(fault)}</Said>
          </p>
        )}
      </div>
    </FormDialog>
  );
}
