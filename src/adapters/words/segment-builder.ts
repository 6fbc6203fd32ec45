import { BLOCK_BYTES } from './blocks.ts';
import type { Breaths } from './breaths.ts';
import type { Lengths } from './lengths.ts';
import { createEncodedPostings, type EncodedPostings, encodePostings } from './postings.ts';
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

/** Bounds on what a builder holds: about 40 MB. What is more goes into a further segment. */
const MAX_POSTINGS = 2_500_000;
const MAX_TERMS = 400_000;
/** Numbers of documents and times have 16 bits here; nobody is the better for more times than that. */
const MAX_DOCUMENTS = 2 ** 16 - 1;
const MOST_TIMES = 2 ** 16 - 1;
const MAX_KNOWN_WORDS = 200_000;
/** 2^9 parts × 2^31 hashes; 2^31 × 2^22 is the largest number that is exact. */
const SORT_PARTS = 512;
const SORT_RANGE = HASH_RANGE / SORT_PARTS;
const SORT_TERMS = 2 ** 22;
/** Terms or postings between two looks at the clock. */
const STRIDE = 4_096;

/** A word as this segment knows it. */
type KnownWord = {
  hash: TermHash;
  word: number;
  stop: boolean;
  grams: number[];
  /** In the document at hand. */
  times: number;
};

/** Takes terms in the order of their hashes, with their postings encoded. */
export type TermTarget = {
  /** `postings` are copied. True: flush before the next one. */
  add(hash: TermHash, count: number, postings: EncodedPostings): boolean;
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
  let postingDocuments = new Uint16Array(4_096);
  let postingTimes = new Uint16Array(4_096);
  /** Of the document at hand: how often each term is in it, and which are. */
  let times = new Uint32Array(4_096);
  let touched: number[] = [];
  let found: KnownWord[] = [];
  let documentLengths = [0, 0, 0];
  let previous: TermHash = -1;

  const count = (term: number, by: number) => {
    if (term >= times.length) times = grown(times, new Uint32Array(roomFor(times, term + 1)));
    const before = times[term] as number;
    if (before === 0) touched.push(term);
    times[term] = before + by;
  };
  const lengthen = (field: number, by: number) => {
    documentLengths[field] = (documentLengths[field] as number) + by;
  };
  const know = (terms: WordTerms): KnownWord => ({
    hash: terms.word,
    word: table.numberOf(terms.word),
    stop: terms.stop,
    grams: terms.grams.map(table.numberOf),
    times: 0,
  });
  const add = (known: KnownWord) => {
    if (known.times === 0) found.push(known);
    known.times += 1;
    if (known.stop) return;
    if (previous >= 0) {
      count(table.numberOf(pairHash(previous, known.hash)), 1);
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
      count(table.numberOf(gramHash(characters)), 1);
      lengthen(FIELD.GRAMS, 1);
    },
  };

  /** A word that comes often is counted with its grams once. */
  function countWords(): void {
    for (const known of found) {
      count(known.word, known.times);
      if (!known.stop) {
        for (const gram of known.grams) count(gram, known.times);
        lengthen(FIELD.WORDS, known.times);
        lengthen(FIELD.GRAMS, known.times * known.grams.length);
      }
      known.times = 0;
    }
    found = [];
  }

  function endDocument(): void {
    countWords();
    const needed = postings + touched.length;
    if (needed > postingTerms.length) {
      const room = roomFor(postingTerms, needed);
      postingTerms = grown(postingTerms, new Uint32Array(room));
      postingDocuments = grown(postingDocuments, new Uint16Array(room));
      postingTimes = grown(postingTimes, new Uint16Array(room));
    }
    for (const term of touched) {
      postingTerms[postings] = term;
      postingDocuments[postings] = documents;
      postingTimes[postings] = Math.min(MOST_TIMES, times[term] as number);
      postings += 1;
      times[term] = 0;
    }
    for (let field = 0; field < FIELD_COUNT; field += 1) {
      if (documents >= (lengths[field] as Uint32Array).length)
        lengths[field] = grown(
          lengths[field] as Uint32Array,
          new Uint32Array(roomFor(lengths[field] as Uint32Array, documents + 1)),
        );
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
    const sortedDocuments = new Uint16Array(postings);
    const sortedTimes = new Uint16Array(postings);
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
      return postings > MAX_POSTINGS || table.size > MAX_TERMS || documents >= MAX_DOCUMENTS;
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
        if (target.add(table.hashOf(term), end - start, encoded)) await target.flush();
        stride += 1;
        if (stride % 256 === 0 && breaths.due()) await breaths.pause();
      }
    },
  };
}

function roomFor(array: { length: number }, needed: number): number {
  return Math.max(array.length * 2, needed);
}

function grown<Numbers extends Uint16Array | Uint32Array>(old: Numbers, larger: Numbers): Numbers {
  larger.set(old);
  return larger;
}
