import { cut } from '../../util/text.ts';
import { estimatedTokens } from '../../util/tokens.ts';

/** What one judgement may be shown of a text, and of what it is understood by, in tokens. */
export type Sizes = { text: number; context: number };

/** Beyond this a judgement gets no better, only slower. */
const LARGEST_WINDOW = 4_096;

/** Shares of the guard's own window; the rest is for what it is told and for its answer. */
export function sizesIn(windowTokens: number | null): Sizes {
  const tokens = Math.min(windowTokens ?? LARGEST_WINDOW, LARGEST_WINDOW);
  return { text: Math.floor(tokens * 0.35), context: Math.floor(tokens * 0.2) };
}

/** UTF-16 units that two pieces of a text share, so that what stands on their border is judged as a whole. */
const OVERLAP = 200;

/** The whole text in pieces that fit; nothing is left unjudged because it is long. */
export function piecesOf(text: string, tokens: number): string[] {
  const pieces: string[] = [];
  for (let from = 0; ; ) {
    const end = from + cut(text.slice(from), estimatedTokens.fit(text, from, tokens) - from).length;
    pieces.push(text.slice(from, end));
    if (end >= text.length) return pieces;
    // Forward in any case, and not into the middle of a character.
    const next = Math.max(end - OVERLAP, from + 1);
    from = isLowSurrogate(text, next) ? next + 1 : next;
  }
}

/** The end of a text that fits. */
export function endOf(text: string, tokens: number): string {
  // No unit weighs less than a fifth of a token: what is further from the end never fits.
  const near = text.slice(-tokens * 5);
  let from = 0;
  for (;;) {
    // Nor more than one: so many have to go at least.
    const tooMany = estimatedTokens.count(near.slice(from)) - tokens;
    if (tooMany <= 0) break;
    from += tooMany;
  }
  const start = isLowSurrogate(near, from) ? from + 1 : from;
  return near.slice(start);
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The end of a sentence, with what closes it, or of a line. */
const SENTENCE_END = /[.!?…]["'”’)\]]*(?=\s)|[。！？]["'”’」』）]*|\n/gu;

export type Window = {
  /** UTF-16 units that are worth a judgement. */
  wanted: number;
  /** Tokens that one may have. */
  most: number;
  /** Nothing more follows. */
  isLast: boolean;
};

/**
 * How much from the beginning of a text is judged next; 0: it waits for more. Whole sentences, as many as there are, for
 * a sentence is judged better than half of one; without an end in sight, whole words.
 */
export function windowLength(text: string, { wanted, most, isLast }: Window): number {
  if (text === '' || (!isLast && text.length < wanted)) return 0;
  const room = cut(text, estimatedTokens.fit(text, 0, most));
  if (isLast && room.length === text.length) return text.length;
  const sentences = [...room.matchAll(SENTENCE_END)].at(-1);
  const end = sentences ? sentences.index + sentences[0].length : 0;
  if (end >= Math.min(wanted, room.length) / 3) return end;
  // A full room cannot wait; nor can a reader, for a sentence that does not end.
  if (room.length === text.length && text.length < 3 * wanted) return 0;
  const space = /\s\S*$/u.exec(room)?.index ?? 0;
  return space > room.length / 2 ? space : room.length;
}
