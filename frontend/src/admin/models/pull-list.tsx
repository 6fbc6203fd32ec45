import { useState } from 'react';
import { messageOf } from '../../api/api-error.ts';
import { inPageWords } from '../../texts/server-words.ts';
import { texts } from '../../texts/texts.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { Said } from '../../ui/said.tsx';
import { formatBytes } from '../../util/amounts.ts';
import { shownName } from '../../util/shown-name.ts';
import { useStore } from '../../util/store.ts';
import styles from './pull-list.module.css';
import { shownModel } from './pull-source.ts';
import { isElsewhere, type Pull, type Pulls } from './pulls.ts';
import { formatTimeLeft } from './time-left.ts';

/** The models that are being fetched, or have been while this was open. */
export function PullList({ pulls }: { pulls: Pulls }) {
  const shown = useStore(pulls.store, (state) => state.pulls);
  const words = texts.admin.models.pulls;
  const done = shown.filter(({ state }) => state?.done && !state.error);
  return (
    <>
      <p className="visually-hidden" role="status">
        {done.map(({ model }) => words.isThere(shownName(shownModel(model)))).join(' ')}
      </p>
      {shown.length > 0 && (
        <ul className={styles.list} aria-label={words.running}>
          {shown.map((pull) => (
            <PullRow key={pull.model} pull={pull} pulls={pulls} />
          ))}
        </ul>
      )}
    </>
  );
}

function PullRow({ pull, pulls }: { pull: Pull; pulls: Pulls }) {
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const words = texts.admin.models.pulls;
  const { model, state, isCancelled } = pull;
  const name = shownName(shownModel(model));
  const isDone = state?.done ?? false;
  const isFailed = isDone && state?.error !== null;
  const isOver = isDone || pull.fault !== null;
  const reason =
    fault ?? pull.fault ?? (isFailed ? (isCancelled ? words.cancelled : inPageWords(state?.error ?? '')) : null);

  async function act(action: () => Promise<void>) {
    setFault(null);
    setBusy(true);
    try {
      await action();
    } catch (error) {
      setFault(messageOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <li className={styles.row} data-state={isFailed ? 'failed' : isDone ? 'done' : 'running'}>
      <div className={styles.what}>
        <bdi className={styles.name}>{name}</bdi>
        <small>{factsOf(pull)}</small>
        {!isOver && <ProgressBar label={words.progress(name)} value={partOf(pull)} />}
        {reason && (
          <p className={isCancelled ? styles.note : styles.fault} role="alert">
            <Said>{reason}</Said>
          </p>
        )}
      </div>
      {isFailed || pull.fault ? (
        <Button disabled={isBusy} onClick={() => void act(() => pulls.begin(model))}>
          {words.again}
        </Button>
      ) : null}
      {isOver ? (
        <IconButton icon="close" size={16} label={words.dismiss(name)} onClick={() => pulls.dismiss(model)} />
      ) : isElsewhere(pull) ? null : (
        <IconButton
          icon="close"
          size={16}
          label={words.cancel(name)}
          disabled={isCancelled || isBusy}
          onClick={() => void act(() => pulls.cancel(model))}
        />
      )}
    </li>
  );
}

/** 0 to 1; 0 where that is not known. */
function partOf({ state }: Pull): number {
  const { completedBytes, totalBytes } = state ?? {};
  return completedBytes && totalBytes ? completedBytes / totalBytes : 0;
}

/** In words: what is done, how many bytes, how fast, and how long it still takes. */
function factsOf({ state }: Pull): string {
  const words = texts.admin.models.pulls;
  if (!state) return words.statuses.waiting;
  const { status, completedBytes, totalBytes, bytesPerSecond, done } = state;
  const known: Record<string, string> = words.statuses;
  const facts = [known[status] ?? status];
  if (completedBytes !== null && totalBytes !== null && status !== 'done') {
    facts.push(words.bytes(formatBytes(completedBytes), formatBytes(totalBytes)));
  } else if (totalBytes !== null && done) facts.push(formatBytes(totalBytes));
  if (!done && bytesPerSecond !== null && bytesPerSecond > 0) {
    facts.push(words.rate(formatBytes(bytesPerSecond)));
    if (completedBytes !== null && totalBytes !== null) {
      facts.push(formatTimeLeft((totalBytes - completedBytes) / bytesPerSecond));
    }
  }
  return facts.join(' · ');
}
