import { BLOCK_BYTES } from './blocks.ts';
import type { Breaths } from './breaths.ts';
import type { Lengths } from './lengths.ts';
import { createEncodedPostings, encodePostings } from './postings.ts';
import { createTermTable } from './term-table.ts';
import {
  FIELD,
  FIELD_COUNT,
  gramHash,
  HASH_RANGE,
  pairHash,
  type TermHash,
  termsOfCluster,
  termsOfWord,
  type WordTerms,
} from './terms.ts';
import { forEachToken, normalise, piecesOf, type TokenSink } from './tokens.ts';

/** Bounds on what a builder holds: about 60 MB. What is more goes into a further segment. */
const MAX_POSTINGS = 2_500_000;
const MAX_TERMS = 400_000;
const MAX_KNOWN_WORDS = 200_000;
/** 2^9 parts × 2^31 hashes; 2^31 × 2^22 is the largest number that is exact. */
const SORT_PARTS = 512;
const SORT_RANGE = HASH_RANGE / SORT_PARTS;
const SORT_TERMS = 2 ** 22;
/** Terms or postings between two looks at the clock. */
const STRIDE = 4_096;

/** A word as this segment knows it. */
type KnownWord = { hash: TermHash; word: number; stop: boolean; grams: number[] };

/** Takes terms in the order of their hashes, with their postings encoded. */
export type TermTarget = {
  /** `postings` are copied. True: flush before the next one. */
  add(hash: TermHash, count: number, postings: Uint8Array): boolean;
  flush(): Promise<void>;
};

/** Takes documents one after another and turns them inside out. */
export function createSegmentBuilder() {
  const table = createTermTable();
  const words = new Map<string, KnownWord | undefined>();
  const clusters = new Map<string, KnownWord>();
  const lengths: Lengths = Array.from({ length: FIELD_COUNT }, () => new Uint32Array(16));
  let documents = 0;
  let postings = 0;
  let postingTerms = new Uint32Array(4_096);
  let postingDocuments = new Uint32Array(4_096);
  let postingTimes = new Uint32Array(4_096);
  /** Of the document at hand: how often each term is in it, and which are. */
  let times = new Uint32Array(4_096);
  let touched: number[] = [];
  let documentLengths = [0, 0, 0];
  let previous: TermHash = -1;

  const count = (term: number) => {
    if (term >= times.length) times = grown(times, term + 1);
    const before = times[term] as number;
    if (before === 0) touched.push(term);
    times[term] = before + 1;
  };
  const lengthen = (field: number, by: number) => {
    documentLengths[field] = (documentLengths[field] as number) + by;
  };
  const know = (terms: WordTerms): KnownWord => ({
    hash: terms.word,
    word: table.numberOf(terms.word),
    stop: terms.stop,
    grams: terms.grams.map(table.numberOf),
  });
  const add = (known: KnownWord) => {
    count(known.word);
    if (known.stop) return;
    for (const gram of known.grams) count(gram);
    lengthen(FIELD.WORDS, 1);
    lengthen(FIELD.GRAMS, known.grams.length);
    if (previous >= 0) {
      count(table.numberOf(pairHash(previous, known.hash)));
      lengthen(FIELD.PAIRS, 1);
    }
    previous = known.hash;
  };
  const sink: TokenSink = {
    word(raw) {
      let known = words.get(raw);
      if (known === undefined && !words.has(raw)) {
        const terms = termsOfWord(raw);
        known = terms && know(terms);
        if (words.size >= MAX_KNOWN_WORDS) words.clear();
        words.set(raw, known);
      }
      if (known) add(known);
    },
    cluster(characters) {
      let known = clusters.get(characters);
      if (!known) {
        known = know(termsOfCluster(characters));
        if (clusters.size >= MAX_KNOWN_WORDS) clusters.clear();
        clusters.set(characters, known);
      }
      add(known);
    },
    gram(characters) {
      count(table.numberOf(gramHash(characters)));
      lengthen(FIELD.GRAMS, 1);
    },
  };

  function endDocument(): void {
    const needed = postings + touched.length;
    if (needed > postingTerms.length) {
      postingTerms = grown(postingTerms, needed);
      postingDocuments = grown(postingDocuments, needed);
      postingTimes = grown(postingTimes, needed);
    }
    for (const term of touched) {
      postingTerms[postings] = term;
      postingDocuments[postings] = documents;
      postingTimes[postings] = times[term] as number;
      postings += 1;
      times[term] = 0;
    }
    for (let field = 0; field < FIELD_COUNT; field += 1) {
      if (documents >= (lengths[field] as Uint32Array).length)
        lengths[field] = grown(lengths[field] as Uint32Array, documents + 1);
      (lengths[field] as Uint32Array)[documents] = documentLengths[field] as number;
    }
    documents += 1;
    touched = [];
    documentLengths = [0, 0, 0];
    previous = -1;
  }

  /** Where the postings of each term begin, and they in that order: a counting sort. */
  async function sortPostings(breaths: Breaths) {
    const starts = new Uint32Array(table.size + 1);
    for (let at = 0; at < postings; at += 1) {
      const next = (postingTerms[at] as number) + 1;
      starts[next] = (starts[next] as number) + 1;
      if (at % STRIDE === 0 && breaths.due()) await breaths.pause();
    }
    for (let term = 0; term < table.size; term += 1) {
      starts[term + 1] = (starts[term + 1] as number) + (starts[term] as number);
    }
    const places = starts.slice();
    const sortedDocuments = new Uint32Array(postings);
    const sortedTimes = new Uint32Array(postings);
    for (let at = 0; at < postings; at += 1) {
      const term = postingTerms[at] as number;
      const place = places[term] as number;
      places[term] = place + 1;
      sortedDocuments[place] = postingDocuments[at] as number;
      sortedTimes[place] = postingTimes[at] as number;
      if (at % STRIDE === 0 && breaths.due()) await breaths.pause();
    }
    return { starts, sortedDocuments, sortedTimes };
  }

  /** The numbers of all terms in the order of their hashes. In parts, so that no sort takes long. */
  async function sortTerms(breaths: Breaths): Promise<Uint32Array> {
    const { size } = table;
    const places = new Uint32Array(SORT_PARTS + 1);
    for (let term = 0; term < size; term += 1) {
      const next = Math.floor(table.hashOf(term) / SORT_RANGE) + 1;
      places[next] = (places[next] as number) + 1;
    }
    for (let part = 0; part < SORT_PARTS; part += 1) {
      places[part + 1] = (places[part + 1] as number) + (places[part] as number);
    }
    const starts = places.slice();
    // Within a part, what is left of the hash and the number of the term fit into one number.
    const sorted = new Float64Array(size);
    for (let term = 0; term < size; term += 1) {
      const hash = table.hashOf(term);
      const part = Math.floor(hash / SORT_RANGE);
      const place = places[part] as number;
      places[part] = place + 1;
      sorted[place] = (hash % SORT_RANGE) * SORT_TERMS + term;
      if (term % STRIDE === 0 && breaths.due()) await breaths.pause();
    }
    for (let part = 0; part < SORT_PARTS; part += 1) {
      sorted.subarray(starts[part], starts[part + 1]).sort();
      if (breaths.due()) await breaths.pause();
    }
    return Uint32Array.from(sorted, (key) => key % SORT_TERMS);
  }

  return {
    get documents() {
      return documents;
    },
    /** No more documents should come. */
    get full() {
      return postings > MAX_POSTINGS || table.size > MAX_TERMS;
    },
    lengths,
    async add(text: string, breaths: Breaths): Promise<void> {
      for (const piece of piecesOf(text)) {
        // One document of many megabytes: no chunk is.
        if (table.size > SORT_TERMS / 2) break;
        forEachToken(normalise(piece), sink);
        if (breaths.due()) await breaths.pause();
      }
      endDocument();
    },
    /** About so many blocks have room for its small terms. */
    buckets(): number {
      return Math.max(1, Math.ceil((postings * 1.3 + table.size * 6) / BLOCK_BYTES));
    },
    async writeTerms(target: TermTarget, breaths: Breaths): Promise<void> {
      const { starts, sortedDocuments, sortedTimes } = await sortPostings(breaths);
      const encoded = createEncodedPostings();
      let stride = 0;
      for (const term of await sortTerms(breaths)) {
        const start = starts[term] as number;
        const end = starts[term + 1] as number;
        encodePostings(encoded, sortedDocuments, sortedTimes, start, end);
        const bytes = encoded.bytes.subarray(0, encoded.length);
        if (target.add(table.hashOf(term), end - start, bytes)) await target.flush();
        stride += 1;
        if (stride % 256 === 0 && breaths.due()) await breaths.pause();
      }
    },
  };
}

function grown(array: Uint32Array, needed: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(array.length * 2, needed));
  larger.set(array);
  return larger;
}
