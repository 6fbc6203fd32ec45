import type { Sql, SqlRunner } from '../../ports/sql.ts';
import type { WordHit, WordQuery } from '../../ports/word-index.ts';
import type { BlockAddress, createBlockStore } from './block-store.ts';
import { BLOCK_BYTES, bucketOf, findInBlock, findLargeTerm } from './blocks.ts';
import { createBreaths } from './breaths.ts';
import { type QueryTerm, termsOfQuery } from './query-terms.ts';
import type { createScopeStates, ScopeState } from './scope-states.ts';
import { type Corpus, corpusOf, createScorer, isCommon, type PostingSource } from './scoring.ts';
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
    const { addresses, places } = addressesOf(corpus, wanted);
    const read = await blocks.read(runner, scopes, addresses);
    if (read.stale.size > 0) {
      for (const scopeId of read.stale) stale.add(scopeId);
      return undefined;
    }
    const find = (segment: number, term: number) => {
      const place = places[segment * wanted.length + term] as number;
      return findPostings(addresses[place], read.blocks[place], wanted[term]);
    };
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

/** The blocks that the terms may be in, each once; and for each segment its terms' places among them. */
function addressesOf(corpus: Corpus, terms: QueryTerm[]): { addresses: BlockAddress[]; places: Uint32Array } {
  const addresses: BlockAddress[] = [];
  const places = new Uint32Array(corpus.segments.length * terms.length);
  for (const [index, segment] of corpus.segments.entries()) {
    const known = new Map<number, number>();
    for (const [at, { hash }] of terms.entries()) {
      const large = findLargeTerm(segment.large, hash);
      const key = large >= 0 ? -1 - large : bucketOf(hash, segment.buckets);
      let place = known.get(key);
      if (place === undefined) {
        place = addresses.length;
        known.set(key, place);
        addresses.push({ segment, key, bytes: large >= 0 ? (segment.large.counts[large] as number) : BLOCK_BYTES });
      }
      places[index * terms.length + at] = place;
    }
  }
  return { addresses, places };
}

function findPostings(
  address: BlockAddress | undefined,
  bytes: Uint8Array | undefined,
  term: QueryTerm | undefined,
): PostingSource | undefined {
  if (!address || !term || !bytes || bytes.length === 0) return undefined;
  if (address.key < 0) return { bytes, start: 0, end: bytes.length };
  const found = findInBlock(bytes, term.hash);
  return found && { bytes, start: found.start, end: found.end };
}
