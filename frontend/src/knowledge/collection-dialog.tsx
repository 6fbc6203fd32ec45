import type { Visibility } from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import { TextField } from '../session/text-field.tsx';
import { texts } from '../texts.ts';
import { FormDialog } from '../ui/form-dialog.tsx';
import styles from './collection-dialog.module.css';

type CollectionDialogProps = {
  title: string;
  action: string;
  name: string;
  /** May make it one for everybody. */
  canShare: boolean;
  onSave: (name: string, visibility: Visibility) => Promise<void>;
  onClose: () => void;
};

/** Names a collection. */
export function CollectionDialog({ title, action, name: before, canShare, onSave, onClose }: CollectionDialogProps) {
  const [name, setName] = useState(before);
  const [isShared, setShared] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);

  async function save() {
    setBusy(true);
    try {
      await onSave(name.trim(), isShared ? 'SHARED' : 'PRIVATE');
      onClose();
    } catch (error) {
      setFault(messageOf(error));
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
      <TextField
        label={texts.collections.name}
        value={name}
        maxLength={200}
        fault={fault}
        onChange={(event) => setName(event.target.value)}
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
    </FormDialog>
  );
}
