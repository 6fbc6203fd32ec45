import { textOfCode } from '../api/api-error.ts';
import { texts } from '../texts/texts.ts';
import { Icon } from '../ui/icons.tsx';
import { Said } from '../ui/said.tsx';
import styles from './answer-state.module.css';
import type { ThreadMessage } from './thread-message.ts';

type AnswerStateProps = {
  message: ThreadMessage;
  isBusy: boolean;
  /** Nothing follows it. */
  isLast: boolean;
  onRegenerate: (message: ThreadMessage) => void;
  onGoOn: () => void;
};

/** Why an answer is not whole, and a way to get more of it or another. Nothing for one that is. */
export function AnswerState({ message, isBusy, isLast, onRegenerate, onGoOn }: AnswerStateProps) {
  const { status, error, finishReason } = message;
  if (status === 'GENERATING') return null;
  if (status === 'COMPLETE') {
    if (finishReason !== 'LENGTH') return null;
    return (
      <div className={styles.state} data-calm>
        <p>{texts.thread.cut}</p>
        {isLast && (
          <button type="button" disabled={isBusy} onClick={onGoOn}>
            {texts.thread.goOn}
          </button>
        )}
      </div>
    );
  }
  const title = {
    STOPPED: texts.thread.stopped,
    INTERRUPTED: texts.thread.interrupted,
    BLOCKED: texts.thread.blocked,
    FAILED: texts.thread.failed,
  }[status];
  const isCalm = status === 'STOPPED';
  return (
    <div className={styles.state} data-calm={isCalm || undefined}>
      {!isCalm && <Icon name="warning" />}
      <p>
        {title} {status === 'FAILED' && error && <Said>{textOfCode(error.code, error.message)}</Said>}
      </p>
      <button type="button" disabled={isBusy} onClick={() => onRegenerate(message)}>
        {texts.message.regenerate}
      </button>
    </div>
  );
}
