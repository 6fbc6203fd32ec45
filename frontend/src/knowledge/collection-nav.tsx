import { useState } from 'react';
import { RouteLink } from '../app/route-link.tsx';
import type { Workspace } from '../app/workspace.ts';
import type { User } from '../session/session.ts';
import { formatNumber } from '../texts/language.ts';
import { texts } from '../texts/texts.ts';
import { Icon } from '../ui/icons.tsx';
import { shownName } from '../util/shown-name.ts';
import { useStore } from '../util/store.ts';
import { CollectionDialog } from './collection-dialog.tsx';
import styles from './collection-nav.module.css';
import { StorageMeter } from './storage-meter.tsx';

type CollectionNavProps = { workspace: Workspace; user: User; current: string | null };

/** The links to all collections, and the button that makes another one. */
export function CollectionNav({ workspace, user, current }: CollectionNavProps) {
  const { collections, router } = workspace;
  const { all, state } = useStore(collections.store, (whole) => whole);
  const [creating, setCreating] = useState(false);

  return (
    <>
      <ul>
        <Entry icon="library" name={texts.files.all} isCurrent={current === null} id={null} workspace={workspace} />
        {all.map(({ id, name, visibility, fileCount }) => (
          <Entry
            key={id}
            id={id}
            icon={visibility === 'SHARED' ? 'shared' : 'folder'}
            name={shownName(name)}
            count={fileCount}
            isCurrent={id === current}
            workspace={workspace}
          />
        ))}
      </ul>
      {state === 'failed' && (
        <p className={styles.note} role="alert">
          {texts.collections.loadFailed}{' '}
          <button type="button" onClick={() => void collections.refresh()}>
            {texts.sidebar.retry}
          </button>
        </p>
      )}
      <button type="button" onClick={() => setCreating(true)}>
        <Icon name="add" size={16} />
        {texts.collections.create}
      </button>
      <StorageMeter storage={workspace.storage} />
      {creating && (
        <CollectionDialog
          title={texts.collections.create}
          action={texts.collections.createAction}
          name=""
          description={null}
          canShare={user.isAdmin}
          onSave={async (collection) => {
            const { id } = await collections.create(collection);
            router.goToKnowledge(id);
          }}
          onClose={() => setCreating(false)}
        />
      )}
    </>
  );
}

type EntryProps = {
  id: string | null;
  icon: Parameters<typeof Icon>[0]['name'];
  name: string;
  count?: number;
  isCurrent: boolean;
  workspace: Workspace;
};

function Entry({ id, icon, name, count, isCurrent, workspace }: EntryProps) {
  return (
    <li>
      <RouteLink
        router={workspace.router}
        to={{ view: 'knowledge', collectionId: id }}
        isCurrent={isCurrent}
        title={name}
      >
        <Icon name={icon} size={16} />
        <bdi>{name}</bdi>
        {count !== undefined && (
          <small className={styles.count} title={texts.files.number(count)}>
            {formatNumber(count)}
            <span className="visually-hidden"> {texts.files.unit(count)}</span>
          </small>
        )}
      </RouteLink>
    </li>
  );
}
