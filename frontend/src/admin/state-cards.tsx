import type { ReactNode } from 'react';
import { HealthMark, type HealthState } from '../ui/health-mark.tsx';
import { Said } from '../ui/said.tsx';
import styles from './state-cards.module.css';

/** Things side by side, each with how it is doing. */
export const StateCards = ({ children }: { children: ReactNode }) => <ul className={styles.cards}>{children}</ul>;

type StateCardProps = {
  name: string;
  state: HealthState;
  /** For the state. */
  word: string;
  /** What there is to say of it, a paragraph each. */
  lines: readonly (string | null | false)[];
  /** Why it is not as it should be. */
  trouble?: string | null;
};

export function StateCard({ name, state, word, lines, trouble }: StateCardProps) {
  return (
    <li className={styles.card} data-state={state}>
      <strong>{name}</strong>
      <HealthMark state={state}>{word}</HealthMark>
      {lines.map(
        (line) =>
          line && (
            <p key={line}>
              <Said>{line}</Said>
            </p>
          ),
      )}
      {trouble && (
        <p className={styles.trouble}>
          <Said>{trouble}</Said>
        </p>
      )}
    </li>
  );
}
