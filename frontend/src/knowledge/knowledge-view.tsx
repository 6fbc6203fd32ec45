import { type ReactNode, useEffect, useState } from 'react';
import { ViewFrame } from '../app/view-frame.tsx';
import type { Workspace } from '../app/workspace.ts';
import type { User } from '../session/session.ts';
import { texts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { DropHint } from '../uploads/drop-hint.tsx';
import type { Missed } from '../uploads/dropped-files.ts';
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
  const { collections, storage } = workspace;
  const known = useStore(collections.store, (state) => state);
  const collection = known.all.find(({ id }) => id === collectionId) ?? null;
  const isMissing = collectionId !== null && known.state === 'ready' && !collection;
  // Those for everybody are kept by the administrators.
  const canChange = !isMissing && (collection?.visibility !== 'SHARED' || user.isAdmin);
  const [query, setQuery] = useState('');
  const search = usePassageSearch(workspace.client, query, collectionId);
  const add = (files: readonly File[], missed?: Missed) => {
    workspace.upload(files, { owner: knowledgeOwner(collectionId), collectionId }, missed);
    // Whoever sends files wants to see them arrive, which passages are shown in the place of.
    setQuery('');
  };
  const isDropping = useFileDrop(canChange ? add : null);
  const title = collection ? shownName(collection.name) : isMissing ? texts.collections.label : texts.files.all;

  useEffect(() => {
    void collections.refresh();
    void storage.refresh();
  }, [collections, storage]);

  return (
    <ViewFrame
      opener={opener}
      head={
        <>
          <h1>
            <bdi>{title}</bdi>
          </h1>
          {collection && canChange && (
            <CollectionMenu key={collection.id} collection={collection} workspace={workspace} />
          )}
          {canChange && (
            <div className={styles.upload}>
              <FileButton onFiles={add}>
                {(open) => (
                  <Button kind="primary" icon="upload" onClick={open}>
                    {texts.uploads.upload}
                  </Button>
                )}
              </FileButton>
            </div>
          )}
        </>
      }
      navLabel={texts.collections.label}
      nav={<CollectionNav workspace={workspace} user={user} current={collectionId} />}
      label={title}
      isInert={isInert}
      cover={isDropping && <DropHint text={texts.uploads.dropInto(title)} />}
    >
      {isMissing ? (
        <p className={styles.missing} role="alert">
          {texts.collections.missing}
        </p>
      ) : (
        <>
          {collection?.description && <p className={styles.description}>{collection.description}</p>}
          <SearchPassages query={query} onChange={setQuery} />
          {search ? (
            <SearchHits search={search} workspace={workspace} />
          ) : (
            <FilesPane key={collectionId} workspace={workspace} collectionId={collectionId} canChange={canChange} />
          )}
        </>
      )}
    </ViewFrame>
  );
}
