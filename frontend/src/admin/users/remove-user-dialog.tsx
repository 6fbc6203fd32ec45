import { type Client, DeleteUserDocument } from '@colloquy/sdk';
import { useState } from 'react';
import { NO_FAULTS } from '../../api/field-faults.ts';
import { texts } from '../../texts/texts.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { FormFields } from '../../ui/form-fields.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useDeletion } from '../../ui/use-deletion.ts';
import type { Person } from './person.ts';

type RemoveUserDialogProps = {
  person: Person;
  isSelf: boolean;
  client: Client;
  onRemoved: () => void;
  onClose: () => void;
};

/** Others can lose something by it too, so that the name has to be typed. */
export function RemoveUserDialog({ person, isSelf, client, onRemoved, onClose }: RemoveUserDialogProps) {
  const words = texts.admin.users.remove;
  const { id, username } = person;
  const [typed, setTyped] = useState('');
  const { isRunning, fault, run } = useDeletion(async () => {
    await client.mutate(DeleteUserDocument, { id });
    onRemoved();
  });

  return (
    <ConfirmDialog
      title={isSelf ? words.titleSelf : words.title(username)}
      text={words.text}
      action={isRunning ? words.busy : words.action}
      fault={fault}
      canConfirm={typed.trim() === username && !isRunning}
      onConfirm={run}
      onClose={onClose}
    >
      <FormFields faults={NO_FAULTS}>
        <TextField
          label={words.type(username)}
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
      </FormFields>
    </ConfirmDialog>
  );
}
