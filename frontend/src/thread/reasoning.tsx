import { texts } from '../texts/texts.ts';
import styles from './reasoning.module.css';

type ReasoningProps = {
  text: string;
  isRunning: boolean;
  /** How long it took, where that is known. */
  milliseconds?: number | null;
};

/** What a model thought before it answered, folded: most people want the answer. */
export function Reasoning({ text, isRunning, milliseconds = null }: ReasoningProps) {
  const words = texts.thread;
  const title = milliseconds === null ? words.reasoning : words.reasoned(Math.max(1, Math.round(milliseconds / 1_000)));
  return (
    <details className={styles.reasoning}>
      <summary data-running={isRunning || undefined}>{isRunning ? words.reasoningNow : title}</summary>
      <p dir="auto">{text}</p>
    </details>
  );
}
