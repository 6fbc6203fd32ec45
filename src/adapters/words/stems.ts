import { stemmer } from 'stemmer';

/**
 * Takes the endings off a word that is folded. Which language it is in, nobody says, so the script decides: for Latin
 * letters Porter's rules for English (what is left of other languages is the same in chunks and in questions, and
 * character grams make up for the rest), for the others only what is an ending in every language that uses the script.
 */
export function stem(word: string): string {
  if (ENGLISH.test(word)) return stemmer(word);
  const first = word.charCodeAt(0);
  if (first >= 0x370 && first < 0x400) return withoutEnding(word, GREEK, 3);
  if (first >= 0x400 && first < 0x530) return withoutEnding(word, CYRILLIC, 3);
  if (first >= 0x600 && first < 0x700) return stemArabic(word);
  if (first >= 0x900 && first < 0x980) return withoutEnding(word, DEVANAGARI, 2);
  return word;
}

const ENGLISH = /^[a-z]+$/;

/** Longest ending first. */
type Endings = { longest: number; endings: ReadonlySet<string> };

function endingsOf(list: string): Endings {
  const endings = list.split(/\s+/);
  return { endings: new Set(endings), longest: Math.max(...endings.map(({ length }) => length)) };
}

function withoutEnding(word: string, { longest, endings }: Endings, least: number): string {
  for (let length = Math.min(longest, word.length - least); length > 0; length -= 1) {
    if (endings.has(word.slice(-length))) return word.slice(0, -length);
  }
  return word;
}

/** Cases and numbers of nouns and adjectives; those of Russian, most of them common to the Slavic languages. */
const CYRILLIC = endingsOf(
  `иями оями иям иях оях ями оям ами его ему ими ого ому ыми ая яя ях юю ах ею их ия ию ою ую ям ых ея ам ем ей ев ий им
  ие ое ой ом ов ые ый ым ми ью ье ья а е и о у й ы я ь ю`,
);

const GREEK = endingsOf(
  `ματων ματοσ ματα ουμε εται ονται ουσ εωσ εων εισ ειτε ουν ιων ιου οσ ου ων οι ασ ησ ισ εσ ει αν εν αι ια ιο α η ο ε ι υ ω σ ν`,
);

/** Numbers, cases and the commonest forms of verbs in Hindi. */
const DEVANAGARI = endingsOf(
  `ाएंगी ाएंगे ाऊंगी ाऊंगा ाइयों ाइयां ाएगी ाएगा ाओगी ाओगे एंगी ेंगी एंगे ेंगे ूंगी ूंगा ातीं नाओं नाएं ताओं ताएं ियों ियां ाकर ाइए ाईं ाया
  ेगी ेगा ोगी ोगे ाने ाना ाते ाती ाता तीं ाओं ाएं ुओं ुएं ुआं कर ाओ िए ाई ाए ने नी ना ते ीं ती ता ां ों ें ो े ू ु ी ि ा`,
);

const ARABIC_BEGINNING = /^(?:[وبكف]ال|ال|لل|و(?=..))(?=..)/u;
const ARABIC_ENDINGS = endingsOf('ها ان ات ون ين يه ه ي');

/** The article and the conjunctions before a word, the commonest endings after it. */
function stemArabic(word: string): string {
  return withoutEnding(word.replace(ARABIC_BEGINNING, ''), ARABIC_ENDINGS, 2);
}
