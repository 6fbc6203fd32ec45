import { sameStem, termsOf } from '../../util/terms.ts';
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
  const byWords = bestShare > 0 && (bestShare >= leastShare(question) || coversQuestion(chunks, question));
  return chunks.filter(({ matched, distance, model }) => {
    if (byWords && matched !== null && matched >= bestShare * LEAST_OF_BEST) return true;
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
function coversQuestion(chunks: FoundChunk[], question: string): boolean {
  const asked = [...new Set(termsOf(question))].slice(0, MOST_TERMS);
  const least = UNSPACED.test(question) ? LEAST_COVERED_UNSPACED : LEAST_COVERED;
  if (asked.length === 0) return false;
  return chunks.slice(0, CHECKED_CHUNKS).some(({ text }) => {
    const terms = new Set(termsOf(text));
    const covered = asked.filter((term) => terms.has(term) || [...terms].some((other) => sameStem(term, other)));
    return covered.length / asked.length >= least;
  });
}
