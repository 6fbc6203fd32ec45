import { isValidElement, type ReactNode, useRef } from 'react';
import { texts } from '../texts.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import styles from './code-block.module.css';

/** A block of code with its language and a button that copies it. */
export function CodeBlock({ children }: { children: ReactNode }) {
  const code = useRef<HTMLPreElement>(null);
  return (
    <figure className={styles.block}>
      <figcaption className={styles.head}>
        <span>{languageOf(children)}</span>
        <CopyButton label={texts.message.copyCode} text={() => code.current?.textContent?.replace(/\n$/, '') ?? ''} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre ref={code} tabIndex={0}>
        {children}
      </pre>
    </figure>
  );
}

function languageOf(children: ReactNode): string {
  if (!isValidElement<{ className?: string }>(children)) return '';
  return /language-(\S+)/.exec(children.props.className ?? '')?.[1] ?? '';
}
