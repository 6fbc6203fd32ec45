import { useEffect, useRef } from 'react';
import { texts } from '../texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { shownName } from '../util/shown-name.ts';
import { useStore } from '../util/store.ts';
import styles from './passage-panel.module.css';
import { PassageText } from './passage-text.tsx';
import type { SourcePanel } from './source-panel.ts';

/** Beside the page: one passage in its place in its document. */
export function PassagePanel({ panel }: { panel: SourcePanel }) {
  const { sources, key } = useStore(panel.store, (state) => state);
  const at = sources.findIndex((source) => source.key === key);
  const source = sources[at];
  const frame = useRef<HTMLElement>(null);
  const isOpen = source !== undefined;
  useReturnedFocus(key);

  useEffect(() => {
    if (isOpen) frame.current?.focus();
  }, [isOpen]);

  if (!source) return null;
  const { number, passage } = source;
  const [before, after] = [sources[at - 1], sources[at + 1]];
  const words = texts.sources;
  return (
    <aside
      ref={frame}
      id={PANEL_ID}
      className={styles.panel}
      aria-label={words.panel}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        panel.close();
      }}
    >
      <header className={styles.head}>
        {number !== null && <b className={styles.number}>{number}</b>}
        <h2 title={shownName(passage.fileName)}>
          <bdi>{shownName(passage.fileName)}</bdi>
        </h2>
        <IconButton icon="close" label={words.close} onClick={panel.close} />
      </header>
      <PassageText key={key} passage={passage} />
      {sources.length > 1 && (
        <nav className={styles.steps} aria-label={words.steps}>
          <IconButton
            icon="left"
            label={words.previous}
            disabled={!before}
            onClick={() => before && panel.open(sources, before.key)}
          />
          <span aria-live="polite">{words.position(at + 1, sources.length)}</span>
          <IconButton
            icon="right"
            label={words.next}
            disabled={!after}
            onClick={() => after && panel.open(sources, after.key)}
          />
        </nav>
      )}
    </aside>
  );
}

const PANEL_ID = 'source-panel';

/** Closed, the focus goes back to what opened it. An answer that has ended in the meantime has other buttons by then. */
function useReturnedFocus(key: string | null): void {
  const last = useRef<string | null>(null);
  useEffect(() => {
    const left = last.current;
    last.current = key;
    if (key !== null || left === null) return;
    // What was clicked elsewhere keeps the focus.
    if (document.activeElement && document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`[data-source="${CSS.escape(left)}"]`)?.focus();
  }, [key]);
}
