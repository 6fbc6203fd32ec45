import type { Sql, SqlRunner } from '../../ports/sql.ts';
import type { WordHit, WordQuery } from '../../ports/word-index.ts';
import { addressOf, type BlockAddress, type createBlockStore } from './block-store.ts';
import { BLOCK_BYTES, bucketOf, findInBlock, findLargeTerm } from './blocks.ts';
import { createBreaths } from './breaths.ts';
import { type QueryTerm, termsOfQuery } from './query-terms.ts';
import type { createScopeStates, ScopeState } from './scope-states.ts';
import { type Corpus, corpusOf, createScorer, isCommon, type PostingSource } from './scoring.ts';
import type { SegmentState } from './segment-state.ts';
import { topHits } from './top-hits.ts';

/** How often what is kept may turn out to be old, before a search reads all of it in one transaction. */
const ATTEMPTS = 3;
const MOST_HITS = 1_000;

export type SearchParts = {
  sql: Sql;
  states: ReturnType<typeof createScopeStates>;
  blocks: ReturnType<typeof createBlockStore>;
};

export function createSearch({ sql, states, blocks }: SearchParts) {
  const scorer = createScorer();

  /** Undefined: the states are of an earlier moment than the database; `stale` then names them. */
  async function attempt(
    runner: SqlRunner,
    scopes: ScopeState[],
    terms: QueryTerm[],
    query: WordQuery,
    stale: Set<string>,
  ): Promise<WordHit[] | undefined> {
    query.signal?.throwIfAborted();
    const breaths = createBreaths(query.signal);
    const corpus = corpusOf(scopes.flatMap(({ segments }) => segments).filter(({ liveCount }) => liveCount > 0));
    const wanted = terms.filter((term) => !isCommon(corpus, term.field, leastCount(corpus, term)));
    const read = await blocks.read(runner, scopes, addressesOf(corpus, wanted));
    if (read.stale.size > 0) {
      for (const scopeId of read.stale) stale.add(scopeId);
      return undefined;
    }
    const find = (segment: SegmentState, term: QueryTerm) => findPostings(read.blocks, segment, term);
    const scores = await scorer.score(corpus, wanted, find, breaths);
    const fileIds = query.fileIds && new Set(query.fileIds.map((id) => id.toLowerCase()));
    return topHits(corpus, scores, Math.min(query.limit, MOST_HITS), fileIds, breaths);
  }

  return async function search(query: WordQuery): Promise<WordHit[]> {
    query.signal?.throwIfAborted();
    const scopeIds = [...new Set(query.scopeIds.map((id) => id.toLowerCase()))];
    const terms = termsOfQuery(query.text);
    if (scopeIds.length === 0 || terms.length === 0 || query.limit < 1 || query.fileIds?.length === 0) return [];
    const stale = new Set<string>();
    for (let count = 0; count < ATTEMPTS; count += 1) {
      const scopes = await states.get(sql, scopeIds, stale);
      stale.clear();
      const hits = await attempt(sql, scopes, terms, query, stale);
      if (hits) return hits;
    }
    // Somebody changes these scopes all the time.
    const hits = await sql.transaction(async (transaction) => {
      await transaction.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      return attempt(transaction, await states.getFresh(transaction, scopeIds), terms, query, stale);
    });
    return hits ?? [];
  };
}

/** In so many documents, removed ones included, a term is at least, as far as is known without reading it. */
function leastCount(corpus: Corpus, term: QueryTerm): number {
  let count = 0;
  for (const { large } of corpus.segments) {
    const place = findLargeTerm(large, term.hash);
    if (place >= 0) count += large.counts[place] as number;
  }
  return count;
}

function keyOf(segment: SegmentState, term: QueryTerm): { key: number; bytes: number } {
  const place = findLargeTerm(segment.large, term.hash);
  if (place >= 0) return { key: -1 - place, bytes: segment.large.counts[place] as number };
  return { key: bucketOf(term.hash, segment.buckets), bytes: BLOCK_BYTES };
}

function addressesOf(corpus: Corpus, terms: QueryTerm[]): BlockAddress[] {
  const addresses = new Map<string, BlockAddress>();
  for (const segment of corpus.segments) {
    for (const term of terms) {
      const { key, bytes } = keyOf(segment, term);
      addresses.set(addressOf(segment.id, key), { segmentId: segment.id, key, bytes });
    }
  }
  return [...addresses.values()];
}

function findPostings(
  blocks: Map<string, Uint8Array>,
  segment: SegmentState,
  term: QueryTerm,
): PostingSource | undefined {
  const { key } = keyOf(segment, term);
  const bytes = blocks.get(addressOf(segment.id, key));
  if (!bytes || bytes.length === 0) return undefined;
  if (key < 0) return { bytes, start: 0, end: bytes.length };
  const found = findInBlock(bytes, term.hash);
  return found && { bytes, start: found.start, end: found.end };
}
