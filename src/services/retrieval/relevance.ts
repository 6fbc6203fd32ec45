import type { Candidate } from './fusion.ts';

/**
 * Of the weight of a short question's words, what a chunk has to have; a long one is spread over many chunks. Questions
 * that have nothing to do with the files reach 0.2 to 0.3, and of those that have, one in twenty does not get further (one
 * in ten where words are long and bend, as in German). Passages too many are passed over by the model; one too few is
 * an answer missed.
 */
const LEAST_SHARE = 0.2;
/** Where pairs of characters are counted, half of which join words by chance. */
const LEAST_SHARE_UNSPACED = 0.12;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const SHORT_QUESTION_WORDS = 12;
/** Of the share or the distance of the best one: what is left far behind says nothing more. */
const LEAST_OF_BEST = 0.4;
const MOST_BEHIND_BEST = 0.2;

/**
 * Cosine distances from which on a chunk has nothing to do with the question. They differ by model, and hugely: some
 * use all the room, some put everything close together. As published figures for these models have it; an unknown one
 * is taken for one of the middle.
 */
const FAR: [RegExp, number][] = [
  [/text-embedding-3|minilm|embeddinggemma/i, 0.75],
  [/ada-002|\be5\b|[-_]e5[-_]/i, 0.25],
];
const FAR_OTHERWISE = 0.55;

/**
 * The candidates that may have to do with the question, in their order: an answer is not made from files that only
 * share a word with a remark. `search` shows everything instead.
 */
export function relevantOf(candidates: Candidate[], question: string): Candidate[] {
  const words = question.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  const least = UNSPACED.test(question) ? LEAST_SHARE_UNSPACED : LEAST_SHARE;
  const share = least * Math.min(1, SHORT_QUESTION_WORDS / Math.max(words, 1));
  const bestShare = Math.max(0, ...candidates.map(({ matched }) => matched ?? 0));
  const nearest = new Map<string | null, number>();
  for (const { model, distance } of candidates) {
    if (distance !== null) nearest.set(model, Math.min(distance, nearest.get(model) ?? Number.POSITIVE_INFINITY));
  }
  return candidates.filter(({ matched, distance, model }) => {
    if (matched !== null && matched >= share && matched >= bestShare * LEAST_OF_BEST) return true;
    if (distance === null || distance >= farFor(model)) return false;
    return distance <= (nearest.get(model) ?? distance) + MOST_BEHIND_BEST;
  });
}

function farFor(model: string | null): number {
  return FAR.find(([name]) => name.test(model ?? ''))?.[1] ?? FAR_OTHERWISE;
}
