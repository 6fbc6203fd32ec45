import { memo, useCallback, useMemo, useSyncExternalStore } from 'react';
import type { HighlightedLine } from '../highlight/highlighter.ts';
import { type Colours, useColours } from '../highlight/use-colours.ts';
import { texts } from '../texts/texts.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { GROUP, type Groups } from '../util/groups.ts';
import type { Part } from './blocks.ts';
import styles from './code-block.module.css';

type CodeBlockProps = { language: string; parts: Groups<Part> };

/** A block of code with its language, a button that copies it, and its colours. */
export function CodeBlock({ language, parts }: CodeBlockProps) {
  const sources = useMemo(() => parts.flatMap((group) => group.map(({ source }) => source)), [parts]);
  // While its first line is being written it may become another one: "c", "css".
  const colours = useColours(sources.every((source) => source === '') ? '' : language, sources);
  return (
    <figure className={styles.block} dir="ltr">
      <figcaption className={styles.head}>
        <span className={styles.language}>{language}</span>
        <CopyButton label={texts.message.copyCode} text={() => sources.join('\n')} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>
          {parts.map((group, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a group's place is what it is known by
            <CodeGroup key={index} parts={group} first={index * GROUP} colours={colours} />
          ))}
        </code>
      </pre>
    </figure>
  );
}

type CodeGroupProps = { parts: readonly Part[]; first: number; colours: Colours };

const CodeGroup = memo(function CodeGroup({ parts, first, colours }: CodeGroupProps) {
  return parts.map(({ source }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part's place is what it is known by
    <CodePart key={index} source={source} index={first + index} colours={colours} />
  ));
});

type CodePartProps = { source: string; index: number; colours: Colours };

/** Some lines. They are a box of their own, so that the browser lays out no others when one is added. */
const CodePart = memo(function CodePart({ source, index, colours }: CodePartProps) {
  const subscribe = useCallback((listener: () => void) => colours.subscribe(index, listener), [colours, index]);
  const part = useSyncExternalStore(subscribe, () => colours.part(index));
  const coloured = part && source.startsWith(part.source) ? part : null;
  return (
    <span className={styles.part}>
      {coloured?.lines.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line's place is what it is known by
        <CodeLine key={place} line={line} isFirst={place === 0} />
      ))}
      {source.slice(coloured?.source.length ?? 0)}
      {'\n'}
    </span>
  );
});

type CodeLineProps = { line: HighlightedLine; isFirst: boolean };

const CodeLine = memo(function CodeLine({ line, isFirst }: CodeLineProps) {
  return (
    <>
      {!isFirst && '\n'}
      {line.tokens.map(({ text, kind }, index) =>
        kind ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a word's place is what it is known by
          <span key={index} className={styles[kind]}>
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </>
  );
});
