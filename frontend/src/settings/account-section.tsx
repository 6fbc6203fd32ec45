import { ViewerDocument } from '@colloquy/sdk';
import { useQuery } from 'urql';
import { useSignOut } from '../app/use-sign-out.tsx';
import { texts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { ReadState } from '../ui/read-state.tsx';
import { formatDay } from '../util/amounts.ts';
import { PasswordForm } from './password-form.tsx';
import styles from './settings.module.css';
import type { SettingsProps } from './settings-props.ts';

/** Who somebody is here, and how they get in. */
export function AccountSection({ session, user, workspace }: SettingsProps) {
  const [{ data, error, fetching }, read] = useQuery({ query: ViewerDocument, requestPolicy: 'cache-and-network' });
  const leaving = useSignOut(session, workspace);
  const words = texts.settings.account;
  const account = data?.viewer?.user;
  const facts = account && [
    { label: words.username, value: account.username },
    { label: words.role, value: words.roles[account.role] },
    { label: words.email, value: account.email ?? words.noEmail },
    { label: words.since, value: formatDay(account.createdAt) },
  ];
  return (
    <>
      <h2>{words.title}</h2>
      {facts ? (
        <dl className={styles.facts}>
          {facts.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <ReadState
          isLoading={fetching}
          error={error?.networkError ?? error}
          onRetry={() => read({ requestPolicy: 'network-only' })}
        />
      )}
      <PasswordForm workspace={workspace} username={user.username} />
      <section className={styles.block} aria-labelledby="sign-out-title">
        <h3 id="sign-out-title">{words.signOutTitle}</h3>
        <p>{words.signOutText}</p>
        <Button icon="signOut" onClick={leaving.begin}>
          {texts.account.signOut}
        </Button>
        {leaving.dialog}
      </section>
    </>
  );
}
