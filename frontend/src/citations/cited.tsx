import { type ReactNode, useContext, useMemo } from 'react';
import { useStore } from '../util/store.ts';
import { SourcePanelContext } from './source-panel.ts';
import { type Citation, CitingContext, sourcesOf } from './sources.ts';

type CitedProps = {
  /** The key of the message whose citations they are. */
  owner: string;
  citations: readonly Citation[];
  children: ReactNode;
};

/** Makes the citations of an answer known to the numbers in it. */
export function Cited({ owner, citations, children }: CitedProps) {
  const panel = useContext(SourcePanelContext);
  const key = useStore(panel.store, (state) => state.key);
  const sources = useMemo(() => sourcesOf(owner, citations), [owner, citations]);
  // Null for all answers but the one that it belongs to: the others are not drawn again.
  const shown = sources.some((source) => source.key === key) ? key : null;
  const value = useMemo(
    () => ({ sources, shown, open: (chosen: string) => panel.open(sources, chosen) }),
    [sources, shown, panel],
  );
  return <CitingContext value={value}>{children}</CitingContext>;
}
