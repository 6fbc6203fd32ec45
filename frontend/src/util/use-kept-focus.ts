import { type RefObject, useEffect, useRef } from 'react';

type KeptFocus = {
  list: RefObject<HTMLElement | null>;
  /** Of the entries, each in an element with its `data-id`. */
  ids: readonly string[];
  /** The one that had the focus last. */
  focused: string | null;
  /** Those that may come back. */
  hidden?: ReadonlySet<string>;
  /** What can be focused in an entry. */
  target: string;
  /** Focuses something else: there is no entry left. */
  orElse: () => void;
};

const NONE: ReadonlySet<string> = new Set();

/**
 * Keeps the focus in a list in which entries come and go: to the neighbour of one that has gone with it, and to one that
 * has been taken back. Whoever has the focus elsewhere keeps it there.
 */
export function useKeptFocus({ list, ids, focused, hidden = NONE, target, orElse }: KeptFocus): void {
  const before = useRef({ ids, focused, hidden });
  const latest = useRef(orElse);
  latest.current = orElse;
  useEffect(() => {
    const last = before.current;
    before.current = { ids, focused, hidden };
    if (last.ids === ids || document.activeElement !== document.body) return;
    const returned = [...last.hidden].find((id) => !hidden.has(id) && ids.includes(id));
    const at = last.focused === null || ids.includes(last.focused) ? -1 : last.ids.indexOf(last.focused);
    const next = returned ?? (at < 0 ? undefined : ids[Math.min(at, ids.length - 1)]);
    if (next) list.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(next)}"] ${target}`)?.focus();
    else if (at >= 0) latest.current();
  }, [list, ids, focused, hidden, target]);
}
