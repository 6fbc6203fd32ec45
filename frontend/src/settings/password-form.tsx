import { type FormEvent, useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import { faultsOf } from '../api/field-faults.ts';
import type { Workspace } from '../app/workspace.ts';
import { passwordFault } from '../session/password-fault.ts';
import { PasswordField } from '../session/password-field.tsx';
import { texts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Said } from '../ui/said.tsx';
import styles from './settings.module.css';

type PasswordFormProps = { workspace: Workspace; username: string };

/** Gives the account another password. */
export function PasswordForm({ workspace, username }: PasswordFormProps) {
  const [isBusy, setBusy] = useState(false);
  const [faults, setFaults] = useState<{ current?: string; next?: string }>({});
  const [general, setGeneral] = useState<string | null>(null);
  const words = texts.settings.account;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const entered = new FormData(form);
    const next = String(entered.get('next'));
    setBusy(true);
    setFaults({});
    setGeneral(null);
    try {
      await workspace.client.changePassword(String(entered.get('current')), next);
      form.reset();
      workspace.notices.show(words.changed);
    } catch (error) {
      const { fields } = faultsOf(error, ['current', 'next']);
      setFaults({
        ...(fields.current && { current: words.currentWrong }),
        ...(fields.next && { next: passwordFault(next) }),
      });
      if (!fields.current && !fields.next) setGeneral(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className={styles.block} aria-labelledby="password-title" aria-busy={isBusy} onSubmit={submit}>
      <h3 id="password-title">{words.passwordTitle}</h3>
      <p>{words.passwordText}</p>
      {general && (
        <p className={styles.fault} role="alert">
          <Said>{general}</Said>
        </p>
      )}
      {/* So that the browser's keeper of passwords knows whose it is. */}
      <input type="text" name="username" value={username} autoComplete="username" readOnly hidden />
      <div className={styles.fields}>
        <PasswordField
          name="current"
          label={words.current}
          hint={undefined}
          fault={faults.current}
          autoComplete="current-password"
        />
        <PasswordField
          name="next"
          label={words.next}
          hint={texts.register.passwordHint}
          fault={faults.next}
          autoComplete="new-password"
        />
      </div>
      <Button type="submit" kind="primary" disabled={isBusy}>
        {isBusy ? words.changing : words.change}
      </Button>
    </form>
  );
}
