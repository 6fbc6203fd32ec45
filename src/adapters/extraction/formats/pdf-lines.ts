/** What pdf.js says of a run of text. */
export type PdfItem = {
  str: string;
  /** a, b, c, d, x, y: the size is the length of (c, d), y grows upwards. */
  transform: number[];
  width: number;
  height: number;
  hasEOL: boolean;
  fontName: string;
};

export type PdfCell = { x: number; text: string };

export type PdfLine = {
  cells: PdfCell[];
  x: number;
  right: number;
  y: number;
  size: number;
  /** The font of most of it. */
  font: string;
  isMono: boolean;
};

const WIDE = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/;
/** A gap of so many font sizes parts two cells of a table. */
const CELL_GAP = 1.8;
/** A baseline that is higher or lower by less belongs to the line: a superscript. */
const SAME_LINE = 0.55;

export function textOf(line: PdfLine): string {
  return line.cells.map(({ text }) => text).join(' ');
}

/** Lines in the order in which the page draws them, which is the order in which columns are read. */
export function toLines(items: PdfItem[], isMono: (fontName: string) => boolean): PdfLine[] {
  const lines: PdfLine[] = [];
  let line: PdfLine | null = null;
  let sizes = new Map<number, number>();
  let fonts = new Map<string, number>();
  let gap = 0;
  let mono = 0;
  let length = 0;

  function end(): void {
    if (line) {
      for (const cell of line.cells) cell.text = cell.text.trim();
      line.cells = line.cells.filter(({ text }) => text !== '');
      line.size = mostUsed(sizes) ?? line.size;
      line.font = mostUsed(fonts) ?? '';
      line.isMono = mono > length / 2;
      if (line.cells.length > 0) lines.push(line);
    }
    line = null;
    gap = 0;
    mono = 0;
    length = 0;
    sizes = new Map();
    fonts = new Map();
  }

  for (const { str, transform, width, hasEOL, fontName } of items) {
    const [, , c = 0, d = 0, x = 0, y = 0] = transform;
    const size = Math.round(Math.hypot(c, d) * 10) / 10;
    const blank = str.trim() === '';
    if (!blank) {
      if (line && !isSameLine(line, x, y, size)) end();
      if (!line) line = { cells: [{ x, text: '' }], x, right: x, y, size, font: '', isMono: false };
      else if (gap > 0 || x - line.right > size * 0.2) {
        const last = line.cells.at(-1);
        if (Math.max(gap, x - line.right) > size * CELL_GAP) line.cells.push({ x, text: '' });
        else if (last && !last.text.endsWith(' ') && gap > 0) last.text += ' ';
      }
      const cell = line.cells.at(-1);
      if (cell) cell.text += str;
      line.right = x + width;
      if (size > line.size) line.y = y;
      fonts.set(fontName, (fonts.get(fontName) ?? 0) + str.length);
      sizes.set(size, (sizes.get(size) ?? 0) + str.length);
      // All characters of Chinese fonts are of one width.
      if (isMono(fontName) && !WIDE.test(str)) mono += str.length;
      length += str.length;
      gap = 0;
    } else if (line && str !== '') gap += width > 0 ? width : 0.1;
    if (hasEOL) end();
  }
  end();
  return lines;
}

function isSameLine(line: PdfLine, x: number, y: number, size: number): boolean {
  return (
    Math.abs(y - line.y) < Math.max(line.size, size) * SAME_LINE && x >= line.right - Math.max(line.size, size) * 2
  );
}

export function mostUsed<Key>(counts: Map<Key, number>): Key | undefined {
  let best: Key | undefined;
  let most = 0;
  for (const [value, count] of counts) if (count > most) [best, most] = [value, count];
  return best;
}
