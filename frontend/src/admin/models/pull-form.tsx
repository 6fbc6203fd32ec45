import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/select-field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Part } from '../part.tsx';
import { ModelFiles } from './model-files.tsx';
import styles from './pull-form.module.css';
import { PULL_SOURCES, type PullSource, readPullTarget } from './pull-source.ts';
import type { Pulls } from './pulls.ts';

type PullFormProps = {
  pulls: Pulls;
  /** Nothing can be got by it now. */
  lacksOllama: boolean;
};

/** Fetches a model: by its name, or chosen from what a repository has. */
export function PullForm({ pulls, lacksOllama }: PullFormProps) {
  const [chosen, setSource] = useState<PullSource | null>(null);
  const source = chosen ?? (lacksOllama ? 'hub' : 'ollama');
  const [name, setName] = useState('');
  const [repository, setRepository] = useState<string | null>(null);
  const [fault, setFault] = useState<string | undefined>();
  const [isBusy, setBusy] = useState(false);
  const words = texts.admin.models.pulls;
  const target = readPullTarget(source, name);

  async function get(model: string) {
    setBusy(true);
    setFault(undefined);
    try {
      await pulls.begin(model);
      // Meanwhile somebody may have begun to write the next one.
      setName((now) => (now === name ? '' : now));
    } catch (error) {
      setFault(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  function submit() {
    if (isBusy || name.trim() === '') return;
    if (!target) setFault(words.wrongName);
    else if (target.kind === 'model') void get(target.model);
    else setRepository(target.repository);
  }

  return (
    <Part title={words.title}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <SelectField
          label={words.source}
          value={source}
          options={PULL_SOURCES.map((value) => ({ value, label: words.sources[value] }))}
          onChange={({ target: { value } }) => {
            setSource(PULL_SOURCES.find((known) => known === value) ?? 'ollama');
            setFault(undefined);
            setRepository(null);
          }}
        />
        <TextField
          label={words.name}
          hint={source === 'hub' ? words.hubHint : words.ollamaHint}
          fault={fault}
          value={name}
          maxLength={500}
          autoComplete="off"
          onChange={(event) => {
            setName(event.target.value);
            // What was written for one is not for the other.
            setSource(source);
            setFault(undefined);
          }}
        />
        <div className={styles.action}>
          <Button kind="primary" type="submit" icon="download" disabled={isBusy || name.trim() === ''}>
            {target?.kind === 'repository' ? words.list : words.get}
          </Button>
        </div>
      </form>
      {repository && (
        <ModelFiles
          key={repository}
          repository={repository}
          isBusy={isBusy}
          onGet={(model) => void get(model)}
          onClose={() => setRepository(null)}
        />
      )}
    </Part>
  );
}
