import type { FileStatus } from '@colloquy/sdk';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts/texts.ts';
import { knowledgeOwner } from '../uploads/owners.ts';
import { useStore } from '../util/store.ts';
import { useKeptFocus } from '../util/use-kept-focus.ts';
import { FileFilters } from './file-filters.tsx';
import { FileRow } from './file-row.tsx';
import styles from './files-pane.module.css';
import { SelectionBar } from './selection-bar.tsx';
import { UploadRow } from './upload-row.tsx';
import { UploadSummary } from './upload-summary.tsx';
import { useSelection } from './use-selection.ts';

type FilesPaneProps = { workspace: Workspace; collectionId: string | null; canChange: boolean };

const PAUSE_MS = 200;
/** Of those that wait to be sent: a list of hundreds says no more than their number. */
const MOST_WAITING = 10;

/** The files of a collection, or with null one's own: what is on its way, what is being read, what is there. */
export function FilesPane({ workspace, collectionId, canChange }: FilesPaneProps) {
  const { files, uploads } = workspace;
  const { ids, byId, apart, total, hasMore, state } = useStore(files.store, (whole) => whole);
  const items = useStore(uploads.store, (whole) => whole.items);
  const tallies = useStore(uploads.store, (whole) => whole.tallies);
  const selection = useSelection(ids);
  const [text, setText] = useState('');
  const [status, setStatus] = useState<FileStatus | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const owner = knowledgeOwner(collectionId);
  const underway = items.filter((upload) => upload.owner === owner && upload.phase !== 'sent');
  const isFiltered = text.trim() !== '' || status !== null;

  useEffect(() => {
    const timer = setTimeout(
      () => void files.show({ collectionId, text: text.trim() || null, status }),
      text === '' ? 0 : PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [files, collectionId, text, status]);

  useEffect(() => {
    // Nobody tells what another tab or device has uploaded.
    const onVisible = () => {
      if (document.visibilityState === 'visible') void files.refresh();
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, [files]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: where the end is follows from what is listed
  useEffect(() => {
    const element = end.current;
    // Until its number is known, nobody has asked for this list. All that is read of it may have been deleted.
    if (!element || !hasMore || state !== 'idle' || total === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void files.more();
      },
      { rootMargin: '300px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [files, hasMore, state, total, ids.length]);

  useKeptFocus({
    list,
    ids,
    focused,
    target: 'button',
    orElse: () => document.querySelector<HTMLElement>('main section input')?.focus(),
  });

  // Kept, so that a row is drawn anew only when it changes.
  const latest = useRef(selection);
  latest.current = selection;
  const toggle = useCallback((id: string, range: boolean) => latest.current.toggle(id, range), []);

  const shown = ids.flatMap((id) => byId.get(id) ?? []);
  const waiting = underway.filter(({ phase }) => phase === 'waiting');
  const unseen = new Set(waiting.slice(MOST_WAITING));
  const chosen = shown.filter(({ id }) => selection.chosen.has(id));
  const isEmpty = total === 0 && shown.length === 0 && underway.length === 0;
  return (
    <>
      {(!isEmpty || isFiltered) && (
        <FileFilters
          text={text}
          status={status}
          total={total}
          onText={setText}
          onStatus={setStatus}
          {...(canChange && shown.length > 0 && { chosen: chosen.length, listed: shown.length })}
          onChooseAll={(isOn) => selection.choose(isOn ? shown.map(({ id }) => id) : [])}
        />
      )}
      {chosen.length > 0 && <SelectionBar files={chosen} workspace={workspace} onChoose={selection.choose} />}
      <UploadSummary owner={owner} uploads={underway} tally={tallies.get(owner)} store={uploads} />
      <div role="status">
        {isFiltered && apart.size > 0 && (
          <p className={styles.apart}>
            {texts.files.apart(apart.size)}{' '}
            <button
              type="button"
              onClick={() => {
                setText('');
                setStatus(null);
                list.current?.focus();
              }}
            >
              {texts.files.showAll}
            </button>
          </p>
        )}
      </div>
      <ul
        ref={list}
        className={styles.rows}
        tabIndex={-1}
        aria-label={texts.files.label}
        onFocus={({ target }) => {
          // A dialog that a row has opened lies elsewhere.
          const id = target.closest('li')?.dataset.id;
          if (id) setFocused(id);
        }}
      >
        {underway
          .filter((upload) => !unseen.has(upload))
          .map((upload) => (
            <UploadRow key={upload.id} upload={upload} uploads={uploads} />
          ))}
        {unseen.size > 0 && <li className={styles.others}>{texts.uploads.othersWait(unseen.size)}</li>}
        {shown.map((file) => (
          <FileRow
            key={file.id}
            file={file}
            workspace={workspace}
            canChange={canChange}
            showsCollection={collectionId === null}
            isChosen={selection.chosen.has(file.id)}
            onToggle={toggle}
          />
        ))}
      </ul>
      {state === 'failed' && (
        <p className={styles.note} role="alert">
          {texts.files.loadFailed}{' '}
          <button type="button" onClick={() => void files.more()}>
            {texts.sidebar.retry}
          </button>
        </p>
      )}
      {isEmpty &&
        (isFiltered ? (
          <p className={styles.note}>{texts.files.noneMatch}</p>
        ) : (
          <div className={styles.empty}>
            <h2>{canChange ? texts.files.empty : texts.files.emptyShared}</h2>
            {canChange && <p>{texts.files.emptyHint}</p>}
          </div>
        ))}
      <div ref={end} />
    </>
  );
}
