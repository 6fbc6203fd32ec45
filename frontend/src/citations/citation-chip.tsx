import { useContext } from 'react';
import { texts } from '../texts/texts.ts';
import { shownName } from '../util/shown-name.ts';
import styles from './citation-chip.module.css';
import { CitingContext } from './sources.ts';

/** A number in an answer that opens the passage it stands for. Without such a passage it is the text that it was. */
export function CitationChip({ number }: { number: number }) {
  const { sources, shown, open } = useContext(CitingContext);
  const source = sources.find((candidate) => candidate.number === number);
  if (!source) return `[${number}]`;
  const { fileName, page } = source.passage;
  const label = texts.sources.chip(number, shownName(fileName), page);
  return (
    <button
      type="button"
      className={styles.chip}
      aria-label={label}
      title={label}
      aria-expanded={shown === source.key}
      data-source={source.key}
      onClick={() => open(source.key)}
    >
      {/* Not seen, but copied with the text. */}
      <span className="visually-hidden">[</span>
      {number}
      <span className="visually-hidden">]</span>
    </button>
  );
}
