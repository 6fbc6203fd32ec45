import { CHARACTER, classOf, classOfCodePoint } from './characters.ts';

/** What is found in a text, in its order. The strings are not folded: see terms.ts. */
export type TokenSink = {
  /** A word of a script that writes spaces. */
  word(word: string): void;
  /** Two neighbouring characters of a script without spaces, or one that stands alone. Counts as a word. */
  cluster(characters: string): void;
  /** Characters that are looked up by themselves, beside the clusters. */
  gram(characters: string): void;
};

/** Longer ones are cut into pieces: nobody asks for them, and they may be a whole file. */
const MAX_WORD = 64;
/** Of an unspaced script; as long as the grams of words. */
const GRAM = 4;

/** NFKC and lower case come first: they decide what is a letter. */
export function normalise(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Finds the tokens of a text that is normalised. */
export function forEachToken(text: string, sink: TokenSink): void {
  const { length } = text;
  let at = 0;
  while (at < length) {
    const kind = kindAt(text, at);
    if (kind === CHARACTER.BREAK || kind === CHARACTER.APOSTROPHE) {
      at += 1;
      continue;
    }
    let end = at;
    if (kind === CHARACTER.WORD) {
      const limit = at + MAX_WORD;
      while (end < length && end < limit && kindAt(text, end) === kind) end += widthAt(text, end);
      if (!isElided(text, at, end)) sink.word(text.slice(at, end));
    } else {
      while (end < length && kindAt(text, end) === kind) end += widthAt(text, end);
      splitRun(text.slice(at, end), kind, sink);
    }
    at = end;
  }
}

function kindAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  // The low half of a pair is passed over with its high half; met alone it is no character.
  return (unit & 0xf800) === 0xd800 ? classOfCodePoint(text.codePointAt(at) as number) : classOf(unit);
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
}

function isElided(text: string, start: number, end: number): boolean {
  if (end - start !== 1) return false;
  return (
    (start > 0 && classOf(text.charCodeAt(start - 1)) === CHARACTER.APOSTROPHE) ||
    (end < text.length && classOf(text.charCodeAt(end)) === CHARACTER.APOSTROPHE)
  );
}

function splitRun(run: string, kind: number, sink: TokenSink): void {
  const characters = Array.from(run);
  const { length } = characters;
  if (length === 1) sink.cluster(run);
  for (let at = 0; at + 1 < length; at += 1) sink.cluster(`${characters[at]}${characters[at + 1]}`);
  // One ideograph is often a word; the others need more to mean something.
  const size = kind === CHARACTER.IDEOGRAPH ? 1 : GRAM;
  for (let at = 0; at + size <= length; at += 1) sink.gram(characters.slice(at, at + size).join(''));
}

/** A text in pieces that take a few milliseconds each, cut between words wherever there is a chance. */
export function* piecesOf(text: string, size = 32_768): Generator<string> {
  let start = 0;
  while (text.length - start > size) {
    let end = start + size;
    const least = end - 512;
    while (end > least && kindAt(text, end) !== CHARACTER.BREAK) end -= 1;
    if (end === least) end = start + size;
    if ((text.charCodeAt(end) & 0xfc00) === 0xdc00) end -= 1;
    yield text.slice(start, end);
    start = end;
  }
  if (start < text.length) yield text.slice(start);
}
