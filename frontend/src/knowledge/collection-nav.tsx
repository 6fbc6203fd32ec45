import { useState } from 'react';
import { pathOfKnowledge } from '../app/router.ts';
import type { Workspace } from '../app/workspace.ts';
import type { User } from '../session/session.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icons.tsx';
import { shownName } from '../util/shown-name.ts';
import { useStore } from '../util/store.ts';
import { CollectionDialog } from './collection-dialog.tsx';
import styles from './collection-nav.module.css';

type CollectionNavProps = { workspace: Workspace; user: User; current: string | null };

export function CollectionNav({ workspace, user, current }: CollectionNavProps) {
  const { collections, router } = workspace;
  const { all, state } = useStore(collections.store, (whole) => whole);
  const [creating, setCreating] = useState(false);

  return (
    <nav className={styles.nav} aria-label={texts.collections.label}>
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
      <button type="button" className={styles.add} onClick={() => setCreating(true)}>
        <Icon name="add" size={16} />
        {texts.collections.create}
      </button>
      {creating && (
        <CollectionDialog
          title={texts.collections.create}
          action={texts.collections.createAction}
          name=""
          canShare={user.isAdmin}
          onSave={async (name, visibility) => {
            const { id } = await collections.create(name, visibility);
            router.goToKnowledge(id);
          }}
          onClose={() => setCreating(false)}
        />
      )}
    </nav>
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
      <a
        href={pathOfKnowledge(id)}
        aria-current={isCurrent ? 'page' : undefined}
        title={name}
        onClick={(event) => {
          // Another tab or window is the browser's business.
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          workspace.router.goToKnowledge(id);
        }}
      >
        <Icon name={icon} size={16} />
        <bdi>{name}</bdi>
        {count !== undefined && (
          <small title={texts.files.number(count)}>
            {count}
            <span className="visually-hidden"> {texts.files.unit(count)}</span>
          </small>
        )}
      </a>
    </li>
  );
}
