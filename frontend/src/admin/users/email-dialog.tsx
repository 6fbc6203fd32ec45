import { type Client, UpdateUserDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { type Faults, faultsOf, NO_FAULTS } from '../../api/field-faults.ts';
import { texts } from '../../texts/texts.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { FormFields } from '../../ui/form-fields.tsx';
import { TextField } from '../../ui/text-field.tsx';
import type { Person } from './person.ts';

type EmailDialogProps = { person: Person; client: Client; onSaved: (person: Person) => void; onClose: () => void };

export function EmailDialog({ person, client, onSaved, onClose }: EmailDialogProps) {
  const words = texts.admin.users.changeEmail;
  const [email, setEmail] = useState(person.email ?? '');
  const [isBusy, setBusy] = useState(false);
  const [faults, setFaults] = useState<Faults<'email'>>(NO_FAULTS);

  async function save() {
    setBusy(true);
    setFaults(NO_FAULTS);
    try {
      const { updateUser } = await client.mutate(UpdateUserDocument, { id: person.id, email: email.trim() || null });
      onSaved(updateUser);
      onClose();
    } catch (error) {
      setFaults(faultsOf(error, ['email']));
      setBusy(false);
    }
  }

  return (
    <FormDialog
      title={words.title(person.username)}
      action={words.action}
      canSave={email.trim() !== (person.email ?? '') && !isBusy}
      onSave={() => void save()}
      onClose={onClose}
    >
      <FormFields faults={faults}>
        <TextField
          label={texts.admin.users.email}
          hint={words.hint}
          fault={faults.fields.email}
          value={email}
          inputMode="email"
          maxLength={254}
          autoComplete="off"
          onChange={(event) => setEmail(event.target.value)}
        />
      </FormFields>
    </FormDialog>
  );
}
