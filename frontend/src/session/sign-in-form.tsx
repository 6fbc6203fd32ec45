import { ColloquyError } from '@colloquy/sdk';
import { type FormEvent, useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import { texts } from '../texts.ts';
import { Mark } from '../ui/icons.tsx';
import { PasswordField } from './password-field.tsx';
import type { Session } from './session.ts';
import styles from './sign-in-form.module.css';
import { TextField } from './text-field.tsx';

type SignInFormProps = { session: Session; ended: boolean };
type Faults = { general: string | null; fields: Record<string, string> };

const NONE: Faults = { general: null, fields: {} };

/** The page for whoever is not signed in. */
export function SignInForm({ session, ended }: SignInFormProps) {
  const [registering, setRegistering] = useState(false);
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState(NONE);
  const words = registering ? texts.register : texts.signIn;

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const value = (name: string) => String(form.get(name) ?? '');
    const username = value('username').trim();
    const password = value('password');
    const email = value('email').trim();
    setBusy(true);
    setFaults(NONE);
    try {
      if (registering) await session.register({ username, password, ...(email && { email }) });
      else await session.login({ username, password });
    } catch (error) {
      setFaults(faultsOf(error, registering));
      setBusy(false);
    }
  }

  function turn() {
    setRegistering(!registering);
    setFaults(NONE);
  }

  return (
    <main className={styles.page}>
      <div className={styles.brand}>
        <Mark size={44} />
        <p className={styles.name}>{texts.name}</p>
        <p className={styles.tagline}>{texts.tagline}</p>
      </div>
      <form className={styles.form} onSubmit={submit} key={words.title} aria-busy={busy} noValidate={false}>
        <h1>{words.title}</h1>
        {ended && !faults.general && (
          <p className={styles.notice} role="status">
            {texts.signIn.ended}
          </p>
        )}
        {faults.general && (
          <p className={styles.fault} role="alert">
            {faults.general}
          </p>
        )}
        <TextField
          name="username"
          label={words.username}
          hint={registering ? texts.register.usernameHint : undefined}
          fault={faults.fields.username}
          autoComplete="username"
          autoFocus
          required
        />
        {registering && (
          <TextField
            name="email"
            type="email"
            label={texts.register.email}
            fault={faults.fields.email}
            autoComplete="email"
          />
        )}
        <PasswordField
          label={words.password}
          hint={registering ? texts.register.passwordHint : undefined}
          fault={faults.fields.password}
          autoComplete={registering ? 'new-password' : 'current-password'}
        />
        <button type="submit" className={styles.submit} disabled={busy}>
          {busy ? words.busy : words.action}
        </button>
        <p className={styles.other}>
          {registering ? texts.register.toSignIn : texts.signIn.toRegister}{' '}
          <button type="button" onClick={turn}>
            {registering ? texts.register.toSignInAction : texts.signIn.toRegisterAction}
          </button>
        </p>
      </form>
    </main>
  );
}

/** The server names the field by its path ("input.password"); what belongs to none is said above the form. */
function faultsOf(error: unknown, registering: boolean): Faults {
  if (!(error instanceof ColloquyError)) return { general: messageOf(error), fields: {} };
  if (error.code === 'UNAUTHENTICATED' && !registering) return { general: texts.signIn.wrong, fields: {} };
  const fields = Object.fromEntries(
    Object.entries(error.fields).map(([path, fault]) => [path.split('.').at(-1) ?? path, capitalized(fault)]),
  );
  const shown = ['username', 'email', 'password'].some((name) => fields[name]);
  if (error.code === 'CONFLICT') return { general: messageOf(error), fields: {} };
  return { general: shown ? null : messageOf(error), fields };
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
