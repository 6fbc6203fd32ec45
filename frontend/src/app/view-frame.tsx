import { type ReactNode, useEffect, useRef } from 'react';
import { texts } from '../texts/texts.ts';
import styles from './view-frame.module.css';

type ViewFrameProps = {
  /** The button that shows the sidebar. */
  opener: ReactNode;
  /** The title, and what can be done with all that is shown. */
  head: ReactNode;
  /** Of the links beside what is shown. */
  navLabel: string;
  nav: ReactNode;
  /** What is shown: also in the title of the window. Another one is shown from its beginning. */
  label: string;
  /** Something lies above it. */
  isInert: boolean;
  children: ReactNode;
  /** Above all of it. */
  cover?: ReactNode;
};

/** A page of which one part is shown, beside links to all of them; on a phone the links are a row above it. */
export function ViewFrame({ opener, head, navLabel, nav, label, isInert, children, cover }: ViewFrameProps) {
  const scroller = useRef<HTMLElement>(null);
  const links = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${label} · ${texts.name}`;
    scroller.current?.scrollTo(0, 0);
    // On a phone they are a row, which is wider than the screen.
    links.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [label]);
  return (
    <main className={styles.view} inert={isInert}>
      <header className={styles.head}>
        {opener}
        {head}
      </header>
      <nav ref={links} className={styles.nav} aria-label={navLabel}>
        {nav}
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section ref={scroller} className={styles.scroller} tabIndex={0} aria-label={label}>
        <div className={styles.column}>{children}</div>
      </section>
      {cover}
    </main>
  );
}
