import { ColloquyError } from '@colloquy/sdk';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { messageOf } from '../api/api-error.ts';
import { texts } from '../texts/texts.ts';
import { Mark } from '../ui/icons.tsx';
import { Said } from '../ui/said.tsx';
import { TextField } from '../ui/text-field.tsx';
import { passwordFault } from './password-fault.ts';
import { PasswordField } from './password-field.tsx';
import type { Session } from './session.ts';
import styles from './sign-in-form.module.css';

type SignInFormProps = { session: Session; ended: boolean };
type Faults = { general: string | null; fields: Record<string, string> };

const NONE: Faults = { general: null, fields: {} };

/** The page for whoever is not signed in. */
export function SignInForm({ session, ended }: SignInFormProps) {
  const [registering, setRegistering] = useState(false);
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState(NONE);
  const form = useRef<HTMLFormElement>(null);
  const words = registering ? texts.register : texts.signIn;
  useEffect(() => {
    document.title = `${words.title} · ${texts.name}`;
  }, [words]);
  useEffect(() => {
    // To what has to be written anew.
    const field = '[aria-invalid], [name=password]';
    if (faults !== NONE) form.current?.querySelector<HTMLInputElement>(field)?.select();
  }, [faults]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const value = (name: string) => String(entered.get(name) ?? '');
    const username = value('username').trim();
    const password = value('password');
    const email = value('email').trim();
    setBusy(true);
    setFaults(NONE);
    try {
      if (registering) await session.register({ username, password, ...(email && { email }) });
      else await session.login({ username, password });
    } catch (error) {
      setFaults(faultsOf(error, password, registering));
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
      <form ref={form} className={styles.form} onSubmit={submit} key={words.title} aria-busy={busy}>
        <h1>{words.title}</h1>
        {ended && !faults.general && (
          <p className={styles.notice} role="status">
            {texts.signIn.ended}
          </p>
        )}
        {faults.general && (
          <p className={styles.fault} role="alert">
            <Said>{faults.general}</Said>
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
function faultsOf(error: unknown, password: string, registering: boolean): Faults {
  if (!(error instanceof ColloquyError)) return { general: messageOf(error), fields: {} };
  if (!registering) {
    const isWrong = error.code === 'UNAUTHENTICATED' || error.code === 'BAD_USER_INPUT';
    return { general: isWrong ? `${texts.signIn.wrong} ${texts.signIn.forgotten}` : messageOf(error), fields: {} };
  }
  const words = texts.register;
  const isTaken = error.code === 'CONFLICT';
  const known: Record<string, string> = {
    username: isTaken ? words.usernameTaken : words.usernameFault,
    email: isTaken ? words.emailTaken : words.emailFault,
    password: passwordFault(password),
  };
  const named = Object.keys(error.fields).map((path) => path.split('.').at(-1) ?? path);
  const fields = Object.fromEntries(named.flatMap((name) => (known[name] ? [[name, known[name]]] : [])));
  return { general: Object.keys(fields).length > 0 ? null : messageOf(error), fields };
}
