import type { FileStatus } from '@colloquy/sdk';
import { useEffect, useRef, useState } from 'react';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts.ts';
import { knowledgeOwner } from '../uploads/owners.ts';
import { useStore } from '../util/store.ts';
import { FileFilters } from './file-filters.tsx';
import { FileRow } from './file-row.tsx';
import styles from './files-pane.module.css';
import { UploadRow } from './upload-row.tsx';

type FilesPaneProps = { workspace: Workspace; collectionId: string | null; canChange: boolean };

const PAUSE_MS = 200;

/** The files of a collection, or with null one's own: what is on its way, what is being read, what is there. */
export function FilesPane({ workspace, collectionId, canChange }: FilesPaneProps) {
  const { files, uploads } = workspace;
  const { ids, byId, total, hasMore, state } = useStore(files.store, (whole) => whole);
  const items = useStore(uploads.store, (whole) => whole.items);
  const [text, setText] = useState('');
  const [status, setStatus] = useState<FileStatus | null>(null);
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

  useEffect(() => {
    const element = end.current;
    if (!element || !hasMore || state !== 'idle' || ids.length === 0) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void files.more();
      },
      { rootMargin: '300px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [files, hasMore, state, ids.length]);

  const shown = ids.flatMap((id) => byId.get(id) ?? []);
  const isEmpty = total === 0 && shown.length === 0 && underway.length === 0;
  return (
    <>
      {(!isEmpty || isFiltered) && (
        <FileFilters text={text} status={status} total={total} onText={setText} onStatus={setStatus} />
      )}
      <ul className={styles.rows} aria-label={texts.files.label}>
        {underway.map((upload) => (
          <UploadRow key={upload.id} upload={upload} uploads={uploads} />
        ))}
        {shown.map((file) => (
          <FileRow
            key={file.id}
            file={file}
            workspace={workspace}
            canChange={canChange}
            showsCollection={collectionId === null}
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
