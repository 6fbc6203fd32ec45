/**
 * One spelling for what people write in several ways, where a script makes it safe: it changes no meaning and nobody
 * leaves it out on purpose. Latin letters keep their marks here: año is not ano, and Vietnamese lives by them.
 */
export function foldWord(word: string): string {
  if (PLAIN.test(word)) return word;
  const folded = word.replace(UNSEEN, '').replace(VARIANT, (character) => VARIANTS.get(character) ?? '');
  return GREEK.test(folded) ? withoutMarks(folded).replaceAll('ς', 'σ') : folded;
}

/** For character grams: without the marks of Latin, Greek and Cyrillic, so that "Zurich" comes near "Zürich". */
export function foldGrams(word: string): string {
  return PLAIN.test(word) ? word : withoutMarks(word).replace(UNDECOMPOSED, (character) => LATIN.get(character) ?? '');
}

const PLAIN = /^[a-z0-9]*$/;
const GREEK = /\p{Script=Greek}/u;
/** Soft hyphen, joiners, direction marks; the dot that İ leaves behind; points and stretching of Hebrew and Arabic; nukta. */
const UNSEEN =
  /[\ufe00-\ufe0f\u0307\u034f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u093c\u09bc]|[\u00ad\u0640\u200c-\u200f\u2060]/gu;

const VARIANTS = new Map([
  ...Array.from('أإآٱ', (alef): [string, string] => [alef, 'ا']),
  ['ى', 'ي'],
  ['ی', 'ي'],
  ['ک', 'ك'],
  ['ة', 'ه'],
  ['ۀ', 'ه'],
  ['ё', 'е'],
  ['ß', 'ss'],
  ['ı', 'i'],
  ['ș', 'ş'],
  ['ț', 'ţ'],
  // Candrabindu is written as anusvara.
  ['\u0901', '\u0902'],
]);
const VARIANT = new RegExp([...VARIANTS.keys()].join('|'), 'gu');

const LATIN = new Map([
  ['ø', 'o'],
  ['đ', 'd'],
  ['ł', 'l'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ð', 'd'],
  ['þ', 'th'],
]);
const UNDECOMPOSED = new RegExp([...LATIN.keys()].join('|'), 'gu');

function withoutMarks(word: string): string {
  return word
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/gu, '')
    .normalize('NFC');
}
