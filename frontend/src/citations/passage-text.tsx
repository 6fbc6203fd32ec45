import { useLayoutEffect, useRef } from 'react';
import { texts } from '../texts.ts';
import styles from './passage-text.module.css';
import type { Passage } from './sources.ts';

/** The words of a passage, marked among those around it. Plain text: nothing in a document is followed or loaded. */
export function PassageText({ passage }: { passage: Passage }) {
  const mark = useRef<HTMLElement>(null);
  const { text, page } = passage;

  useLayoutEffect(() => mark.current?.scrollIntoView({ block: 'center' }), []);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div className={styles.scroller} tabIndex={0}>
      {page !== null && <p className={styles.page}>{texts.sources.page(page)}</p>}
      <blockquote className={styles.text} dir="auto">
        <mark ref={mark}>{text}</mark>
      </blockquote>
    </div>
  );
}
