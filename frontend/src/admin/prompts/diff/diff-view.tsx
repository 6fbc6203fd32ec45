import { useMemo, useRef, useState } from 'react';
import { texts } from '../../../texts/texts.ts';
import styles from './diff-view.module.css';
import { foldLines } from './fold-lines.ts';
import { type DiffLine, diffTexts, type Span } from './text-diff.ts';

type DiffViewProps = { before: string; after: string };

/** Lines that are drawn at a time. */
const PAGE = 2_000;

const SIGNS = { same: '', removed: '−', added: '+' } as const;

/** What has become of a text, line by line; where nothing has changed it is folded. */
export function DiffView({ before, after }: DiffViewProps) {
  const lines = useMemo(() => diffTexts(before, after), [before, after]);
  const stretches = useMemo(() => foldLines(lines), [lines]);
  const [opened, setOpened] = useState<readonly number[]>([]);
  const [most, setMost] = useState(PAGE);
  const scroller = useRef<HTMLElement>(null);
  const words = texts.admin.prompts.diff;
  if (before === after) return <p className={styles.summary}>{words.same}</p>;
  const number = (kind: DiffLine['kind']) => lines.filter((line) => line.kind === kind).length;
  const summary = words.summary(number('added'), number('removed'));

  let drawn = 0;
  let left = 0;
  const rows = stretches.map(({ isFolded, lines: all }, index) => {
    const [first] = all;
    const key = `${first?.before}-${first?.after}`;
    if (isFolded && !opened.includes(index)) {
      if (drawn >= most) return null;
      return (
        <tr key={key} className={styles.fold}>
          <td colSpan={4}>
            <button
              type="button"
              onClick={() => {
                setOpened([...opened, index]);
                // The button is gone.
                scroller.current?.focus({ preventScroll: true });
              }}
            >
              {words.folded(all.length)}
            </button>
          </td>
        </tr>
      );
    }
    const shown = all.slice(0, Math.max(0, most - drawn));
    drawn += shown.length;
    left += all.length - shown.length;
    return shown.map((line) => <Line key={`${line.before}-${line.after}`} line={line} />);
  });

  return (
    <>
      <p className={styles.summary}>{summary}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section ref={scroller} className={styles.scroller} tabIndex={0} aria-label={summary}>
        <table className={styles.diff}>
          <tbody>{rows}</tbody>
        </table>
        {left > 0 && (
          <p className={styles.more}>
            <button type="button" onClick={() => setMost(most + PAGE)}>
              {words.more(Math.min(left, PAGE))}
            </button>
          </p>
        )}
      </section>
    </>
  );
}

function Line({ line: { kind, before, after, spans } }: { line: DiffLine }) {
  const words = texts.admin.prompts.diff;
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a line never change
  const text = spans.map((span, index) => <Part key={index} span={span} />);
  return (
    <tr data-kind={kind}>
      <td className={styles.number}>{before}</td>
      <td className={styles.number}>{after}</td>
      <td className={styles.sign} aria-hidden="true">
        {SIGNS[kind]}
      </td>
      <td className={styles.text}>
        {kind === 'same' && text}
        {kind === 'removed' && (
          <del>
            <span className="visually-hidden">{words.removed}</span>
            {text}
          </del>
        )}
        {kind === 'added' && (
          <ins>
            <span className="visually-hidden">{words.added}</span>
            {text}
          </ins>
        )}
      </td>
    </tr>
  );
}

function Part({ span: { text, isMarked } }: { span: Span }) {
  // Ends of lines of two kinds look the same otherwise.
  const shown = text.replaceAll('\r', '␍');
  return isMarked ? <mark>{shown}</mark> : shown;
}
