import type { Breaths } from './breaths.ts';
import type { PostingList } from './postings.ts';
import { createPostingList, readPostings } from './postings.ts';
import type { QueryTerm } from './query-terms.ts';
import type { SegmentState } from './segment-state.ts';
import { FIELD } from './terms.ts';

const K1 = 1.2;
const B = 0.75;
/** What words, grams and pairs count for, in the order of the fields. */
const WEIGHTS = [1, 0.25, 0.2];

/** In so many documents a gram or a pair tells them apart no more, */
const COMMON_SHARE = 0.05;
/** but costs something only where there are many. */
const COMMON_FROM = 10_000;

/** All live documents that a search is about, of which their statistics are made. */
export type Corpus = { segments: SegmentState[]; bases: number[]; documents: number; live: number; averages: number[] };

export function corpusOf(segments: SegmentState[]): Corpus {
  const bases: number[] = [];
  const totals = [0, 0, 0];
  let documents = 0;
  let live = 0;
  for (const segment of segments) {
    bases.push(documents);
    documents += segment.documents;
    live += segment.liveCount;
    for (const [field, total] of segment.totals.entries()) totals[field] = (totals[field] as number) + total;
  }
  return { segments, bases, documents, live, averages: totals.map((total) => total / Math.max(1, live)) };
}

/** Whether a term is left out, when it is in so many documents. */
export function isCommon(corpus: Corpus, field: number, count: number): boolean {
  return field !== FIELD.WORDS && corpus.live >= COMMON_FROM && count > corpus.live * COMMON_SHARE;
}

/** Where the postings of a term in a segment are. */
export type PostingSource = { bytes: Uint8Array; start: number; end: number };

export type Scores = {
  /** By the number of the document in the corpus. 0: has nothing of the question. */
  scores: Float64Array;
  /** The weight of the question's words that the document has. */
  matched: Float64Array;
  /** The weight of all its words. */
  weight: number;
};

/** One for all searches of an index: it is filled and read without a pause in between. */
export function createScorer() {
  const list = createPostingList();

  return {
    async score(
      corpus: Corpus,
      terms: QueryTerm[],
      /** By the places of the segment and the term. */
      find: (segment: number, term: number) => PostingSource | undefined,
      breaths: Breaths,
    ): Promise<Scores> {
      const result: Scores = {
        scores: new Float64Array(corpus.documents),
        matched: new Float64Array(corpus.documents),
        weight: 0,
      };
      for (const [at, term] of terms.entries()) {
        const ends = readTerm(list, corpus, (segment) => find(segment, at));
        if (!isCommon(corpus, term.field, list.count)) addTerm(result, corpus, term, list, ends);
        if (breaths.due()) await breaths.pause();
      }
      return result;
    },
  };
}

/** Fills the list with the postings of all segments; returns where in it each of them ends. */
function readTerm(list: PostingList, corpus: Corpus, find: (segment: number) => PostingSource | undefined): number[] {
  list.count = 0;
  return corpus.segments.map((segment, index) => {
    const source = find(index);
    if (source) {
      readPostings(list, source.bytes, source.start, source.end, corpus.bases[index] as number, segment.live);
    }
    return list.count;
  });
}

/** Okapi BM25, with an idf that is never negative. */
function addTerm(result: Scores, corpus: Corpus, term: QueryTerm, list: PostingList, ends: number[]): void {
  const idf = Math.log(1 + (corpus.live - list.count + 0.5) / (list.count + 0.5));
  const { scores, matched } = result;
  const { documents, times } = list;
  const isWord = term.field === FIELD.WORDS;
  if (isWord) result.weight += idf;
  const scale = idf * (WEIGHTS[term.field] as number) * term.times * (K1 + 1);
  const perLength = (K1 * B) / Math.max(1, corpus.averages[term.field] as number);
  let at = 0;
  for (let index = 0; index < ends.length; index += 1) {
    const end = ends[index] as number;
    const base = corpus.bases[index] as number;
    const lengths = (corpus.segments[index] as SegmentState).lengths[term.field] as Uint32Array;
    for (; at < end; at += 1) {
      const document = documents[at] as number;
      const found = times[at] as number;
      const norm = K1 * (1 - B) + perLength * (lengths[document - base] as number);
      scores[document] = (scores[document] as number) + (scale * found) / (found + norm);
      if (isWord) matched[document] = (matched[document] as number) + idf;
    }
  }
}
