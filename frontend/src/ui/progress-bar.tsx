import styles from './progress-bar.module.css';

type ProgressBarProps = { label: string; value: number };

/** How far something has got: 0 to 1. */
export function ProgressBar({ label, value }: ProgressBarProps) {
  return <progress className={styles.bar} aria-label={label} max={1} value={Math.min(1, Math.max(0, value))} />;
}
