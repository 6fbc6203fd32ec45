import { useContext } from 'react';
import { texts } from '../texts/texts.ts';
import { shownName } from '../util/shown-name.ts';
import styles from './source-list.module.css';
import { CitingContext, type Source, sortByUse } from './sources.ts';

/** What an answer stands on: the passages that it cites and, folded, the others that it was given. */
export function SourceList({ text }: { text: string }) {
  const { sources } = useContext(CitingContext);
  if (sources.length === 0) return null;
  const { cited, others } = sortByUse(sources, text);
  return (
    <section className={styles.sources} aria-label={texts.sources.label}>
      <SourceButtons sources={cited} />
      {others.length > 0 && (
        <details>
          <summary>
            {cited.length > 0 ? texts.sources.others(others.length) : texts.sources.read(others.length)}
          </summary>
          <SourceButtons sources={others} />
        </details>
      )}
    </section>
  );
}

function SourceButtons({ sources }: { sources: readonly Source[] }) {
  const { shown, open } = useContext(CitingContext);
  if (sources.length === 0) return null;
  return (
    <ul>
      {sources.map(({ key, number, passage }) => (
        <li key={key}>
          <button
            type="button"
            aria-expanded={shown === key}
            data-source={key}
            title={shownName(passage.fileName)}
            onClick={() => open(key)}
          >
            <b>{number}</b>
            <bdi className={styles.name}>{shownName(passage.fileName)}</bdi>
            {passage.page !== null && <small>{texts.sources.page(passage.page)}</small>}
          </button>
        </li>
      ))}
    </ul>
  );
}
