import { useId, useMemo, useRef } from 'react';
import { BlockGroup, Blocks } from './block-view.tsx';
import { FootnoteList, FootnotesContext, findFootnotes, NO_FOOTNOTES } from './footnotes.tsx';
import { type GrowingDocument, growDocument } from './growing-document.ts';
import styles from './markdown.module.css';

type MarkdownProps = { text: string; streaming?: boolean };

/** Also one in a list or a quote. */
const FOOTNOTE = /^[ \t>*+\-\d.)]*\[\^[^\]\n]+\]:/m;

/** Markdown as it grows: only what is at its end is parsed and drawn again. */
export function Markdown({ text, streaming = false }: MarkdownProps) {
  const known = useRef<GrowingDocument | null>(null);
  const scope = useId();
  // Footnotes belong to the whole text, so once it is there it is read as a whole.
  const hasFootnotes = !streaming && FOOTNOTE.test(text);
  const previous = hasFootnotes && !known.current?.isComplete ? null : known.current;
  known.current = growDocument(text, previous, !streaming);
  const { blocks } = known.current;
  const whole = hasFootnotes ? blocks : null;
  const footnotes = useMemo(
    () => ({ ...(whole ? findFootnotes(nodesOf(whole)) : NO_FOOTNOTES), scope }),
    [whole, scope],
  );
  return (
    <FootnotesContext value={footnotes}>
      <div className={styles.markdown} data-markdown data-streaming={streaming || undefined}>
        {blocks.map((group, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a group's place is what it is known by
          <BlockGroup key={index} blocks={group} />
        ))}
        <FootnoteList>{({ children }) => <Blocks nodes={children} />}</FootnoteList>
      </div>
    </FootnotesContext>
  );
}

const nodesOf = (blocks: GrowingDocument['blocks']) => blocks.flatMap((group) => group.map(({ node }) => node));
