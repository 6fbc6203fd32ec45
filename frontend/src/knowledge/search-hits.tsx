import { useMemo } from 'react';
import type { Workspace } from '../app/workspace.ts';
import type { Passage, Source } from '../citations/sources.ts';
import { texts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Marked } from '../ui/marked.tsx';
import { Said } from '../ui/said.tsx';
import { wordFinder } from '../util/finders.ts';
import { shownName } from '../util/shown-name.ts';
import { useStore } from '../util/store.ts';
import styles from './search-hits.module.css';
import type { PassageSearchResult } from './use-passage-search.ts';

type SearchHitsProps = { search: PassageSearchResult; workspace: Workspace };

/** What a search has found, the best first, and what each way of looking thought of it. */
export function SearchHits({ search, workspace }: SearchHitsProps) {
  const { sourcePanel } = workspace;
  const shown = useStore(sourcePanel.store, (state) => state.key);
  const { text, hits, state, error, more, retry } = search;
  const find = useMemo(() => wordFinder(text), [text]);
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
        {state === 'failed' ? '' : state === 'loading' ? words.searching : words.found(hits.length)}
      </p>
      {state === 'failed' && (
        <div className={styles.none} role="alert">
          <p>{error && <Said>{error}</Said>}</p>
          <Button onClick={retry}>{texts.sidebar.retry}</Button>
        </div>
      )}
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
                <Marked text={around(source.passage.text, find)} find={find} />
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
      {state === 'ready' && more && (
        <div className={styles.more}>
          <Button onClick={more}>{words.more}</Button>
        </div>
      )}
      {state === 'ready' && hits.length === 0 && <p className={styles.none}>{words.noneHint}</p>}
    </section>
  );
}

/** In characters: what of a passage is in view without opening it. */
const SEEN = 160;

/** The passage from where most of what is marked in it stands together, if that would be out of view. */
function around(text: string, find: RegExp | null): string {
  const marks = find ? [...text.matchAll(find)].map(({ index, 0: word }) => ({ index, word: word.toLowerCase() })) : [];
  let best = { index: 0, number: 0 };
  for (const { index } of marks) {
    const near = marks.filter((mark) => mark.index >= index && mark.index < index + SEEN);
    const number = new Set(near.map(({ word }) => word)).size;
    if (number > best.number) best = { index, number };
  }
  if (best.index < SEEN) return text;
  return `… ${text.slice(best.index - SEEN / 4).replace(/^\S*\s+/, '')}`;
}

function ranksOf({ lexicalRank, denseRank, rerankScore }: Passage): string[] {
  const words = texts.search;
  return [
    ...(lexicalRank === null ? [] : [words.byWords(lexicalRank)]),
    ...(denseRank === null ? [] : [words.byMeaning(denseRank)]),
    ...(rerankScore === null ? [] : [words.reranked(rerankScore)]),
  ];
}
