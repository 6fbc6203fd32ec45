/** Sizes of texts in tokens of some model. */
export type Tokens = {
  /** How many the text has. Infinity where it is plain, without counting, that there are more than `limit`. */
  count(text: string, limit?: number): number;
  /** The greatest index to which the text from `from` on has at most `limit`; at least one unit further. */
  fit(text: string, from: number, limit: number): number;
};

/** Fractions of a token that a UTF-16 unit is taken for. */
const UNIT = 20;
/** From this unit on: what one of them weighs. Estimated to the safe side over the vocabularies of current models. */
const WEIGHTS: [from: number, weight: number][] = [
  [0x0000, 8], // controls, new lines
  [0x0020, 4], // space
  [0x0021, 12], // punctuation
  [0x0030, 8], // digits
  [0x003a, 12],
  [0x0041, 5], // English: about four characters a token
  [0x005b, 12],
  [0x0061, 5],
  [0x007b, 12],
  [0x00c0, 8], // other Latin letters
  [0x0370, 9], // Greek, Cyrillic, Hebrew, Arabic
  [0x0900, 13], // India, Thailand, Georgia, Ethiopia …
  [0x1e00, 8], // Vietnamese, Greek with accents
  [0x2000, 12], // punctuation
  [0x2070, 20], // symbols
  [0x2e80, 18], // Han and kana: one to one and a half characters a token
  [0xac00, 16], // Hangul
  [0xd800, 15], // half of an emoji or of a rare character
  [0xe000, 20],
  [0xf900, 18],
  [0xfb00, 12],
];

const weights = new Uint8Array(65_536);
WEIGHTS.forEach(([from, weight], index) => {
  weights.fill(weight, from, WEIGHTS[index + 1]?.[0] ?? weights.length);
});

/** For texts whose model is not known, or not known to count. */
export const estimatedTokens: Tokens = {
  count(text) {
    let sum = 0;
    for (let index = 0; index < text.length; index++) sum += weights[text.charCodeAt(index)] as number;
    return Math.ceil(sum / UNIT);
  },
  fit(text, from, limit) {
    let left = limit * UNIT;
    let index = from;
    for (; index < text.length; index++) {
      left -= weights[text.charCodeAt(index)] as number;
      if (left < 0) break;
    }
    return Math.max(index, from + 1);
  },
};

/** No vocabulary has tokens of more units, on the average of a text. */
const LONGEST_TOKEN = 16;
const MAX_GUESSES = 8;

/** By a model's own count, which is asked as seldom as may be. */
export function countedTokens(count: (text: string) => number): Tokens {
  // Of the texts so far: the next guess is near.
  let unitsPerToken = 4;
  const measure = (text: string) => {
    const tokens = count(text);
    if (tokens > 0 && text.length > 0) unitsPerToken = (unitsPerToken * 3 + text.length / tokens) / 4;
    return tokens;
  };
  return {
    count: (text, limit = Number.POSITIVE_INFINITY) =>
      text.length > limit * LONGEST_TOKEN ? Number.POSITIVE_INFINITY : measure(text),
    fit(text, from, limit) {
      let fits = from;
      let tooFar = text.length + 1;
      let end = Math.min(text.length, from + Math.max(1, Math.floor(limit * unitsPerToken)));
      for (let guess = 0; guess < MAX_GUESSES && end > fits && end < tooFar; guess++) {
        const tokens = measure(text.slice(from, end));
        if (tokens <= limit) fits = end;
        else tooFar = end;
        if (fits === text.length || (tokens <= limit && tokens >= limit * 0.9)) break;
        const next = from + Math.floor(((end - from) * limit * 0.97) / Math.max(tokens, 1));
        end = Math.min(text.length, next, tooFar - 1);
      }
      return Math.max(fits, from + 1);
    },
  };
}
