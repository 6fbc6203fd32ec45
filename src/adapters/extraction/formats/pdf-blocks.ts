import type { NewBlock, Sections } from '../text/sections.ts';
import { mostUsed, type PdfLine, textOf } from './pdf-lines.ts';

/** More white space between two lines than this share of the usual distance ends a paragraph. */
const PARAGRAPH_GAP = 1.25;
/** A line that ends this early ends its paragraph, if a sentence ends there too. */
const SHORT_LINE = 0.8;
const HEADING_SIZE = 1.15;
const MAX_HEADING = 150;
/** Cells of a table are short; longer ones, side by side, are columns of prose. */
const COLUMN_CELL = 25;
const MIN_COLUMN_LINES = 5;

/** Bullets, also those of symbol fonts, which have no characters of their own. */
const SURE_BULLET = /^[•◦▪‣●○■□∙➢➤✓\ue000-\uf8ff]\s*(?=\S)/u;
/** What may stand in a sentence too. */
const BULLET = /^(?:[•◦▪‣●○■□∙➢➤✓\ue000-\uf8ff]\s*(?=\S)|[·–—-]\s+(?=\p{L}))/u;
const NUMBER = /^(?:\d{1,3}|[a-zA-Z])[.)]\s+\S/;
const SENTENCE_END = /[.!?:;。！？]["'”’)\]]?$/;
const CJK = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/;
/** "Vor- und Nachteile": what is left out is not put together with the next word. */
const AFTER_HANGING_HYPHEN = /^(?:und|oder|bis|sowie|bzw\.?|and|or|to|et|ou|y|o|e|och|eller|en|of)\b/;

/** How much is set in each size and font: over the whole document, because a page may be all headings. */
export type TextLook = { sizes: Map<number, number>; fonts: Map<string, number> };

/** Adds the lines of a page as headings, paragraphs, lists, tables and code. */
export function addPdfPage(sections: Sections, given: PdfLine[], look: TextLook): void {
  const lines = inColumns(given);
  for (const line of lines) {
    const { length } = textOf(line);
    look.sizes.set(line.size, (look.sizes.get(line.size) ?? 0) + length);
    look.fonts.set(line.font, (look.fonts.get(line.font) ?? 0) + length);
  }
  const body: Body = { size: mostUsed(look.sizes) ?? 0, font: mostUsed(look.fonts) ?? '' };
  const pitch = usualPitch(lines);
  const right = new Map<number, number>();
  for (const line of lines) right.set(column(line), Math.max(right.get(column(line)) ?? 0, line.right));

  let at = 0;
  while (at < lines.length) {
    const rows = tableFrom(lines, at, pitch);
    if (rows > 0) {
      const text = lines
        .slice(at, at + rows)
        .map(({ cells }) => cells.map((cell) => cell.text).join(' | '))
        .join('\n');
      sections.add({ type: 'table', text });
      at += rows;
      continue;
    }
    let end = at + 1;
    const kind = kindOf(lines, at, body);
    while (end < lines.length && continues(lines, end, kind, { body, pitch, right, start: at })) end += 1;
    // The end of a table was there: it begins at its own line.
    sections.add({
      ...kind,
      text: kind.type === 'code' ? codeOf(lines.slice(at, end)) : flow(lines.slice(at, end), kind),
    });
    at = end;
  }
}

type Kind = Pick<NewBlock, 'type' | 'level' | 'after'>;

type Body = { size: number; font: string };

function kindOf(lines: PdfLine[], at: number, body: Body): Kind {
  const line = lines[at] as PdfLine;
  const text = textOf(line);
  if (line.isMono) return { type: 'code' };
  const ratio = body.size > 0 ? line.size / body.size : 1;
  if (ratio >= HEADING_SIZE && text.length <= MAX_HEADING && /\p{L}/u.test(text)) {
    return { type: 'heading', level: ratio >= 1.7 ? 1 : ratio >= 1.3 ? 2 : 3 };
  }
  if (!BULLET.test(text) && isEmphasized(lines, at, body)) return { type: 'heading', level: 4 };
  return BULLET.test(text) || NUMBER.test(text) ? { type: 'list-item', after: '\n' } : { type: 'paragraph' };
}

/** A short line in another font, such as the bold one, above text in the usual font: a heading of the same size. */
function isEmphasized(lines: PdfLine[], at: number, body: Body): boolean {
  const line = lines[at] as PdfLine;
  const below = lines[at + 1];
  const above = lines[at - 1];
  const text = textOf(line);
  if (line.font === body.font || !below || below.font === line.font || below.y > line.y) return false;
  // Between two lines of one paragraph it is only emphasis.
  if (above && above.font === below.font && above.y > line.y && above.y - line.y <= (line.y - below.y) * 1.1)
    return false;
  const isShort = text.length <= 80 && line.cells.length === 1;
  return isShort && line.size >= body.size * 0.95 && /^[\p{Lu}\p{N}\p{Lo}]/u.test(text) && !SENTENCE_END.test(text);
}

type Around = { body: Body; pitch: number; right: Map<number, number>; start: number };

/** Whether a line belongs to the block of the one before it. */
function continues(lines: PdfLine[], at: number, kind: Kind, { body, pitch, right, start }: Around): boolean {
  const line = lines[at] as PdfLine;
  const above = lines[at - 1] as PdfLine;
  const text = textOf(line);
  const before = textOf(above);
  if (kind.type !== 'code' && SURE_BULLET.test(text)) return false;
  const next = kindOf(lines, at, body);
  if (next.type !== kind.type && !(kind.type === 'list-item' && next.type === 'paragraph')) {
    // A line of a paragraph may begin with "12." or a dash.
    if (next.type !== 'list-item' || kind.type !== 'paragraph' || SENTENCE_END.test(before)) return false;
  } else if (next.type === 'list-item') return false;
  if (kind.type === 'heading' && (next.level !== kind.level || line.size !== above.size)) return false;
  if (tableFrom(lines, at, pitch) > 0) return false;

  const distance = above.y - line.y;
  // The next column or a text box: the sentence may go on there.
  if (distance < -line.size * 0.5)
    return kind.type === 'paragraph' && !SENTENCE_END.test(before) && /^\p{Ll}/u.test(text);
  if (kind.type === 'code') return distance < pitch * 3;
  const usual = kind.type === 'heading' ? line.size * 1.5 : Math.max(pitch, line.size);
  if (distance > usual * PARAGRAPH_GAP) return false;
  if (kind.type === 'heading') return true;
  if (Math.abs(line.size - above.size) > above.size * 0.12) return false;
  if (!SENTENCE_END.test(before)) return true;
  const first = lines[start] as PdfLine;
  const isIndented = kind.type === 'paragraph' && line.x > above.x + line.size * 0.8 && at - 1 > start;
  const endsEarly = above.right - above.x < ((right.get(column(above)) ?? above.right) - above.x) * SHORT_LINE;
  const isOutdented = kind.type === 'list-item' && line.x < first.x - line.size * 0.5;
  return !isIndented && !endsEarly && !isOutdented;
}

/** How many lines from here on are rows of a table: at least two, with cells that stand below each other. */
function tableFrom(lines: PdfLine[], from: number, pitch: number): number {
  const first = lines[from] as PdfLine;
  if (first.cells.length < 2) return 0;
  let rows = 1;
  for (let at = from + 1; at < lines.length; at++) {
    const [line, above] = [lines[at] as PdfLine, lines[at - 1] as PdfLine];
    const distance = above.y - line.y;
    const aligned = line.cells.filter(({ x }) => first.cells.some((cell) => Math.abs(cell.x - x) < line.size)).length;
    if (line.cells.length < 2 || aligned < 2 || distance <= 0 || distance > Math.max(pitch, line.size) * 4) break;
    rows += 1;
  }
  return rows >= 2 ? rows : 0;
}

/** Lines that run across two columns of prose are parted: the left column first. */
function inColumns(lines: PdfLine[]): PdfLine[] {
  const sorted: PdfLine[] = [];
  let at = 0;
  while (at < lines.length) {
    const first = lines[at] as PdfLine;
    let end = at;
    const split = first.cells[1]?.x;
    if (first.cells.length === 2 && split !== undefined) {
      while (end < lines.length && isAcross(lines[end] as PdfLine, split)) end += 1;
    }
    const run = lines.slice(at, end);
    const characters = run.reduce((sum, line) => sum + textOf(line).length, 0);
    if (run.length >= MIN_COLUMN_LINES && characters / run.length / 2 > COLUMN_CELL) {
      for (const side of [0, 1]) for (const line of run) sorted.push(half(line, side));
    } else {
      end = Math.max(end, at + 1);
      for (let index = at; index < end; index++) sorted.push(lines[index] as PdfLine);
    }
    at = end;
  }
  return sorted;
}

function isAcross(line: PdfLine, split: number): boolean {
  return line.cells.length === 2 && Math.abs((line.cells[1]?.x ?? 0) - split) < line.size * 2;
}

function half(line: PdfLine, side: number): PdfLine {
  const cell = line.cells[side] ?? { x: line.x, text: '' };
  const end = side === 0 ? (line.cells[1]?.x ?? line.right) - line.size * 2 : line.right;
  return { ...line, cells: [cell], x: cell.x, right: end };
}

function usualPitch(lines: PdfLine[]): number {
  const counts = new Map<number, number>();
  for (let at = 1; at < lines.length; at++) {
    const [line, above] = [lines[at] as PdfLine, lines[at - 1] as PdfLine];
    const distance = Math.round((above.y - line.y) * 2) / 2;
    if (distance > line.size * 0.8 && distance < line.size * 3) counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  // Between paragraphs there is more; in a list of short ones that may be more often.
  const most = Math.max(0, ...counts.values());
  const often = [...counts].filter(([, count]) => count >= Math.max(Math.min(2, most), most * 0.2));
  return Math.min(...often.map(([distance]) => distance), Number.MAX_SAFE_INTEGER) % Number.MAX_SAFE_INTEGER;
}

function column(line: PdfLine): number {
  return Math.round(line.x / 40);
}

function codeOf(lines: PdfLine[]): string {
  const left = Math.min(...lines.map(({ x }) => x));
  const pitch = usualPitch(lines);
  let text = '';
  for (const [index, line] of lines.entries()) {
    const indent = Math.min(80, Math.max(0, Math.round((line.x - left) / (line.size * 0.6))));
    const distance = (lines[index - 1]?.y ?? line.y) - line.y;
    if (index > 0) text += pitch > 0 && distance > pitch * 1.6 ? '\n\n' : '\n';
    text += ' '.repeat(indent) + textOf(line);
  }
  return text;
}

/** The lines of a paragraph as one: words that were parted at the end of a line are put together. */
function flow(lines: PdfLine[], kind: Kind): string {
  let text = '';
  for (const line of lines) {
    const next = textOf(line);
    if (text === '') text = kind.type === 'list-item' ? next.replace(BULLET, '- ') : next;
    else if (/\p{L}[-\u2010\u00ad]$/u.test(text) && /^\p{Ll}/u.test(next) && !AFTER_HANGING_HYPHEN.test(next)) {
      text = text.slice(0, -1) + next;
    } else if (CJK.test(text.slice(-1)) && CJK.test(next.charAt(0))) text += next;
    else text += ` ${next}`;
  }
  return text;
}
