import { useMemo, useRef, useState } from 'react';

export type Selection = {
  /** Of those that are listed. */
  chosen: ReadonlySet<string>;
  /** `range`: with all between it and the one before. */
  toggle: (id: string, range: boolean) => void;
  choose: (ids: readonly string[]) => void;
};

/** Which of a list of things are chosen. What leaves the list is chosen no more. */
export function useSelection(ids: readonly string[]): Selection {
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  /** The one that was last toggled: where a range begins. */
  const anchor = useRef<string | null>(null);
  const chosen = useMemo(() => new Set(ids.filter((id) => marked.has(id))), [ids, marked]);

  return {
    chosen,
    toggle(id, range) {
      const next = new Set(chosen);
      const isOn = !chosen.has(id);
      const from = range && anchor.current !== null ? ids.indexOf(anchor.current) : -1;
      const to = ids.indexOf(id);
      const touched = from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1);
      for (const one of touched) {
        if (isOn) next.add(one);
        else next.delete(one);
      }
      anchor.current = id;
      setMarked(next);
    },
    choose(wanted) {
      anchor.current = null;
      setMarked(new Set(wanted));
    },
  };
}
