import type { ReactNode } from 'react';
import styles from './badge.module.css';

type BadgeProps = {
  /** `good`: as it should be; `bad`: refused or ended; `quiet`: neither. */
  kind?: 'good' | 'bad' | 'quiet';
  children: ReactNode;
};

/** A state or a kind, in a word. */
export function Badge({ kind = 'quiet', children }: BadgeProps) {
  return (
    <span className={styles.badge} data-kind={kind}>
      {children}
    </span>
  );
}
