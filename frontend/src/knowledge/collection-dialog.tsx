import type { Visibility } from '@colloquy/sdk';
import { useState } from 'react';
import { type Faults, faultsOf, NO_FAULTS } from '../api/field-faults.ts';
import { texts } from '../texts/texts.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import { FormFields } from '../ui/form-fields.tsx';
import { TextAreaField } from '../ui/text-area-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import styles from './collection-dialog.module.css';

type CollectionDialogProps = {
  title: string;
  action: string;
  name: string;
  description: string | null;
  /** May make it one for everybody. */
  canShare: boolean;
  onSave: (collection: { name: string; description: string | null; visibility: Visibility }) => Promise<void>;
  onClose: () => void;
};

/** Names a collection, and says what it is about. */
export function CollectionDialog(props: CollectionDialogProps) {
  const { title, action, canShare, onSave, onClose } = props;
  const [name, setName] = useState(props.name);
  const [description, setDescription] = useState(props.description ?? '');
  const [isShared, setShared] = useState(false);
  const [faults, setFaults] = useState<Faults<'name'>>(NO_FAULTS);
  const [isBusy, setBusy] = useState(false);

  async function save() {
    setBusy(true);
    try {
      await onSave({
        name: name.trim(),
        description: description.trim() || null,
        visibility: isShared ? 'SHARED' : 'PRIVATE',
      });
      onClose();
    } catch (error) {
      setFaults(faultsOf(error, ['name']));
      setBusy(false);
    }
  }

  return (
    <FormDialog
      title={title}
      action={action}
      canSave={name.trim() !== '' && !isBusy}
      onSave={() => void save()}
      onClose={onClose}
    >
      <FormFields faults={faults}>
        <TextField
          label={texts.collections.name}
          value={name}
          maxLength={200}
          fault={faults.fields.name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextAreaField
          label={texts.collections.description}
          hint={texts.collections.descriptionHint}
          value={description}
          maxLength={2_000}
          rows={3}
          onChange={(event) => setDescription(event.target.value)}
        />
        {canShare && (
          <label className={styles.shared}>
            <input type="checkbox" checked={isShared} onChange={(event) => setShared(event.target.checked)} />
            <span>
              {texts.collections.share}
              <small>{texts.collections.shareHint}</small>
            </span>
          </label>
        )}
      </FormFields>
    </FormDialog>
  );
}
