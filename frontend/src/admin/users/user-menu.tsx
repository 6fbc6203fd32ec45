import { UpdateUserDocument, type UpdateUserMutationVariables } from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu, type MenuItem } from '../../ui/menu.tsx';
import { EmailDialog } from './email-dialog.tsx';
import type { Person } from './person.ts';
import { RemoveUserDialog } from './remove-user-dialog.tsx';
import { RightsDialog, type RightsStep } from './rights-dialog.tsx';
import styles from './user-menu.module.css';

type UserMenuProps = {
  person: Person;
  isSelf: boolean;
  workspace: Workspace;
  onChange: (person: Person) => void;
  onGone: (id: string) => void;
};

/** What can be done with an account. */
export function UserMenu({ person, isSelf, workspace, onChange, onGone }: UserMenuProps) {
  const words = texts.admin.users;
  const { id, username, role, disabledAt } = person;
  const { client, notices } = workspace;
  const [open, setOpen] = useState<'email' | 'remove' | RightsStep | null>(null);
  const close = () => setOpen(null);

  async function change(changes: Omit<UpdateUserMutationVariables, 'id'>, done: string) {
    const { updateUser } = await client.mutate(UpdateUserDocument, { id, ...changes });
    onChange(updateUser);
    notices.show(done);
  }

  async function enable() {
    // It takes nothing from anybody, so that nothing is asked.
    await change({ disabled: false }, words.enable.done(username)).catch((error: unknown) =>
      notices.show(messageOf(error)),
    );
  }

  async function take(step: RightsStep) {
    if (step === 'promote') await change({ role: 'ADMIN' }, words.promote.done(username));
    if (step === 'demote') await change({ role: 'USER' }, words.demote.done(username));
    if (step === 'disable') await change({ disabled: true }, words.disable.done(username));
  }

  const roleItem: MenuItem =
    role === 'ADMIN'
      ? { label: isSelf ? words.demote.openSelf : words.demote.open, icon: 'shield', onSelect: () => setOpen('demote') }
      : { label: words.promote.open, icon: 'shield', onSelect: () => setOpen('promote') };
  const stateItem: MenuItem =
    disabledAt === null
      ? { label: words.disable.open, icon: 'stop', onSelect: () => setOpen('disable') }
      : { label: words.enable.open, icon: 'check', onSelect: () => void enable() };

  return (
    <>
      <Menu
        label={words.menu(username)}
        items={[
          { label: words.changeEmail.open, icon: 'edit', onSelect: () => setOpen('email') },
          roleItem,
          stateItem,
          { label: words.remove.open, icon: 'trash', danger: true, onSelect: () => setOpen('remove') },
        ]}
        trigger={(props) => <IconButton {...props} icon="more" label={words.menu(username)} />}
      >
        {isSelf && <p className={styles.yours}>{words.yours}</p>}
      </Menu>
      {open === 'email' && (
        <EmailDialog
          person={person}
          client={client}
          onSaved={(saved) => {
            onChange(saved);
            notices.show(words.changeEmail.done);
          }}
          onClose={close}
        />
      )}
      {open === 'remove' && (
        <RemoveUserDialog
          person={person}
          isSelf={isSelf}
          client={client}
          onRemoved={() => {
            onGone(id);
            notices.show(words.remove.done(username));
          }}
          onClose={close}
        />
      )}
      {open !== null && open !== 'email' && open !== 'remove' && (
        <RightsDialog step={open} username={username} isSelf={isSelf} onConfirm={take} onClose={close} />
      )}
    </>
  );
}
