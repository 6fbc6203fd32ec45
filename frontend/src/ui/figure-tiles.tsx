import styles from './figure-tiles.module.css';

type FigureTilesProps = {
  label: string;
  /** `of`: as much as it can be. */
  figures: readonly { label: string; value: string; of?: string }[];
};

/** A few figures side by side, each with what it is of. */
export function FigureTiles({ label, figures }: FigureTilesProps) {
  return (
    <section aria-label={label}>
      <dl className={styles.tiles} data-many={figures.length > 6 || undefined}>
        {figures.map((figure) => (
          <div key={figure.label}>
            <dt>{figure.label}</dt>
            <dd>
              {figure.value}
              {figure.of && <small> / {figure.of}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
