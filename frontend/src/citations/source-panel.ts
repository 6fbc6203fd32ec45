import { createContext } from 'react';
import { createStore, type Store } from '../util/store.ts';
import type { Source } from './sources.ts';

type SourcePanelState = {
  /** What one can go through: the sources of one answer, the finds of one search. */
  sources: readonly Source[];
  /** The one that is open. */
  key: string | null;
};

export type SourcePanel = {
  store: Store<SourcePanelState>;
  open: (sources: readonly Source[], key: string) => void;
  close: () => void;
};

/** The place beside the page where one passage at a time is shown. */
export function createSourcePanel(): SourcePanel {
  const store = createStore<SourcePanelState>({ sources: [], key: null });
  return {
    store,
    /** Or closes it, when it is open. */
    open: (sources, key) => store.set(store.get().key === key ? { key: null } : { sources, key }),
    close: () => store.set({ key: null }),
  };
}

export const SourcePanelContext = createContext<SourcePanel>(createSourcePanel());
