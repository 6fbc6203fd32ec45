import { useEffect, useId, useRef, useState } from 'react';
import type { Workspace } from '../app/workspace.ts';
import { texts } from '../texts.ts';
import { Icon } from '../ui/icons.tsx';
import { place } from '../ui/place.ts';
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
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const needsNames = scope.collectionIds.length > 0;

  useEffect(() => {
    if (isOpen || needsNames) void collections.need();
  }, [isOpen, needsNames, collections]);

  useEffect(() => {
    const element = popover.current;
    if (!element) return;
    const onToggle = (event: Event) => setOpen((event as ToggleEvent).newState === 'open');
    element.addEventListener('toggle', onToggle);
    return () => element.removeEventListener('toggle', onToggle);
  }, []);

  // Again when the collections have come: it has grown.
  // biome-ignore lint/correctness/useExhaustiveDependencies: its height follows from what is in it
  useEffect(() => {
    if (isOpen && popover.current && button.current) place(popover.current, button.current.getBoundingClientRect());
  }, [isOpen, known]);

  const label = labelOf(scope, new Map(known.all.map((collection) => [collection.id, collection.name])));
  return (
    <>
      <button
        ref={button}
        type="button"
        className={styles.trigger}
        data-narrowed={scope.mode !== 'all' || undefined}
        popoverTarget={id}
        aria-label={texts.scope.trigger(label)}
        title={texts.scope.trigger(label)}
      >
        <Icon name="library" size={15} />
        <span>{label}</span>
      </button>
      <div ref={popover} id={id} popover="auto" role="dialog" aria-label={texts.scope.label} className={styles.popover}>
        {isOpen && (
          <ScopeOptions
            scope={scope}
            collections={known}
            onChange={(next) => scopes.write(conversationId, isEmpty(next) ? EVERYTHING : next)}
            onManage={() => {
              popover.current?.hidePopover();
              workspace.router.goToKnowledge(null);
            }}
          />
        )}
      </div>
    </>
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
