import { useEffect, useLayoutEffect, useMemo } from 'react';
import type { HighlightedPart, Highlighter } from './highlighter.ts';

/** The colours of one block of code, part by part. They come when its language has been read. */
export type Colours = {
  part: (index: number) => HighlightedPart | undefined;
  subscribe: (index: number, listener: () => void) => () => void;
};

/** `parts`: the text of the block, in pieces of whole lines. */
export function useColours(language: string, parts: readonly string[]): Colours {
  const colours = useMemo(() => createColours(language), [language]);
  useEffect(() => colours.open(), [colours]);
  // Before the frame is painted: a line that grows is never seen without its colours.
  useLayoutEffect(() => colours.update(parts), [colours, parts]);
  return colours;
}

function createColours(language: string) {
  const listeners = new Map<number, () => void>();
  let highlighter: Highlighter | null = null;
  let latest: readonly string[] = [];

  return {
    part: (index: number) => highlighter?.part(index),
    subscribe(index: number, listener: () => void): () => void {
      listeners.set(index, listener);
      return () => listeners.delete(index);
    },
    update(parts: readonly string[]): void {
      latest = parts;
      highlighter?.update(parts);
    },
    /** Returns what closes it again. */
    open(): () => void {
      let isClosed = false;
      async function load(): Promise<void> {
        const { openHighlighter } = await import('./open-highlighter.ts');
        const opened = await openHighlighter(language, (index) => listeners.get(index)?.());
        if (isClosed || !opened) return;
        highlighter = opened;
        opened.update(latest);
      }
      // Without it (a cut connection) code is plain.
      if (language !== '') load().catch(() => {});
      return () => {
        isClosed = true;
        highlighter?.dispose();
      };
    },
  };
}
