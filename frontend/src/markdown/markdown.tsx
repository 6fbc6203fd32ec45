import { useRef } from 'react';
import styles from './markdown.module.css';
import { MarkdownBlock } from './markdown-block.tsx';
import { type BlockSplit, splitBlocks } from './split-blocks.ts';

type MarkdownProps = { text: string; streaming?: boolean };

const FOOTNOTE = /^ {0,3}\[\^[^\]\n]+\]:/m;
const REFERENCE = /\[[^\]]+\]/;

/** Markdown as it grows: only the blocks at its end are rendered again. */
export function Markdown({ text, streaming = false }: MarkdownProps) {
  const split = useRef<BlockSplit | null>(null);
  // Footnotes belong to the whole text, so once it is there it is one block.
  const whole = !streaming && FOOTNOTE.test(text);
  if (!whole) split.current = splitBlocks(text, split.current);
  const blocks = whole || !split.current ? [text] : split.current.blocks;
  const definitions = whole ? '' : (split.current?.definitions ?? '');
  return (
    <div className={styles.markdown} data-markdown data-streaming={streaming || undefined}>
      {blocks.map((source, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a block's place is what it is known by while its text grows
        <MarkdownBlock key={index} source={source} definitions={REFERENCE.test(source) ? definitions : ''} />
      ))}
    </div>
  );
}
