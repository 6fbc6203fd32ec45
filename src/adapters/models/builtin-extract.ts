import type { Citation } from '../../ports/event-log.ts';
import type { Grounding } from '../../ports/language-model.ts';
import { sameStem, termsOf } from '../../util/terms.ts';
import { sentencesOf } from './builtin-sentences.ts';

/** Neighbouring sentences of a passage, to be quoted. */
export type Quotation = { citation: Citation; text: string };

type Scored = {
  citation: Citation;
  /** Place of the sentence in its passage. */
  place: number;
  text: string;
  terms: string[];
  score: number;
};

const MOST_SENTENCES = 4;
const MOST_CHARACTERS = 1_000;
/** Of the weight of the question's words: below, a sentence has nothing to do with it. */
const LEAST_SCORE = 0.22;
const LEAST_OF_BEST = 0.55;
/** Of two sentences that have so much in common, one is enough. */
const ALIKE = 0.7;
/** Bounds the work for a question that is a whole document. */
const MOST_QUESTION_TERMS = 60;
const LONGEST_QUESTION = 4_000;
/** What a sentence gets of the one before it: "It" often goes on with what was named there. */
const CARRIED = 0.3;
/** What the order of the passages and their beginnings count for, where the words do not decide. */
const FOR_PASSAGE = 0.08;
const FOR_PLACE = 0.03;
const FOR_LINE = 0.75;

/** The best few sentences of the passages, as they stand, in the order of the passages. Empty: none fits. */
export function extract({ question, citations }: Pick<Grounding, 'question' | 'citations'>): Quotation[] {
  const asked = [...new Set(termsOf(question.slice(0, LONGEST_QUESTION)))].slice(0, MOST_QUESTION_TERMS);
  const sentences = citations.flatMap((citation) =>
    sentencesOf(citation.passage.text).map(({ text, isProse }, place) => ({
      citation,
      place,
      text,
      isProse,
      terms: termsOf(text),
    })),
  );
  if (asked.length === 0 || sentences.length === 0) return [];
  const matches = sentences.map(({ terms }) => asked.map((term) => terms.some((other) => sameStem(term, other))));
  const weights = asked.map((_, term) => {
    const count = matches.filter((match) => match[term]).length;
    return Math.log(1 + (sentences.length - count + 0.5) / (count + 0.5));
  });
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = matches.map((match) => sum(weights.filter((_, term) => match[term])) / whole);
  const scored = sentences.map((sentence, at): Scored => {
    const share = shares[at] ?? 0;
    const goesOn = sentences[at - 1]?.citation === sentence.citation && share > 0;
    const carried = goesOn ? CARRIED * (shares[at - 1] ?? 0) : 0;
    const order = FOR_PASSAGE / sentence.citation.index + FOR_PLACE / (1 + sentence.place);
    // A heading names what is below it, and is seldom an answer.
    const kind = sentence.isProse ? 1 : sentence.terms.length < 4 ? FOR_LINE / 2 : FOR_LINE;
    return { ...sentence, score: share === 0 ? 0 : (share + carried) * kind + order };
  });
  return quotations(choose(scored));
}

/** The best first, none twice in other words. */
function choose(scored: Scored[]): Scored[] {
  const inOrder = [...scored].sort((one, other) => other.score - one.score);
  const least = Math.max(LEAST_SCORE, (inOrder[0]?.score ?? 0) * LEAST_OF_BEST);
  const chosen: Scored[] = [];
  let characters = 0;
  for (const sentence of inOrder) {
    if (sentence.score < least || chosen.length === MOST_SENTENCES) break;
    if (characters > 0 && characters + sentence.text.length > MOST_CHARACTERS) continue;
    if (chosen.some((other) => likeness(sentence.terms, other.terms) >= ALIKE)) continue;
    chosen.push(sentence);
    characters += sentence.text.length;
  }
  return chosen;
}

/** What they share of both; 1 where one says nothing that the other does not. */
function likeness(one: string[], other: string[]): number {
  const [small, large] = one.length < other.length ? [new Set(one), new Set(other)] : [new Set(other), new Set(one)];
  const common = [...small].filter((term) => large.has(term)).length;
  return common === small.size ? 1 : common / (small.size + large.size - common);
}

/** By passage and place; what stands side by side is one quotation. */
function quotations(chosen: Scored[]): Quotation[] {
  const inText = [...chosen].sort((one, other) => one.citation.index - other.citation.index || one.place - other.place);
  const quoted: (Quotation & { place: number })[] = [];
  for (const { citation, place, text } of inText) {
    const last = quoted.at(-1);
    if (last?.citation === citation && last.place + 1 === place) {
      last.text += /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}][。！？]?$/u.test(last.text)
        ? text
        : ` ${text}`;
      last.place = place;
    } else quoted.push({ citation, text, place });
  }
  return quoted;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
