import type { ReactNode } from 'react';
import styles from './health-mark.module.css';

/** As the server tells it of a part of itself, and of what it asks. */
export type HealthState = 'OK' | 'DEGRADED' | 'DOWN' | 'DISABLED';

type HealthMarkProps = {
  state: HealthState;
  /** The word for it. */
  children: ReactNode;
};

/** How something is doing: a word, with a shape and a colour that say the same. */
export function HealthMark({ state, children }: HealthMarkProps) {
  return (
    <span className={styles.mark} data-state={state}>
      {children}
    </span>
  );
}
