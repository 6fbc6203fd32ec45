import { foldGrams, foldWord } from './folding.ts';
import { stem } from './stems.ts';
import { STOP_WORDS } from './stop-words.ts';

/** What is counted and weighted apart. */
export const FIELD = { WORDS: 0, GRAMS: 1, PAIRS: 2 } as const;
export const FIELD_COUNT = 3;

/**
 * A term is known by a number of 40 bits, made of its field and its characters: small enough to store, and so many that
 * two of a million terms share one in half of all indexes, which a question then meets once in a million terms.
 */
export type TermHash = number;
export const HASH_RANGE = 2 ** 40;

/** What one token adds to the index. */
export type WordTerms = {
  word: TermHash;
  /** Found only where a question has nothing else, and no part of a chunk's length. */
  stop: boolean;
  /** In their order; one may come twice. */
  grams: readonly TermHash[];
};

const GRAM = 4;

/** Of a word of a script that writes spaces. Undefined where nothing is left of it. */
export function termsOfWord(raw: string): WordTerms | undefined {
  const word = foldWord(raw);
  if (word === '') return undefined;
  if (STOP_WORDS.has(word)) return { word: hashOf(word, FIELD.WORDS), stop: true, grams: [] };
  return { word: hashOf(stem(word), FIELD.WORDS), stop: false, grams: gramsOf(foldGrams(word)) };
}

export function termsOfCluster(characters: string): WordTerms {
  return { word: hashOf(characters, FIELD.WORDS), stop: false, grams: [] };
}

export function gramHash(characters: string): TermHash {
  return hashOf(characters, FIELD.GRAMS);
}

/** Two words that follow each other. */
export function pairHash(first: TermHash, second: TermHash): TermHash {
  return finish(
    mix(mix(0x2c1b3c6d, first % 0x1_0000_0000), second % 0x1_0000_0000),
    mix(mix(0x297a2d39, second), Math.floor(first / 256)),
  );
}

/** With a space at both ends, which tells beginnings and ends from middles. */
function gramsOf(word: string): TermHash[] {
  const padded = ` ${word} `;
  if (padded.length <= GRAM) return [hashOf(padded, FIELD.GRAMS)];
  const grams: TermHash[] = [];
  for (let at = 0; at + GRAM <= padded.length; at += 1) grams.push(hashOf(padded.slice(at, at + GRAM), FIELD.GRAMS));
  return grams;
}

function hashOf(text: string, field: number): TermHash {
  let first = 0x811c9dc5 ^ field;
  let second = 0x9747b28c + field;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    first = Math.imul(first ^ unit, 0x01000193);
    second = mix(second, unit);
  }
  return finish(first ^ text.length, second);
}

function mix(state: number, value: number): number {
  const mixed = Math.imul(state ^ value, 0x85ebca6b);
  return (mixed << 13) | (mixed >>> 19);
}

function finish(first: number, second: number): TermHash {
  return (avalanche(first ^ second) >>> 0) * 256 + (avalanche(second) & 255);
}

function avalanche(state: number): number {
  let mixed = state ^ (state >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
