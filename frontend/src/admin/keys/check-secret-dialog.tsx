import { ApiKeyStatusDocument, type ApiKeyStatusQuery, type Client } from '@colloquy/sdk';
import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import { texts } from '../../texts/texts.ts';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { FormFields } from '../../ui/form-fields.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { formatTime } from '../../util/amounts.ts';
import { shownName } from '../../util/shown-name.ts';
import styles from './check-secret-dialog.module.css';

type CheckSecretDialogProps = { client: Client; onClose: () => void };
type Status = ApiKeyStatusQuery['apiKeyStatus'];

/** Whose a secret is. It is sent as a variable, which no log has, and kept no longer than the dialog is open. */
export function CheckSecretDialog({ client, onClose }: CheckSecretDialogProps) {
  const words = texts.admin.keys.check;
  const [secret, setSecret] = useState('');
  const [status, setStatus] = useState<Status | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  async function check() {
    setBusy(true);
    setFault(null);
    setStatus(null);
    try {
      setStatus((await client.query(ApiKeyStatusDocument, { secret: secret.trim() })).apiKeyStatus);
    } catch (error) {
      setFault(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <FormDialog
      title={words.title}
      action={words.action}
      canSave={secret.trim() !== '' && !isBusy}
      onSave={() => void check()}
      onClose={onClose}
    >
      <FormFields faults={{ general: fault, fields: {} }}>
        <TextField
          label={words.label}
          hint={words.text}
          value={secret}
          maxLength={1_000}
          autoComplete="off"
          onChange={(event) => {
            setSecret(event.target.value);
            // It would be that of another secret.
            setStatus(null);
          }}
        />
        <div role="status">{status && <Result status={status} />}</div>
      </FormFields>
    </FormDialog>
  );
}

function Result({ status }: { status: Status }) {
  const words = texts.admin.keys;
  const { exists, active, clientName, collectionName, systemPromptName, lastUsedAt, createdAt } = status;
  if (!exists || clientName === null)
    return (
      <p className={styles.said} data-ended>
        {words.check.unknown}
      </p>
    );
  const name = shownName(clientName);
  const facts: [string, string][] = [
    [words.knowledge, collectionName === null ? words.noCollection : shownName(collectionName)],
    [words.create.prompt, systemPromptName === null ? words.create.defaultPrompt : shownName(systemPromptName)],
    [words.lastUsed, lastUsedAt === null ? words.neverUsed : formatTime(lastUsedAt)],
    ...(createdAt ? [[words.check.created, formatTime(createdAt)] satisfies [string, string]] : []),
  ];
  return (
    <div className={styles.result}>
      <p className={styles.said} data-ended={!active || undefined}>
        {active ? words.check.active(name) : words.check.ended(name)}
      </p>
      <dl>
        {facts.map(([fact, value]) => (
          <div key={fact}>
            <dt>{fact}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
