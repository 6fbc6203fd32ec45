import type { TextBlock } from '../../ports/file-reader.ts';
import type { Tokens } from '../../util/tokens.ts';

export type Stretch = { from: number; to: number };

/** Of a text for which no language is known: full stops, question marks and their like in all scripts. */
const sentences = new Intl.Segmenter('und', { granularity: 'sentence' });
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** In UTF-16 units. Most sentences end within so many; looking at all of a text would cost the more. */
const NEAR = 400;
/** So much of what follows is enough to tell the end of a sentence from a point within it. */
const AHEAD = 40;

/**
 * Cuts what is too long for one piece: each has at most `limit` tokens, the first one `firstLimit`. At the end of a row
 * or line for tables and code, else of a paragraph, of a sentence, of a word, at last of a character.
 */
export function* cutStretches(
  text: string,
  type: TextBlock['type'],
  tokens: Tokens,
  limits: { first: number; other: number },
): Generator<Stretch> {
  let from = 0;
  while (from < text.length) {
    const farthest = tokens.fit(text, from, from === 0 ? limits.first : limits.other);
    const to =
      farthest >= text.length ? text.length : wholeCharacters(text, from, bestBreak(text, type, from, farthest));
    yield { from, to };
    from = to;
  }
}

function bestBreak(text: string, type: TextBlock['type'], from: number, farthest: number): number {
  const middle = from + ((farthest - from) >> 1);
  if (type === 'table') return lastAfter(text, '\n', from, farthest) ?? wordBreak(text, middle, farthest);
  const paragraph = lastAfter(text, '\n\n', middle, farthest);
  if (paragraph !== undefined) return paragraph;
  if (type === 'code') return lastAfter(text, '\n', middle, farthest) ?? wordBreak(text, middle, farthest);
  const near = Math.max(middle, farthest - NEAR);
  return (
    sentenceBreak(text, near, farthest) ??
    (near > middle ? sentenceBreak(text, middle, farthest) : undefined) ??
    wordBreak(text, middle, farthest)
  );
}

/** Where the last `mark` between the two ends. */
function lastAfter(text: string, mark: string, from: number, to: number): number | undefined {
  const index = text.slice(from, to).lastIndexOf(mark);
  return index < 0 ? undefined : from + index + mark.length;
}

function sentenceBreak(text: string, from: number, to: number): number | undefined {
  let found: number | undefined;
  for (const { index } of sentences.segment(text.slice(from, to + AHEAD))) {
    if (index > 0 && from + index <= to) found = from + index;
  }
  return found;
}

/** Behind the last white space between the two; else as far as it goes. */
function wordBreak(text: string, from: number, to: number): number {
  for (let index = to; index > from; index--) {
    if (isSpace(text.charCodeAt(index - 1))) return index;
  }
  return to;
}

function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13) || unit === 0x3000 || (unit >= 0x2000 && unit <= 0x200a);
}

/** The nearest place at or before `at`, but after `from`, that splits no character as people see them. */
export function wholeCharacters(text: string, from: number, at: number): number {
  if (isPlain(text, at)) return at;
  // From a place that is certainly between two characters: flags, say, are pairs counted from where they begin.
  let start = at - 1;
  while (start > from && !isPlain(text, start)) start -= 1;
  start = Math.max(start, from);
  const found = graphemes.segment(text.slice(start, at + AHEAD)).containing(at - start);
  const boundary = start + (found?.index ?? 0);
  if (boundary > from) return boundary;
  // One character that is longer than a piece may be: only what encodes it stays whole.
  const splitsPair = isHighSurrogate(text.charCodeAt(at - 1)) && at - 1 > from;
  return splitsPair ? at - 1 : at;
}

/** Whether nothing around this place combines: both neighbours are plain Latin letters, digits, spaces, signs. */
function isPlain(text: string, at: number): boolean {
  const [before, after] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
  return before < 0x300 && after < 0x300 && !(before === 13 && after === 10);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
