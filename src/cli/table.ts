import { plainText } from './plain-text.ts';

const GAP = 2;
/** No column is made narrower than this. */
const LEAST = 8;
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Rows in columns below a head; nothing without rows. In a terminal of so many columns the widest cells are cut, so that
 * a row stays a line; for `columns` null nothing is cut.
 */
export function table(head: string[], rows: string[][], columns: number | null, bold = (text: string) => text): string {
  if (rows.length === 0) return '';
  const cells = [head, ...rows].map((row) => row.map((cell) => plainText(cell).replaceAll(/\s+/g, ' ')));
  const widths = head.map((_title, index) => Math.max(...cells.map((row) => widthOf(row[index] ?? ''))));
  if (columns !== null) shrink(widths, columns - 1);
  const lines = cells.map((row) =>
    widths
      .map((width, index) => fitted(row[index] ?? '', width))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
  return lines.map((line, index) => `${index === 0 ? bold(line) : line}\n`).join('');
}

/** Names and what they stand for, one a line. */
export function details(entries: [string, string | null | undefined][]): string {
  const shown = entries.filter((entry): entry is [string, string] => entry[1] != null && entry[1] !== '');
  const width = Math.max(0, ...shown.map(([name]) => widthOf(name)));
  return shown.map(([name, value]) => `${fitted(name, width)}  ${plainText(value)}\n`).join('');
}

/** Columns of a terminal that a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

function shrink(widths: number[], columns: number): void {
  const total = () => widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1));
  while (total() > columns) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= LEAST) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function fitted(text: string, width: number): string {
  const own = widthOf(text);
  if (own <= width) return text + ' '.repeat(width - own);
  let kept = '';
  let taken = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = taken + widthOf(segment);
    if (next > width - 1) break;
    kept += segment;
    taken = next;
  }
  return `${kept}…${' '.repeat(width - taken - 1)}`;
}
