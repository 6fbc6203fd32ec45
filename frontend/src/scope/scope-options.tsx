import { useId } from 'react';
import type { CollectionsState } from '../knowledge/collections.ts';
import { texts } from '../texts/texts.ts';
import { shownName } from '../util/shown-name.ts';
import styles from './scope-options.module.css';
import type { Scope } from './scopes.ts';

type ScopeOptionsProps = {
  scope: Scope;
  collections: CollectionsState;
  onChange: (scope: Scope) => void;
  onManage: () => void;
};

export function ScopeOptions({ scope, collections, onChange, onManage }: ScopeOptionsProps) {
  const name = useId();
  const isChosen = scope.mode === 'chosen';
  const chosenIds = isChosen ? scope.collectionIds : [];
  const files = scope.files;

  function toggleCollection(id: string, isOn: boolean) {
    const collectionIds = isOn ? [...chosenIds, id] : chosenIds.filter((known) => known !== id);
    onChange({ mode: 'chosen', collectionIds, files: isChosen ? files : [] });
  }

  return (
    <fieldset className={styles.options}>
      <legend>{texts.scope.label}</legend>
      {(['all', 'off'] as const).map((mode) => (
        <label key={mode}>
          <input
            type="radio"
            name={name}
            checked={scope.mode === mode}
            onChange={() => onChange({ mode, collectionIds: [], files: [] })}
          />
          <span>
            {texts.scope[mode]}
            <small>{mode === 'all' ? texts.scope.allHint : texts.scope.offHint}</small>
          </span>
        </label>
      ))}
      <p className={styles.only}>{texts.scope.only}</p>
      {isChosen &&
        files.map((file) => (
          <label key={file.id}>
            <input
              type="checkbox"
              checked
              onChange={() => onChange({ ...scope, files: files.filter(({ id }) => id !== file.id) })}
            />
            <bdi className={styles.name}>{shownName(file.name)}</bdi>
          </label>
        ))}
      {collections.all.map((collection) => (
        <label key={collection.id}>
          <input
            type="checkbox"
            checked={chosenIds.includes(collection.id)}
            onChange={(event) => toggleCollection(collection.id, event.target.checked)}
          />
          <bdi className={styles.name}>{shownName(collection.name)}</bdi>
          {collection.visibility === 'SHARED' && <small className={styles.badge}>{texts.collections.shared}</small>}
        </label>
      ))}
      {collections.all.length === 0 && <p className={styles.note}>{noteOf(collections.state)}</p>}
      <button type="button" className={styles.manage} onClick={onManage}>
        {texts.scope.manage}
      </button>
    </fieldset>
  );
}

function noteOf(state: CollectionsState['state']): string {
  if (state === 'failed') return texts.collections.loadFailed;
  return state === 'ready' ? texts.scope.noCollections : texts.sidebar.loading;
}
