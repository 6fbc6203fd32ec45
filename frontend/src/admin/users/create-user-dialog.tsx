import { type Client, CreateUserDocument, type Role } from '@colloquy/sdk';
import { useState } from 'react';
import { type Faults, faultsOf, NO_FAULTS } from '../../api/field-faults.ts';
import { texts } from '../../texts/texts.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { FormFields } from '../../ui/form-fields.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { SelectField } from '../../ui/select-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { generatePassword } from './generate-password.ts';
import type { Person } from './person.ts';

type CreateUserDialogProps = { client: Client; onCreated: (person: Person) => void; onClose: () => void };

const ROLES: readonly Role[] = ['USER', 'ADMIN'];
const NAMES = ['username', 'email', 'password'] as const;
type Name = (typeof NAMES)[number];

/** Makes an account for somebody, also where nobody can register. */
export function CreateUserDialog({ client, onCreated, onClose }: CreateUserDialogProps) {
  const words = texts.admin.users.create;
  const [form, setForm] = useState({ username: '', email: '', password: '' });
  const [role, setRole] = useState<Role>('USER');
  const [isShown, setShown] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [faults, setFaults] = useState<Faults<Name>>(NO_FAULTS);

  const bound = (name: Name) => ({
    value: form[name],
    fault: faults.fields[name],
    onChange: ({ target }: { target: HTMLInputElement }) => setForm({ ...form, [name]: target.value }),
  });

  async function save() {
    setBusy(true);
    setFaults(NO_FAULTS);
    const { username, password } = form;
    const email = form.email.trim() || null;
    try {
      const { createUser } = await client.mutate(CreateUserDocument, { input: { username, email, password }, role });
      onCreated(createUser);
      onClose();
    } catch (error) {
      setFaults(faultsOf(error, NAMES));
      setBusy(false);
    }
  }

  return (
    <FormDialog
      title={words.title}
      action={words.action}
      canSave={form.username.trim() !== '' && form.password !== '' && !isBusy}
      onSave={() => void save()}
      onClose={onClose}
    >
      <FormFields faults={faults}>
        <TextField
          {...bound('username')}
          label={words.username}
          hint={words.usernameHint}
          maxLength={64}
          autoComplete="off"
        />
        <TextField {...bound('email')} label={words.email} inputMode="email" maxLength={254} autoComplete="off" />
        <TextField
          {...bound('password')}
          label={words.password}
          hint={words.passwordHint}
          type={isShown ? 'text' : 'password'}
          maxLength={200}
          autoComplete="new-password"
        >
          <IconButton
            icon="eye"
            label={isShown ? texts.signIn.hidePassword : texts.signIn.showPassword}
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
          />
          <IconButton
            icon="regenerate"
            label={words.generate}
            onClick={() => {
              setForm({ ...form, password: generatePassword() });
              setShown(true);
            }}
          />
          <CopyButton label={words.copy} text={() => form.password} />
        </TextField>
        <SelectField
          label={texts.admin.users.role}
          value={role}
          options={ROLES.map((value) => ({ value, label: texts.admin.users.roles[value] }))}
          onChange={({ target }) => setRole(ROLES.find((known) => known === target.value) ?? 'USER')}
        />
      </FormFields>
    </FormDialog>
  );
}
