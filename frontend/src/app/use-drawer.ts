import { useCallback, useEffect, useState } from 'react';
import { memory } from '../util/memory.ts';

const FOLDED_KEY = 'colloquy.folded';
/** As in shell.module.css. */
export const NARROW = '(max-width: 47.99rem)';

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

/** The sidebar: on a phone a drawer above the page, elsewhere a column that can be folded away. */
export function useDrawer() {
  const [isOpen, setOpen] = useState(false);
  const [isFolded, setFolded] = useState(() => memory.read(FOLDED_KEY, isBoolean) ?? false);
  const isNarrow = () => matchMedia(NARROW).matches;

  const fold = useCallback((folded: boolean) => {
    memory.write(FOLDED_KEY, folded);
    setFolded(folded);
  }, []);

  const close = useCallback(() => setOpen(false), []);

  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close();
    };
    const narrow = matchMedia(NARROW);
    document.addEventListener('keydown', onKey);
    narrow.addEventListener('change', close);
    return () => {
      document.removeEventListener('keydown', onKey);
      narrow.removeEventListener('change', close);
    };
  }, [isOpen, close]);

  return {
    isOpen,
    isFolded,
    open: () => (isNarrow() ? setOpen(true) : fold(false)),
    close,
    /** By the button in the sidebar itself. */
    hide: () => (isNarrow() ? close() : fold(true)),
    toggle: () => (isNarrow() ? setOpen(!isOpen) : fold(!isFolded)),
  };
}

export type Drawer = ReturnType<typeof useDrawer>;
