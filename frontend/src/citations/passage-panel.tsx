import { useEffect, useRef } from 'react';
import { messageOf } from '../api/api-error.ts';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts/texts.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { shownName } from '../util/shown-name.ts';
import { useStore } from '../util/store.ts';
import styles from './passage-panel.module.css';
import { PassageText } from './passage-text.tsx';

/** Beside the page: one passage in its place in its document. */
export function PassagePanel({ workspace }: { workspace: Workspace }) {
  const { sourcePanel: panel, notices } = workspace;
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
  const { file, page } = passage;
  const step = (by: number) => {
    const next = sources[(at + by + sources.length) % sources.length];
    if (next) panel.open(sources, next.key);
  };
  const words = texts.sources;
  const name = shownName(passage.fileName);
  return (
    <aside
      ref={frame}
      className={styles.panel}
      aria-label={number === null ? words.panel : words.chip(number, name, page)}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        panel.close();
      }}
    >
      <header className={styles.head}>
        {number !== null && <b className={styles.number}>{number}</b>}
        <div className={styles.title}>
          <h2 title={name}>
            <bdi>{name}</bdi>
          </h2>
          <small>
            {page !== null && `${words.page(page)} · `}
            {words.offsets(passage.start, passage.end)}
          </small>
        </div>
        {file && (
          <IconButton
            icon="download"
            label={words.download}
            onClick={() => workspace.download(file).catch((error: unknown) => notices.show(messageOf(error)))}
          />
        )}
        <IconButton icon="close" label={words.close} onClick={panel.close} />
      </header>
      <PassageText key={key} passage={passage} client={workspace.client} />
      {sources.length > 1 && (
        <nav className={styles.steps} aria-label={words.steps}>
          <IconButton icon="left" label={words.previous} onClick={() => step(-1)} />
          <span aria-live="polite">{words.position(at + 1, sources.length)}</span>
          <IconButton icon="right" label={words.next} onClick={() => step(1)} />
        </nav>
      )}
    </aside>
  );
}

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
