import { type ReactNode, useEffect, useState } from 'react';
import type { Workspace } from '../app/workspace.ts';
import type { User } from '../session/session.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icons.tsx';
import { DropHint } from '../uploads/drop-hint.tsx';
import { FileButton } from '../uploads/file-button.tsx';
import { useFileDrop } from '../uploads/file-drop.ts';
import { knowledgeOwner } from '../uploads/owners.ts';
import { shownName } from '../util/shown-name.ts';
import { useStore } from '../util/store.ts';
import { CollectionMenu } from './collection-menu.tsx';
import { CollectionNav } from './collection-nav.tsx';
import { FilesPane } from './files-pane.tsx';
import styles from './knowledge-view.module.css';
import { SearchHits } from './search-hits.tsx';
import { SearchPassages } from './search-passages.tsx';
import { usePassageSearch } from './use-passage-search.ts';

type KnowledgeViewProps = {
  workspace: Workspace;
  user: User;
  collectionId: string | null;
  /** Something lies above it. */
  isInert: boolean;
  /** The button that shows the sidebar. */
  opener: ReactNode;
};

/** The files that answers are looked up in. */
export function KnowledgeView({ workspace, user, collectionId, isInert, opener }: KnowledgeViewProps) {
  const { collections, uploads, sourcePanel } = workspace;
  const known = useStore(collections.store, (state) => state);
  const collection = known.all.find(({ id }) => id === collectionId) ?? null;
  const isMissing = collectionId !== null && known.state === 'ready' && !collection;
  // Those for everybody are kept by the administrators.
  const canChange = !isMissing && (collection?.visibility !== 'SHARED' || user.isAdmin);
  const [query, setQuery] = useState('');
  const search = usePassageSearch(workspace.client, query, collectionId);
  const add = (files: readonly File[]) => uploads.add(files, { owner: knowledgeOwner(collectionId), collectionId });
  const drop = useFileDrop(add);
  const title = collection ? shownName(collection.name) : isMissing ? texts.collections.label : texts.files.all;

  useEffect(() => void collections.refresh(), [collections]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || document.querySelector('dialog[open], :popover-open')) return;
      sourcePanel.close();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [sourcePanel]);
  useEffect(() => {
    document.title = `${title} · ${texts.name}`;
  }, [title]);

  return (
    <main className={styles.view} inert={isInert} {...(canChange && drop.handlers)}>
      <header className={styles.head}>
        {opener}
        <h1>
          <bdi>{title}</bdi>
        </h1>
        {collection && canChange && <CollectionMenu collection={collection} workspace={workspace} />}
        {canChange && (
          <FileButton onFiles={add}>
            {(open) => (
              <button type="button" className={styles.upload} onClick={open}>
                <Icon name="upload" size={16} />
                {texts.uploads.upload}
              </button>
            )}
          </FileButton>
        )}
      </header>
      <CollectionNav workspace={workspace} user={user} current={collectionId} />
      <section className={styles.scroller} aria-label={title}>
        <div className={styles.column}>
          {isMissing ? (
            <p className={styles.missing} role="alert">
              {texts.collections.missing}
            </p>
          ) : (
            <>
              <SearchPassages query={query} onChange={setQuery} />
              {search ? (
                <SearchHits search={search} workspace={workspace} />
              ) : (
                <FilesPane key={collectionId} workspace={workspace} collectionId={collectionId} canChange={canChange} />
              )}
            </>
          )}
        </div>
      </section>
      {drop.isOver && <DropHint text={texts.uploads.dropInto(title)} />}
    </main>
  );
}
