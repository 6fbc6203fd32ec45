const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Finds a text as it is, whatever its case. Null: there is nothing to find. */
export function phraseFinder(text: string): RegExp | null {
  const phrase = text.trim();
  return phrase === '' ? null : new RegExp(`(${escaped(phrase)})`, 'giu');
}

/** Scripts that are written without spaces: in them a word may stand anywhere. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const ENDING = /(?:ing|ies|ed|en|es|er|e|n|s|y)$/u;
const LEAST = 3;
/** Said in every sentence: a text with these marked has everything marked. */
const COMMON = new Set(
  'the and for are was were what which who how with from that this der die das den dem des und ist sind ein eine mit von wie wer wo'.split(
    ' ',
  ),
);

/**
 * Finds the words of a text in their other forms too: an index of words knows "swim" by "swimming". Null: there is
 * nothing to find. What an index thinks of as one word only it knows, so that this is near, not exact.
 */
export function wordFinder(text: string): RegExp | null {
  const all = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const rare = all.filter((word) => !COMMON.has(word));
  const words = rare.length > 0 ? rare : all;
  const parts = [...new Set(words)].flatMap((word) => {
    if (UNSPACED.test(word)) return [escaped(word)];
    if (word.length < LEAST && !/\p{N}/u.test(word)) return [];
    const cut = word.replace(ENDING, '');
    const stem = cut.length > LEAST ? cut : word;
    return [
      `(?<![\\p{L}\\p{M}\\p{N}])${escaped(stem)}${stem.length > LEAST ? '[\\p{L}\\p{M}\\p{N}]{0,6}' : ''}(?![\\p{L}\\p{M}\\p{N}])`,
    ];
  });
  return parts.length === 0 ? null : new RegExp(`(${parts.join('|')})`, 'giu');
}
