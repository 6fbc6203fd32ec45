import type { Client } from '@colloquy/sdk';
import { useLayoutEffect, useRef, useState } from 'react';
import { texts } from '../texts/texts.ts';
import styles from './passage-text.module.css';
import type { Passage } from './sources.ts';
import { useSurroundings } from './use-surroundings.ts';

/** UTF-16 units on either side. The server tells 20,000 at a time, so that the passage has to leave room for the second. */
const AROUND = [1_200, 7_000];

/** The words of a passage, marked among those around it. Plain text: nothing in a document is followed or loaded. */
export function PassageText({ passage, client }: { passage: Passage; client: Client }) {
  const scroller = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLElement>(null);
  const [step, setStep] = useState(0);
  const { found, failed } = useSurroundings(client, passage, AROUND[step] ?? 0);
  const words = texts.sources;
  const more = step + 1 < AROUND.length && (
    <button type="button" className={styles.more} onClick={() => setStep(step + 1)}>
      {words.more}
    </button>
  );

  // What has come in above it must not push it out of view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: its place follows from what is around it
  useLayoutEffect(() => {
    const [frame, element] = [scroller.current, mark.current];
    if (!frame || !element) return;
    const offset = element.getBoundingClientRect().top - frame.getBoundingClientRect().top;
    frame.scrollTop += offset - frame.clientHeight / 4;
  }, [found]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div ref={scroller} className={styles.scroller} tabIndex={0}>
      {passage.file === null && <p className={styles.note}>{words.deleted}</p>}
      {failed && <p className={styles.note}>{words.around}</p>}
      {found?.isCutBefore && more}
      <blockquote className={styles.text} dir="auto">
        {found?.isCutBefore && '… '}
        {tidy(found?.before.trimStart())}
        <mark ref={mark}>{tidy(passage.text)}</mark>
        {tidy(found?.after.trimEnd())}
        {found?.isCutAfter && ' …'}
      </blockquote>
      {found?.isCutAfter && more}
    </div>
  );
}

/** Columns that were lined up with spaces are lined up no more in a narrow panel; indentation is kept. */
const tidy = (text = ''): string => text.replace(/(?<=\S)[ \t]{2,}/g, ' ');
