import { texts } from '../texts.ts';
import styles from './reasoning.module.css';

type ReasoningProps = { text: string; isRunning: boolean };

/** What a model thought before it answered, folded: most people want the answer. */
export function Reasoning({ text, isRunning }: ReasoningProps) {
  return (
    <details className={styles.reasoning}>
      <summary data-running={isRunning || undefined}>
        {isRunning ? texts.thread.reasoningNow : texts.thread.reasoning}
      </summary>
      <p>{text}</p>
    </details>
  );
}
