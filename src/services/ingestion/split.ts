import type { TextBlock, TextSection } from '../../ports/file-reader.ts';
import type { Tokens } from '../../util/tokens.ts';
import { cutStretches } from './breaks.ts';
import { commonPath, createHeadings, formatPath, type HeadingPath } from './headings.ts';

export type TextChunk = {
  /** 0, 1, 2 … */
  index: number;
  /** With the white space at its end. */
  text: string;
  /** Offsets in the whole text, in UTF-16 units; end is exclusive. */
  start: number;
  end: number;
  page: number | null;
  heading: string | null;
};

export type SplitOptions = {
  tokens: Tokens;
  /** What a chunk is to have. */
  targetTokens: number;
  /** What none may have more of. Null: not known. */
  maxTokens: number | null;
};

/** Text that is not cut any further, with the white space behind it. */
type Piece = { text: string; tokens: number; path: HeadingPath; isHeading: boolean };
type Draft = { text: string; start: number; tokens: number; page: number | null; path: HeadingPath };

/** How much more than the target a chunk may have, where that saves a tiny one. */
const OVERFLOW = 1.25;
/** Below this share of the target a chunk is tiny: it is joined with a neighbour of the same page and heading. */
const TINY = 0.25;

/**
 * Cuts a text into chunks as its sections come. They tile it: each begins where the one before ends. A chunk ends with
 * its page and where a heading begins, a heading stays with what follows it, and what is one block (a paragraph, a table,
 * a record) stays whole where it fits.
 */
export async function* splitText(
  sections: AsyncIterable<TextSection>,
  options: SplitOptions,
): AsyncGenerator<TextChunk> {
  const splitter = createSplitter(options);
  for await (const section of sections) yield* splitter.add(section);
  yield* splitter.end();
}

export function createSplitter({ tokens, targetTokens, maxTokens }: SplitOptions) {
  const target = Math.max(1, Math.min(targetTokens, maxTokens ?? targetTokens));
  const most = Math.min(Math.floor(target * OVERFLOW), maxTokens ?? Number.POSITIVE_INFINITY);
  const tiny = target * TINY;
  const headings = createHeadings();
  let parts: Piece[] = [];
  let size = 0;
  let page: number | null = null;
  let lead = '';
  let offset = 0;
  let index = 0;
  /** Complete, but what follows may be so small that it is joined to it. */
  let held: Draft | null = null;

  /** What stands at the end of the open chunk and belongs to what follows. */
  function trailingHeadings(): Piece[] {
    const content = parts.findLastIndex((piece) => !piece.isHeading);
    return parts.slice(content + 1);
  }

  function sizeOf(pieces: Piece[]): number {
    return pieces.reduce((sum, piece) => sum + piece.tokens, 0);
  }

  function push(piece: Piece): void {
    parts.push(piece);
    size += piece.tokens;
  }

  /** Ends the open chunk; `carried` of its parts begin the next one. Returns one that is finished for good. */
  function* close(carried: Piece[] = []): Generator<TextChunk> {
    const own = parts.slice(0, parts.length - carried.length);
    parts = carried;
    const tokensOfOwn = sizeOf(own);
    size = sizeOf(carried);
    const [first] = own;
    if (!first) return;
    const text = own.map((piece) => piece.text).join('');
    const draft: Draft = {
      text: lead + text,
      start: offset,
      tokens: tokensOfOwn,
      page,
      path: own.reduce((path, piece) => commonPath(path, piece.path), first.path),
    };
    lead = '';
    offset += draft.text.length;
    if (held && canJoin(held, draft)) {
      held = { ...held, text: held.text + draft.text, tokens: held.tokens + draft.tokens };
      return;
    }
    yield* release();
    held = draft;
  }

  function canJoin(before: Draft, after: Draft): boolean {
    const samePlace = before.page === after.page && formatPath(before.path) === formatPath(after.path);
    return samePlace && Math.min(before.tokens, after.tokens) < tiny && before.tokens + after.tokens <= most;
  }

  function* release(): Generator<TextChunk> {
    if (!held) return;
    const { text, start, path } = held;
    yield { index, text, start, end: start + text.length, page: held.page, heading: formatPath(path) };
    index += 1;
    held = null;
  }

  function* addHeading(text: string, level: number): Generator<TextChunk> {
    const path = headings.enter(level, text);
    const carried = trailingHeadings();
    const content = size - sizeOf(carried);
    const open = parts[0];
    // A tiny chunk goes on under the next heading where both are below a common one.
    const goesOn = open && content < tiny && commonPath(open.path, path).length > 0;
    if (content > 0 && !goesOn) yield* close(carried);
    yield* addBlock(text, 'heading', path);
  }

  function* addBlock(text: string, type: TextBlock['type'], path: HeadingPath): Generator<TextChunk> {
    const isHeading = type === 'heading';
    const count = tokens.count(text, most);
    const piece = { text, tokens: count, path, isHeading };
    if (size + count <= target) return push(piece);
    const carried = trailingHeadings();
    const content = size - sizeOf(carried);
    if (content < tiny && size + count <= most) return push(piece);
    if (content >= tiny || (content > 0 && count <= target)) {
      yield* close(carried);
      if (size + count <= most) return push(piece);
    }
    // Headings that leave no room for anything: a text that is nothing else.
    if (size > target / 2) yield* close();
    if (size + count <= most) return push(piece);
    for (const { from, to } of cutStretches(text, type, tokens, { first: target - size, other: target })) {
      const stretch = text.slice(from, to);
      const stretchTokens = tokens.count(stretch);
      if (parts.length > 0 && from > 0 && size + stretchTokens > target) yield* close();
      push({ text: stretch, tokens: stretchTokens, path, isHeading: false });
    }
  }

  /** Nothing but white space: it goes with what is there. */
  function* addSpace(text: string): Generator<TextChunk> {
    const count = tokens.count(text, most);
    const last = parts.at(-1);
    if (last && size + count <= most) {
      parts[parts.length - 1] = { ...last, text: last.text + text, tokens: last.tokens + count };
      size += count;
    } else if (!last && held && held.tokens + count <= most) {
      held = { ...held, text: held.text + text, tokens: held.tokens + count };
      offset += text.length;
    } else if (!last && !held && size + count <= most) {
      lead += text;
      size += count;
    } else yield* addBlock(text, 'paragraph', headings.path());
  }

  return {
    *add(section: TextSection): Generator<TextChunk> {
      const { text } = section;
      if (text === '') return;
      if (!/\S/.test(text)) return yield* addSpace(text);
      if (section.page !== page) yield* close();
      page = section.page;
      for (const { from, to, type, level } of unitsOf(section)) {
        const unit = text.slice(from, to);
        if (type === 'heading') yield* addHeading(unit, level ?? 1);
        else yield* addBlock(unit, type, headings.path());
      }
    },
    *end(): Generator<TextChunk> {
      yield* close();
      yield* release();
    },
  };
}

type Unit = { from: number; to: number; type: TextBlock['type']; level?: number | undefined };

/** The blocks, each up to where the next one begins, so that they tile the section. */
function* unitsOf({ text, blocks }: TextSection): Generator<Unit> {
  let from = 0;
  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index] as TextBlock;
    const to = blocks[index + 1]?.start ?? text.length;
    if (to <= from) continue;
    yield { from, to, type: block.type, level: block.level };
    from = to;
  }
  if (from < text.length) yield { from, to: text.length, type: 'paragraph' };
}
