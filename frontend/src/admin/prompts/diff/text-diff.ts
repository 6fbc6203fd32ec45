import { editScript, type Piece } from './edit-script.ts';

/** A part of a line; `isMarked`: by it the line differs from the one that it replaces or is replaced by. */
export type Span = { text: string; isMarked: boolean };

export type DiffLine = {
  kind: Piece['kind'];
  /** Its number in either text, from 1; null where it does not stand in that one. */
  before: number | null;
  after: number | null;
  spans: readonly Span[];
};

/** Lines that are removed and added: beyond it, texts have little in common. */
const MOST_LINE_EDITS = 1_000;
const MOST_WORD_EDITS = 400;
/** Characters of a change in which words are looked for. */
const MOST_MARKED = 20_000;
/** Less than this in common, and marks say nothing: the lines are other ones. */
const LEAST_COMMON = 0.3;

/** Words; characters where a script does not part them. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]|[\p{L}\p{M}\p{N}_]+|[^\S\n]+|./gsu;

/** Line by line what becomes of a text, with the words marked that differ within changed lines. */
export function diffTexts(before: string, after: string): DiffLine[] {
  const pieces = editScript(before.split('\n'), after.split('\n'), MOST_LINE_EDITS);
  const lines: DiffLine[] = [];
  let [one, other] = [0, 0];
  for (const [index, { kind, items }] of pieces.entries()) {
    if (kind === 'same') {
      lines.push(...items.map((text) => ({ kind, before: ++one, after: ++other, spans: [plain(text)] })));
      continue;
    }
    const next = pieces[index + 1];
    if (kind === 'removed' && next?.kind === 'added') {
      const marked = markWords(items, next.items);
      lines.push(...marked.removed.map((spans) => ({ kind, before: ++one, after: null, spans })));
      lines.push(...marked.added.map((spans) => ({ kind: next.kind, before: null, after: ++other, spans })));
    } else if (kind === 'removed') {
      lines.push(...items.map((text) => ({ kind, before: ++one, after: null, spans: [plain(text)] })));
    } else if (pieces[index - 1]?.kind !== 'removed') {
      lines.push(...items.map((text) => ({ kind, before: null, after: ++other, spans: [plain(text)] })));
    }
  }
  return lines;
}

const plain = (text: string): Span => ({ text, isMarked: false });

type Marked = Record<'removed' | 'added', readonly Span[][]>;

/** The lines of a change on both sides, with what differs in them. */
function markWords(removed: readonly string[], added: readonly string[]): Marked {
  const whole = { removed: removed.map((text) => [plain(text)]), added: added.map((text) => [plain(text)]) };
  const [one, other] = [removed.join('\n'), added.join('\n')];
  if (one.length + other.length > MOST_MARKED) return whole;
  const pieces = editScript(one.match(WORD) ?? [], other.match(WORD) ?? [], MOST_WORD_EDITS);
  const common = pieces.reduce((sum, { kind, items }) => sum + (kind === 'same' ? lettersOf(items) : 0), 0);
  if (common < LEAST_COMMON * Math.max(lettersOf([one]), lettersOf([other]))) return whole;
  const joined = joinWords(pieces);
  const side = (kind: 'removed' | 'added') =>
    inLines(joined.filter((piece) => piece.kind === 'same' || piece.kind === kind));
  return { removed: side('removed'), added: side('added') };
}

/** A space between two words that differ belongs to what differs. */
function joinWords(pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap((piece, index): Piece[] => {
    const isWithin = index > 0 && index < pieces.length - 1;
    if (piece.kind !== 'same' || !isWithin || !/^[^\S\n]+$/.test(piece.items.join(''))) return [piece];
    return [
      { kind: 'removed', items: piece.items },
      { kind: 'added', items: piece.items },
    ];
  });
}

const lettersOf = (items: readonly string[]): number => items.join('').replaceAll(/\s+/g, '').length;

function inLines(pieces: readonly Piece[]): Span[][] {
  let line: Span[] = [];
  const lines = [line];
  for (const { kind, items } of pieces) {
    for (const [index, text] of items.join('').split('\n').entries()) {
      if (index > 0) {
        line = [];
        lines.push(line);
      }
      const last = line.at(-1);
      const isMarked = kind !== 'same';
      if (last?.isMarked === isMarked) line[line.length - 1] = { text: last.text + text, isMarked };
      else if (text !== '') line.push({ text, isMarked });
    }
  }
  return lines;
}
