import styles from './charts.module.css';

export type SeriesLook = 'first' | 'second' | 'fault';

export type Series = {
  label: string;
  /** Told apart by more than their colour. */
  look: SeriesLook;
};

type LegendProps = {
  /** How the chart draws them. */
  mark: 'line' | 'bar';
  series: readonly Series[];
  /** What is read at the moment, one for each. */
  values: readonly string[];
};

/** What the lines or bars of a chart are, each with its value. */
export function Legend({ mark, series, values }: LegendProps) {
  return (
    <dl className={styles.legend}>
      {series.map(({ label, look }, index) => (
        <div key={label}>
          <dt>
            {mark === 'line' ? (
              <svg className={styles.key} width="18" height="8" aria-hidden="true">
                <path className={styles.line} data-look={look} d="M1 4h16" />
              </svg>
            ) : (
              <svg className={`${styles.key} ${styles.bar}`} width="10" height="10" aria-hidden="true">
                <rect data-look={look} x="0.5" y="0.5" width="9" height="9" />
              </svg>
            )}
            {label}
          </dt>
          <dd>{values[index]}</dd>
        </div>
      ))}
    </dl>
  );
}
