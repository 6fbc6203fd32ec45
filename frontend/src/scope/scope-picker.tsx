import { useEffect } from 'react';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts/texts.ts';
import { Icon } from '../ui/icons.tsx';
import { Popover } from '../ui/popover.tsx';
import { shownName } from '../util/shown-name.ts';
import { useStore } from '../util/store.ts';
import { ScopeOptions } from './scope-options.tsx';
import styles from './scope-picker.module.css';
import { EVERYTHING, type Scope } from './scopes.ts';

type ScopePickerProps = { workspace: Workspace; conversationId: string | null };

/** Which files the answers of a conversation are looked up in. */
export function ScopePicker({ workspace, conversationId }: ScopePickerProps) {
  const { scopes, collections } = workspace;
  // Read anew with every change.
  useStore(scopes.store, (state) => state.byConversation);
  const scope = scopes.read(conversationId);
  const known = useStore(collections.store, (state) => state);
  const needsNames = scope.collectionIds.length > 0;

  useEffect(() => {
    if (needsNames) void collections.need();
  }, [needsNames, collections]);

  const label = labelOf(scope, new Map(known.all.map((collection) => [collection.id, collection.name])));
  return (
    <Popover
      label={texts.scope.label}
      onOpen={() => void collections.need()}
      trigger={(props) => (
        <button
          {...props}
          type="button"
          className={styles.trigger}
          data-narrowed={scope.mode !== 'all' || undefined}
          aria-label={texts.scope.trigger(label)}
          title={texts.scope.trigger(label)}
        >
          <Icon name="library" size={15} />
          <span>{label}</span>
        </button>
      )}
    >
      {(close) => (
        <ScopeOptions
          scope={scope}
          collections={known}
          onChange={(next) => scopes.write(conversationId, isEmpty(next) ? EVERYTHING : next)}
          onManage={() => {
            close();
            workspace.router.goToKnowledge(null);
          }}
        />
      )}
    </Popover>
  );
}

/** Nothing chosen is no choice. */
const isEmpty = ({ mode, collectionIds, files }: Scope) =>
  mode === 'chosen' && collectionIds.length + files.length === 0;

function labelOf({ mode, collectionIds, files }: Scope, names: ReadonlyMap<string, string>): string {
  if (mode === 'all') return texts.scope.all;
  if (mode === 'off') return texts.scope.off;
  const [collectionId] = collectionIds;
  const [file] = files;
  const number = collectionIds.length + files.length;
  if (number > 1) return texts.scope.several(number);
  return file ? shownName(file.name) : (names.get(collectionId ?? '') ?? texts.scope.several(1));
}
