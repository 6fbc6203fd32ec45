import { useMemo } from 'react';
import type { Workspace } from '../app/workspace.ts';
import type { Passage, Source } from '../citations/sources.ts';
import { texts } from '../texts.ts';
import { shownName } from '../util/shown-name.ts';
import { useStore } from '../util/store.ts';
import styles from './search-hits.module.css';
import type { PassageSearch } from './use-passage-search.ts';

type SearchHitsProps = { search: PassageSearch; workspace: Workspace };

/** What a search has found, the best first, and what each way of looking thought of it. */
export function SearchHits({ search, workspace }: SearchHitsProps) {
  const { sourcePanel } = workspace;
  const shown = useStore(sourcePanel.store, (state) => state.key);
  const { hits, state, error } = search;
  const sources = useMemo(
    () =>
      hits.map(
        (passage, index): Source => ({
          key: `hit ${index} ${passage.start} ${passage.fileName}`,
          number: null,
          passage,
        }),
      ),
    [hits],
  );
  const words = texts.search;

  return (
    <section aria-label={words.results} aria-busy={state === 'loading'}>
      <p className={styles.count} role="status">
        {state === 'failed' ? error : state === 'loading' ? words.searching : words.found(hits.length)}
      </p>
      <ol className={styles.hits} data-stale={state === 'loading' || undefined}>
        {sources.map((source) => (
          <li key={source.key}>
            <button
              type="button"
              aria-expanded={shown === source.key}
              data-source={source.key}
              onClick={() => sourcePanel.open(sources, source.key)}
            >
              <span className={styles.head}>
                <bdi>{shownName(source.passage.fileName)}</bdi>
                {source.passage.page !== null && <small>{texts.sources.page(source.passage.page)}</small>}
              </span>
              <span className={styles.text} dir="auto">
                {source.passage.text}
              </span>
              <span className={styles.ranks}>
                {ranksOf(source.passage).map((rank) => (
                  <small key={rank}>{rank}</small>
                ))}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {state === 'ready' && hits.length === 0 && <p className={styles.none}>{words.noneHint}</p>}
    </section>
  );
}

function ranksOf({ lexicalRank, denseRank, rerankScore }: Passage): string[] {
  const words = texts.search;
  return [
    ...(lexicalRank === null ? [] : [words.byWords(lexicalRank)]),
    ...(denseRank === null ? [] : [words.byMeaning(denseRank)]),
    ...(rerankScore === null ? [] : [words.reranked(rerankScore)]),
  ];
}
