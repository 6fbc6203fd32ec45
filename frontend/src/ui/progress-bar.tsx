import styles from './progress-bar.module.css';

type ProgressBarProps = {
  label: string;
  /** 0 to 1; null: nobody knows. */
  value: number | null;
};

/** How far something has got. */
export function ProgressBar({ label, value }: ProgressBarProps) {
  const known = value === null ? undefined : Math.min(1, Math.max(0, value));
  return <progress className={styles.bar} aria-label={label} max={1} value={known} />;
}
