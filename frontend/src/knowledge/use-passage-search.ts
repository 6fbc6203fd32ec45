import type { Client, PassageFieldsFragment } from '@colloquy/sdk';
import { useEffect, useState } from 'react';
import { messageOf } from '../api/api-error.ts';

export type PassageSearch = {
  text: string;
  hits: readonly PassageFieldsFragment[];
  state: 'loading' | 'ready' | 'failed';
  error: string | null;
};

export type PassageSearchResult = PassageSearch & {
  /** Null: there are no more, or none that could be told. */
  more: (() => void) | null;
  retry: () => void;
};

const PAUSE_MS = 250;
const FIRST = 20;
/** As many as the server tells. */
const MOST = 50;

/** What is found for a text, while it is typed. Null: nothing is looked for. */
export function usePassageSearch(
  client: Client,
  query: string,
  collectionId: string | null,
): PassageSearchResult | null {
  const text = query.trim();
  const [search, setSearch] = useState<PassageSearch | null>(null);
  const [attempt, setAttempt] = useState(0);
  // Of this text and no other: the next one begins with few again.
  const [wide, setWide] = useState<string | null>(null);
  const limit = wide === text ? MOST : FIRST;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks the same
  useEffect(() => {
    if (text === '') return setSearch(null);
    const controller = new AbortController();
    const { signal } = controller;
    // What was found before stays until there is something newer: a list that flickers is hard to read.
    setSearch((before) => ({ text, hits: before?.hits ?? [], state: 'loading', error: null }));
    const run = async () => {
      try {
        const input = { text, limit, ...(collectionId && { collectionIds: [collectionId] }) };
        const hits = await client.search(input, { signal });
        if (!signal.aborted) setSearch({ text, hits, state: 'ready', error: null });
      } catch (error) {
        if (!signal.aborted) setSearch({ text, hits: [], state: 'failed', error: messageOf(error) });
      }
    };
    const timer = setTimeout(() => void run(), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [client, text, collectionId, limit, attempt]);

  return (
    search && {
      ...search,
      more: search.hits.length === FIRST && limit === FIRST ? () => setWide(text) : null,
      retry: () => setAttempt(attempt + 1),
    }
  );
}
