/** What a character does to the words around it. */
export const CHARACTER = {
  /** Ends a word. */
  BREAK: 0,
  /** Letter, digit or mark: part of a word. */
  WORD: 1,
  /** Han, kana, Hangul: no spaces that could be relied on, and one or two characters are a word. */
  IDEOGRAPH: 2,
  /** Thai, Lao, Khmer, Myanmar, with their marks: no spaces, and words of several characters. */
  UNSPACED: 3,
  /** A letter by itself beside it belongs to no word: Newton's, l'eau. */
  APOSTROPHE: 4,
} as const;

// 々 and ー stand for or lengthen the character before them, though Unicode counts them to no script.
const IDEOGRAPH = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}々ー]$/u;
const UNSPACED = /^[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u;
const WORD = /^[\p{L}\p{N}\p{M}]$/u;
/** Written inside words and not seen: soft hyphen, joiners, direction marks, the stretching of Arabic. */
const UNSEEN = /[\u034f\ufe00-\ufe0f\u00ad\u0640\u200c-\u200f\u2060]/u;
const APOSTROPHE = /^['’ʼ＇]$/u;

function classify(character: string): number {
  if (APOSTROPHE.test(character)) return CHARACTER.APOSTROPHE;
  if (UNSEEN.test(character)) return CHARACTER.WORD;
  if (!WORD.test(character)) return CHARACTER.BREAK;
  if (IDEOGRAPH.test(character)) return CHARACTER.IDEOGRAPH;
  return UNSPACED.test(character) ? CHARACTER.UNSPACED : CHARACTER.WORD;
}

const UNKNOWN = 255;
const classes = new Uint8Array(0x10000).fill(UNKNOWN);

/** Of a character of the basic plane. */
export function classOf(codeUnit: number): number {
  const known = classes[codeUnit] as number;
  if (known !== UNKNOWN) return known;
  const found = classify(String.fromCharCode(codeUnit));
  classes[codeUnit] = found;
  return found;
}

/** Of any character. */
export function classOfCodePoint(codePoint: number): number {
  return codePoint < 0x10000 ? classOf(codePoint) : classify(String.fromCodePoint(codePoint));
}
