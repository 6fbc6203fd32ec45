import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { conversationIdOf, useRoute } from '../app/router.ts';
import type { Workspace } from '../app/workspace.ts';
import { focusPlace, PLACES } from '../keyboard/places.ts';
import { texts } from '../texts/texts.ts';
import { useStore } from '../util/store.ts';
import { useDay } from '../util/use-day.ts';
import { useKeptFocus } from '../util/use-kept-focus.ts';
import styles from './conversation-list.module.css';
import { ConversationRow } from './conversation-row.tsx';
import { extentOf, visibleGroups } from './visible-lists.ts';

type ConversationListProps = { workspace: Workspace; archive: boolean; onOpen: () => void };

/** In pixels: it is read before its end comes into view, so that nobody has to wait for it. */
const AHEAD = 800;

/** The conversations by day. It reads on when its end comes near. */
export function ConversationList({ workspace, archive, onOpen }: ConversationListProps) {
  const { lists, side, deletions } = workspace;
  const state = useStore(lists.store, (whole) => whole);
  const renaming = useStore(side, (whole) => whole.renaming);
  const hidden = useStore(deletions.store, (whole) => whole.hidden);
  const current = conversationIdOf(useRoute(workspace.router));
  const today = useDay();
  const extent = extentOf(state, archive);
  const { byId } = state;
  const { floor } = extent;
  const found = state.search?.ids ?? null;
  const groups = useMemo(
    () => visibleGroups({ byId, archive, hidden, found, floor }, today),
    [byId, archive, hidden, found, floor, today],
  );
  const [focused, setFocused] = useState<string | null>(null);
  const scroller = useRef<HTMLElement>(null);
  const name = state.search ? 'search' : archive ? 'archive' : 'recent';
  const { hasMore } = extent;
  const isIdle = extent.state === 'idle';
  const text = state.search?.text ?? null;

  // Not an observer of intersections: Chromium's misses its end where rows that it has not laid out yet come into view.
  const readOn = useCallback(() => {
    const element = scroller.current;
    if (!element || !hasMore || !isIdle) return;
    if (element.scrollHeight - element.scrollTop - element.clientHeight < AHEAD) void lists.more(name);
  }, [lists, name, hasMore, isIdle]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows from what is listed
  useEffect(readOn, [readOn, groups]);

  // One of them is reached by Tab, and the arrow keys go to the others: what follows them is not a thousand keys away.
  const ids = useMemo(() => groups.flatMap(({ conversations }) => conversations.map(({ id }) => id)), [groups]);
  const reachable = [focused, current].find((id) => id !== null && ids.includes(id)) ?? ids[0] ?? null;

  useKeptFocus({ list: scroller, ids, focused, hidden, target: 'a', orElse: () => focusPlace(PLACES.search) });

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.target instanceof HTMLElement)) return;
    const link = event.target.closest('a');
    if (!link) return;
    const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('a')];
    const at = links.indexOf(link);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (event.key === 'Escape' && state.search) {
      event.stopPropagation();
      void lists.search('');
      focusPlace(PLACES.search);
    } else if (next !== undefined) {
      event.preventDefault();
      if (next < 0) focusPlace(PLACES.search);
      else links[next]?.focus();
    }
  }

  const isEmpty = groups.length === 0 && !hasMore;
  const emptyText = state.search ? texts.sidebar.noResults : archive ? texts.sidebar.archiveEmpty : texts.sidebar.empty;

  return (
    <nav
      ref={scroller}
      className={styles.list}
      aria-label={archive ? texts.sidebar.archive : texts.sidebar.label}
      data-conversations
      onKeyDown={onKeyDown}
      onScroll={readOn}
      onFocus={(event) => setFocused(event.target.closest('li')?.dataset.id ?? null)}
    >
      {groups.map(({ label, conversations }) => (
        <section key={label} aria-label={label}>
          <h2 role={state.search ? 'status' : undefined}>{label}</h2>
          <ul>
            {conversations.map((conversation) => (
              <ConversationRow
                key={conversation.id}
                conversation={conversation}
                isCurrent={conversation.id === current}
                isReachable={conversation.id === reachable}
                isRenaming={conversation.id === renaming}
                search={text}
                workspace={workspace}
                onOpen={onOpen}
              />
            ))}
          </ul>
        </section>
      ))}
      {isEmpty && (
        <p className={styles.note} role={state.search ? 'status' : undefined}>
          {emptyText}
        </p>
      )}
      {extent.state === 'failed' && (
        <p className={styles.note} role="alert">
          {texts.sidebar.failed}{' '}
          <button type="button" onClick={() => void lists.more(name)}>
            {texts.sidebar.retry}
          </button>
        </p>
      )}
      {extent.state === 'loading' && groups.length > 0 && <p className={styles.note}>{texts.sidebar.loading}</p>}
    </nav>
  );
}
