import { useEffect, useRef } from 'react';
import { type ShortcutId, shortcutOf } from './shortcuts.ts';

/** What each shortcut does. False: it has nothing to do here, and the key stays the browser's. */
export type ShortcutActions = Record<ShortcutId, () => unknown>;

/** Handles the keys of the page, except while a dialog or a menu has them. */
export function useShortcuts(actions: ShortcutActions): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (document.querySelector('dialog[open], :popover-open')) return;
      const shortcut = shortcutOf(event);
      if (shortcut && latest.current[shortcut.id]() !== false) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
