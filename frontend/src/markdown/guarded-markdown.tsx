import { Component, memo, type ReactNode, useRef } from 'react';
import styles from './guarded-markdown.module.css';
import { Markdown } from './markdown.tsx';
import { isOverwrought } from './overwrought.ts';

/** A growing text is looked at again after so many characters. */
const STEP = 500;

type GuardedMarkdownProps = { text: string; streaming?: boolean };

/** Markdown of whoever may have wanted to stop the page with it: at the worst it is shown as the text that it is. */
export const GuardedMarkdown = memo(function GuardedMarkdown({ text, streaming = false }: GuardedMarkdownProps) {
  const seen = useRef({ length: 0, isOverwrought: false });
  if (text.length < seen.current.length) seen.current = { length: 0, isOverwrought: false };
  if (!seen.current.isOverwrought && (!streaming || text.length - seen.current.length >= STEP)) {
    seen.current = { length: text.length, isOverwrought: isOverwrought(text) };
  }
  const plain = (
    <div className={styles.plain} dir="auto" data-markdown>
      {text}
    </div>
  );
  if (seen.current.isOverwrought) return plain;
  return (
    <PlainWhenFailed plain={plain}>
      <Markdown text={text} streaming={streaming} />
    </PlainWhenFailed>
  );
});

type PlainWhenFailedProps = { plain: ReactNode; children: ReactNode };

class PlainWhenFailed extends Component<PlainWhenFailedProps, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? this.props.plain : this.props.children;
  }
}
