import { describe, expect, it } from 'vitest';
import {
  bucketOf,
  createBlockWriter,
  findInBlock,
  findLargeTerm,
  readLargeTerms,
  termsOfBlock,
  writeLargeTerms,
} from '../../src/adapters/words/blocks.ts';
import { createByteReader, createByteWriter } from '../../src/adapters/words/bytes.ts';
import { readLengths, writeLengths } from '../../src/adapters/words/lengths.ts';
import { chooseMerge } from '../../src/adapters/words/merge-choice.ts';
import {
  createEncodedPostings,
  createPostingList,
  encodePostings,
  readPostings,
} from '../../src/adapters/words/postings.ts';
import { corpusOf, isCommon } from '../../src/adapters/words/scoring.ts';
import { createTermTable } from '../../src/adapters/words/term-table.ts';
import { FIELD, HASH_RANGE, termsOfWord } from '../../src/adapters/words/terms.ts';
import { createRandom } from '../support/random.ts';

const EDGES = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32, HASH_RANGE - 1, Number.MAX_SAFE_INTEGER];

describe('bytes', () => {
  it('give back the numbers that went in', () => {
    const writer = createByteWriter(1);
    for (const value of EDGES) writer.number(value);
    const reader = createByteReader(writer.view());
    expect(EDGES.map(() => reader.number())).toEqual(EDGES);
    expect(reader.at).toBe(reader.end);
    expect(() => reader.number()).toThrow('damaged');
  });
});

describe('postings', () => {
  const encode = (postings: [document: number, times: number][]) => {
    const encoded = createEncodedPostings();
    const column = (at: 0 | 1) => Uint32Array.from(postings, (posting) => posting[at]);
    encodePostings(encoded, column(0), column(1), 0, postings.length);
    return encoded.bytes.slice(0, encoded.length);
  };
  const decode = (bytes: Uint8Array, base = 0, live?: Uint8Array) => {
    const list = createPostingList();
    readPostings(list, bytes, 0, bytes.length, base, live);
    return Array.from({ length: list.count }, (_, at) => [list.documents[at], list.times[at]]);
  };

  it('give back the documents and times that went in', () => {
    const random = createRandom(3);
    const postings: [number, number][] = [];
    for (let document = 0; document < 900_000; document += 1 + Math.floor(random() ** 8 * 90_000)) {
      postings.push([document, random() < 0.6 ? 1 : 1 + Math.floor(random() ** 4 * 300_000)]);
    }
    expect(postings.length).toBeGreaterThan(50);
    expect(decode(encode(postings))).toEqual(postings);
    expect(decode(encode([[2 ** 30, 2 ** 27]]))).toEqual([[2 ** 30, 2 ** 27]]);
    expect(encode(Array.from({ length: 100 }, (_, document) => [document, 1]))).toHaveLength(100);
  });

  it('are renumbered, without documents that are not found', () => {
    const bytes = encode([
      [0, 1],
      [1, 5],
      [3, 2],
    ]);
    expect(decode(bytes, 10, Uint8Array.of(1, 0, 1, 1))).toEqual([
      [10, 1],
      [13, 2],
    ]);
  });

  it('are appended to a list that grows', () => {
    const list = createPostingList();
    const bytes = encode(Array.from({ length: 1_000 }, (_, document) => [document, 1]));
    for (let base = 0; base < 5_000; base += 1_000) readPostings(list, bytes, 0, bytes.length, base, undefined);
    expect(list.count).toBe(5_000);
    expect(Array.from(list.documents.subarray(0, 5_000))).toEqual(Array.from({ length: 5_000 }, (_, at) => at));
  });
});

describe('blocks', () => {
  it('give back each term, and say which are not there', () => {
    const writer = createBlockWriter();
    const terms = [3, 1_000, 2 ** 33, HASH_RANGE - 1].map((hash, at) => ({ hash, bytes: Uint8Array.of(at, at) }));
    for (const { hash, bytes } of terms) writer.add(hash, bytes);
    const block = writer.take()?.slice() as Uint8Array;
    for (const { hash, bytes } of terms) {
      const found = findInBlock(block, hash);
      expect(block.slice(found?.start, found?.end)).toEqual(bytes);
    }
    expect(findInBlock(block, 4)).toBeUndefined();
    expect(termsOfBlock(block).map(({ hash }) => hash)).toEqual(terms.map(({ hash }) => hash));
    expect(writer.take()).toBeUndefined();
    expect([0, 1, HASH_RANGE / 2, HASH_RANGE - 1].map((hash) => bucketOf(hash, 4))).toEqual([0, 0, 2, 3]);
  });

  it('keep the list of large terms and the lengths', () => {
    const writer = createByteWriter();
    const terms = [5, 2 ** 35, 2 ** 39].map((hash, at) => ({ hash, count: 1_000 * at }));
    writeLargeTerms(writer, terms);
    const large = readLargeTerms(writer.view());
    expect(terms.map(({ hash }) => findLargeTerm(large, hash))).toEqual([0, 1, 2]);
    expect([0, 6, HASH_RANGE].map((hash) => findLargeTerm(large, hash))).toEqual([-1, -1, -1]);
    expect(Array.from(large.counts)).toEqual([0, 1_000, 2_000]);
    const lengths = [Uint32Array.of(1, 200), Uint32Array.of(0, 70_000), Uint32Array.of(3, 4)];
    expect(readLengths(writeLengths(lengths, 2), 2)).toEqual(lengths);
  });
});

describe('terms', () => {
  it('are numbered in the order of their coming, also when there are many', () => {
    const table = createTermTable();
    const hashes = Array.from({ length: 50_000 }, (_, at) => (at * 7_368_787_777) % HASH_RANGE);
    expect(hashes.map((hash) => table.numberOf(hash))).toEqual(hashes.map((_, at) => at));
    expect(hashes.map((hash) => table.numberOf(hash))).toEqual(hashes.map((_, at) => at));
    expect(table.hashOf(49_999)).toBe(hashes[49_999]);
  });

  it('share no number, and spread evenly', () => {
    const hashes = new Set<number>();
    const spread = new Array<number>(16).fill(0);
    for (let at = 0; at < 100_000; at += 1) {
      const hash = termsOfWord(`w${at}x`)?.word as number;
      hashes.add(hash);
      spread[bucketOf(hash, 16)] = (spread[bucketOf(hash, 16)] ?? 0) + 1;
    }
    expect(hashes.size).toBe(100_000);
    expect(Math.min(...spread)).toBeGreaterThan(5_800);
    expect(Math.max(...spread)).toBeLessThan(6_700);
  });
});

describe('what is common', () => {
  const corpus = (live: number) => ({ ...corpusOf([]), live });

  it('is left out of grams and pairs of large scopes', () => {
    expect(isCommon(corpus(10_000), FIELD.GRAMS, 501)).toBe(true);
    expect(isCommon(corpus(10_000), FIELD.PAIRS, 501)).toBe(true);
    expect(isCommon(corpus(10_000), FIELD.GRAMS, 500)).toBe(false);
    expect(isCommon(corpus(10_000), FIELD.WORDS, 9_000)).toBe(false);
    expect(isCommon(corpus(9_999), FIELD.GRAMS, 9_000)).toBe(false);
  });
});

describe('the choice of what to merge', () => {
  const segments = (...kept: number[]) =>
    kept.map((count, at) => ({ id: String.fromCharCode(97 + at), documents: Math.max(1, count), kept: count }));
  const chosen = (candidates: Parameters<typeof chooseMerge>[0]) => chooseMerge(candidates)?.map(({ id }) => id);

  it('waits for five of a size, and takes smaller ones along', () => {
    expect(chosen(segments(1, 2, 3, 4))).toBeUndefined();
    expect(chosen(segments(5, 4, 3, 2, 1))).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(chosen(segments(200, 200, 3, 200, 200, 200, 9_000))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('makes none that is too large', () => {
    expect(chosen(segments(30_000, 30_000, 30_000, 30_000, 30_000))).toEqual(['a', 'b']);
    expect(chosen(segments(60_000, 60_000, 60_000, 60_000, 60_000))).toBeUndefined();
  });

  it('clears away what is empty, and rewrites what has lost much', () => {
    expect(chosen(segments(10, 0, 10))).toEqual(['b']);
    expect(chosen([{ id: 'a', documents: 100, kept: 81 }])).toBeUndefined();
    expect(chosen([{ id: 'a', documents: 100, kept: 80 }])).toEqual(['a']);
  });

  it('ends, and leaves few', () => {
    let candidates = Array.from({ length: 300 }, (_, at) => ({ id: `${at}`, documents: 300, kept: 300 }));
    let steps = 0;
    for (;;) {
      const group = chooseMerge(candidates);
      if (!group) break;
      steps += 1;
      const kept = group.reduce((sum, candidate) => sum + candidate.kept, 0);
      candidates = [
        ...candidates.filter((candidate) => !group.includes(candidate)),
        { id: `m${steps}`, documents: kept, kept },
      ];
    }
    expect(candidates.length).toBeLessThan(10);
    expect(steps).toBeLessThan(60);
  });
});
