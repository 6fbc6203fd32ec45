import { mayBeAkin, sameStem, termsOf } from '../../util/terms.ts';
import type { FoundChunk } from './chunks.ts';
import { farFor } from './nearness.ts';

/**
 * Of the weight of a short question's words, what the best chunk has to have; a long one is spread over many chunks. Questions
 * that have nothing to do with the files reach 0.2 to 0.3, and of those that have, one in twenty does not get further (one
 * in ten where words are long and bend, as in German). Passages too many are passed over by the model; one too few is
 * an answer missed.
 */
const LEAST_SHARE = 0.2;
/** Where pairs of characters are counted, half of which join words by chance. */
const LEAST_SHARE_UNSPACED = 0.12;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const SHORT_QUESTION_WORDS = 12;
/** Of the words themselves, whatever they weigh. */
const LEAST_COVERED = 0.5;
const LEAST_COVERED_UNSPACED = 0.3;
/** So few passages cost little, and what words weigh among them says nothing: one that is akin is enough. */
const FEW_CHUNKS = 12;
const LEAST_OF_FEW_UNSPACED = 0.2;
const AKIN_OF_BEST = 0.6;
/** Endings and particles. */
const GRAMMAR = /^\p{Script=Hiragana}+$/u;
/** Of the Han characters, each of which means something, where no pair of them meets. */
const LEAST_HAN = 1 / 3;
const COMMON_HAN = new Set('的是了么多少有可以在怎吗什我你个一不这那会能要做中为');
const CHECKED_CHUNKS = 5;
const MOST_TERMS = 60;
/** Of the share or the distance of the best one: what is left far behind says nothing more. */
const LEAST_OF_BEST = 0.4;
const MOST_BEHIND_BEST = 0.2;

/**
 * What may have to do with the question, in its order: an answer is not made from files that only share a word with a
 * remark. `search` shows everything instead.
 */
export function relevantOf(chunks: FoundChunk[], question: string): FoundChunk[] {
  const bestShare = Math.max(0, ...chunks.map(({ matched }) => matched ?? 0));
  const nearest = new Map<string | null, number>();
  for (const { model, distance } of chunks) {
    if (distance !== null) nearest.set(model, Math.min(distance, nearest.get(model) ?? Number.POSITIVE_INFINITY));
  }
  const asked = [...new Set(termsOf(question))].slice(0, MOST_TERMS);
  const byWords = bestShare > 0 && (bestShare >= leastShare(question) || coversQuestion(chunks, asked, question));
  const akin = chunks.length < FEW_CHUNKS ? akinOf(chunks, asked, question) : null;
  return chunks.filter((chunk) => {
    const { matched, distance, model } = chunk;
    if (akin?.has(chunk) || (byWords && matched !== null && matched >= bestShare * LEAST_OF_BEST)) return true;
    const near = nearest.get(model);
    return distance !== null && near !== undefined && near < farFor(model) && distance <= near + MOST_BEHIND_BEST;
  });
}

function leastShare(question: string): number {
  const words = question.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  const least = UNSPACED.test(question) ? LEAST_SHARE_UNSPACED : LEAST_SHARE;
  return least * Math.min(1, SHORT_QUESTION_WORDS / Math.max(words, 1));
}

/**
 * Whether one of the first chunks has half of what is asked for, every word counting the same. Where there are only a few
 * chunks, what all of them are about weighs nothing, and a word that none has weighs everything.
 */
function coversQuestion(chunks: FoundChunk[], asked: string[], question: string): boolean {
  const least = UNSPACED.test(question) ? LEAST_COVERED_UNSPACED : LEAST_COVERED;
  return chunks.slice(0, CHECKED_CHUNKS).some(({ text }) => coverage(asked, termsOf(text), sameStem) >= least);
}

/** Of a few chunks, those that have something of what is asked for, and not far less than another. */
function akinOf(chunks: FoundChunk[], asked: string[], question: string): Set<FoundChunk> {
  const least = UNSPACED.test(question) ? LEAST_OF_FEW_UNSPACED : Number.MIN_VALUE;
  const words = asked.filter((term) => !GRAMMAR.test(term));
  const han = [...new Set(question.match(/\p{Script=Han}/gu))].slice(0, MOST_TERMS);
  const meaning = han.filter((character) => !COMMON_HAN.has(character));
  const covered = chunks.map((chunk) => {
    const text = `${chunk.fileName.replace(/\.[^.]*$/, '')}\n${chunk.text}`;
    const byTerms = coverage(words, termsOf(text), mayBeAkin);
    const byHan = coverage(meaning, [...new Set(text)], (one, other) => one === other);
    return { chunk, share: Math.max(byTerms >= least ? byTerms : 0, byHan >= LEAST_HAN ? byHan : 0) };
  });
  const best = Math.max(0, ...covered.map(({ share }) => share));
  const akin = covered.filter(({ share }) => share > 0 && share >= best * AKIN_OF_BEST);
  return new Set(akin.map(({ chunk }) => chunk));
}

function coverage(asked: string[], terms: string[], meets: (one: string, other: string) => boolean): number {
  if (asked.length === 0) return 0;
  const there = new Set(terms);
  const others = [...there];
  const met = asked.filter((term) => there.has(term) || others.some((other) => meets(term, other)));
  return met.length / asked.length;
}
