import { FIELD, FIELD_COUNT, gramHash, pairHash, termsOfCluster, termsOfWord } from '../../src/adapters/words/terms.ts';
import { forEachToken, normalise } from '../../src/adapters/words/tokens.ts';
import type { WordHit, WordIndex, WordQuery } from '../../src/ports/word-index.ts';

type Counts = { terms: Map<number, number>[]; lengths: number[]; stop: Map<number, number> };
type Document = Counts & { scopeId: string; fileId: string; generation: number; chunk: number; live: boolean };

const WEIGHTS = [1, 0.25, 0.2];

/**
 * The lexical index as it is defined, without any of what makes it fast: all texts are counted, and each question is
 * held against all of them. What the real one finds is compared with it. It has no transactions.
 */
export function createMemoryWordIndex(): WordIndex {
  let all: Document[] = [];

  function search(query: WordQuery): WordHit[] {
    const documents = all.filter(({ live, scopeId }) => live && query.scopeIds.includes(scopeId));
    const question = countTerms(query.text);
    if (question.terms.every(({ size }) => size === 0)) question.terms[FIELD.WORDS] = question.stop;
    const averages = WEIGHTS.map(
      (_, field) => documents.reduce((sum, { lengths }) => sum + lengthOf(lengths, field), 0) / documents.length,
    );
    const hits = documents.map((document): WordHit => {
      let score = 0;
      let matched = 0;
      let weight = 0;
      for (const [field, terms] of question.terms.entries()) {
        for (const [hash, asked] of terms) {
          const has = (other: Document) => timesOf(other, field, hash);
          const count = documents.filter((other) => has(other) > 0).length;
          const idf = Math.log(1 + (documents.length - count + 0.5) / (count + 0.5));
          if (field === FIELD.WORDS) weight += idf;
          const times = has(document);
          if (times === 0) continue;
          if (field === FIELD.WORDS) matched += idf;
          const relative = lengthOf(document.lengths, field) / Math.max(1, averages[field] ?? 0);
          const norm = 1.2 * (1 - 0.75 + 0.75 * relative);
          score += (WEIGHTS[field] ?? 0) * asked * ((idf * times * 2.2) / (times + norm));
        }
      }
      const { fileId, generation, chunk } = document;
      return { fileId, generation, chunk, score, matched: weight > 0 ? matched / weight : 0 };
    });
    return hits
      .filter(({ fileId, score }) => score > 0 && (query.fileIds?.includes(fileId) ?? true))
      .sort((left, right) => right.score - left.score || compare(left, right))
      .slice(0, query.limit);
  }

  return {
    async append(_sql, { texts, firstChunk, ...part }) {
      for (const [index, text] of texts.entries()) {
        all.push({ ...countTerms(text), ...part, chunk: firstChunk + index, live: false });
      }
    },
    async publish(_sql, scopeId, fileId, generation) {
      all = all.filter(
        (document) => !isOf(document, scopeId, fileId) || document.generation >= generation || !document.live,
      );
      for (const document of all) {
        if (isOf(document, scopeId, fileId)) document.live = document.generation === generation;
      }
    },
    async discard(_sql, scopeId, fileId, generation) {
      all = all.filter(
        (document) => !isOf(document, scopeId, fileId) || document.generation !== generation || document.live,
      );
    },
    async remove(_sql, scopeId, fileIds) {
      all = all.filter((document) => document.scopeId !== scopeId || !fileIds.includes(document.fileId));
    },
    async drop(_sql, scopeId) {
      all = all.filter((document) => document.scopeId !== scopeId);
    },
    search: async (query) => search(query),
    merge: async () => false,
    dispose: async () => {},
  };
}

function countTerms(text: string): Counts {
  const terms = WEIGHTS.map(() => new Map<number, number>());
  const stop = new Map<number, number>();
  const lengths = new Array<number>(FIELD_COUNT).fill(0);
  let previous: number | undefined;
  const count = (field: number, hash: number) => {
    terms[field]?.set(hash, (terms[field].get(hash) ?? 0) + 1);
    lengths[field] = lengthOf(lengths, field) + 1;
  };
  const add = (found: ReturnType<typeof termsOfWord>) => {
    if (!found) return;
    if (found.stop) return void stop.set(found.word, (stop.get(found.word) ?? 0) + 1);
    count(FIELD.WORDS, found.word);
    for (const gram of found.grams) count(FIELD.GRAMS, gram);
    if (previous !== undefined) count(FIELD.PAIRS, pairHash(previous, found.word));
    previous = found.word;
  };
  forEachToken(normalise(text), {
    word: (word) => add(termsOfWord(word)),
    cluster: (characters) => add(termsOfCluster(characters)),
    gram: (characters) => count(FIELD.GRAMS, gramHash(characters)),
  });
  return { terms, lengths, stop };
}

const lengthOf = (lengths: number[], field: number) => lengths[field] ?? 0;

function timesOf(document: Document, field: number, hash: number): number {
  return document.terms[field]?.get(hash) ?? (field === FIELD.WORDS ? document.stop.get(hash) : undefined) ?? 0;
}

function isOf(document: Document, scopeId: string, fileId: string): boolean {
  return document.scopeId === scopeId && document.fileId === fileId;
}

function compare(left: WordHit, right: WordHit): number {
  if (left.fileId !== right.fileId) return left.fileId < right.fileId ? -1 : 1;
  return left.chunk - right.chunk;
}
