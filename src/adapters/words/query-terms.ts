import { FIELD, gramHash, pairHash, type TermHash, termsOfCluster, termsOfWord, type WordTerms } from './terms.ts';
import { forEachToken, normalise } from './tokens.ts';

export type QueryTerm = { hash: TermHash; field: number /** How often it is asked for. */; times: number };

/** Of each field; a question has ten words, and pasted pages need not be looked up whole. */
const MOST_TERMS = [160, 240, 80];
const MOST_CHARACTERS = 4_000;

/** What a question looks up: words first. Only where it has no other are stop words among them. */
export function termsOfQuery(text: string): QueryTerm[] {
  const fields = MOST_TERMS.map(() => new Map<TermHash, number>());
  const stopWords = new Map<TermHash, number>();
  let previous: TermHash = -1;
  const count = (terms: Map<TermHash, number> | undefined, hash: TermHash) =>
    terms?.set(hash, (terms.get(hash) ?? 0) + 1);
  const add = (terms: WordTerms | undefined) => {
    if (!terms) return;
    if (terms.stop) return void count(stopWords, terms.word);
    count(fields[FIELD.WORDS], terms.word);
    for (const gram of terms.grams) count(fields[FIELD.GRAMS], gram);
    if (previous >= 0) count(fields[FIELD.PAIRS], pairHash(previous, terms.word));
    previous = terms.word;
  };
  forEachToken(normalise(bothEnds(text)), {
    word: (word) => add(termsOfWord(word)),
    cluster: (characters) => add(termsOfCluster(characters)),
    gram: (characters) => count(fields[FIELD.GRAMS], gramHash(characters)),
  });
  if (fields.every((terms) => terms.size === 0)) fields[FIELD.WORDS] = stopWords;
  return fields.flatMap((terms, field) =>
    fromBothEnds([...terms], MOST_TERMS[field] as number).map(([hash, times]) => ({ hash, field, times })),
  );
}

/** Of something long that is pasted, the question is before it or after it. */
function bothEnds(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const half = MOST_CHARACTERS / 2;
  return `${text.slice(0, half)} ${text.slice(-half)}`;
}

function fromBothEnds<Item>(items: Item[], most: number): Item[] {
  return items.length <= most ? items : [...items.slice(0, most / 2), ...items.slice(-most / 2)];
}
