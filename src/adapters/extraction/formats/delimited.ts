import { BLOCK_LENGTH } from '../limits.ts';

const DELIMITERS = [',', ';', '\t', '|'];
/** A quote that is never closed would take the rest of the file into one cell. */
const MAX_CELL = BLOCK_LENGTH * 8;
const MAX_COLUMNS = 16_384;

export type RowParser = {
  /** The rows that are complete. */
  push(text: string): string[][];
  end(): string[][];
};

/**
 * Rows of delimited text that comes in pieces (RFC 4180, with any kind of line ends). Takes time in proportion to the
 * text: a parser that begins a row anew with every piece takes quadratic time where a quote is never closed.
 */
export function createRowParser(delimiter: string): RowParser {
  let rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let state: 'start' | 'plain' | 'quoted' | 'quote' = 'start';
  let afterReturn = false;
  const special = new RegExp(`[${delimiter === '|' ? '\\|' : delimiter}\\r\\n]`, 'g');

  function endCell(): void {
    if (row.length < MAX_COLUMNS) row.push(cell);
    cell = '';
    state = 'start';
  }

  function endRow(): void {
    endCell();
    rows.push(row);
    row = [];
  }

  /** Reads on from a position in the text; returns the next position. */
  function step(text: string, at: number): number {
    const character = text.charAt(at);
    if (state === 'quoted') {
      const quote = text.indexOf('"', at);
      const to = quote < 0 ? text.length : quote;
      cell += text.slice(at, to);
      if (cell.length > MAX_CELL) endRow();
      else if (quote >= 0) state = 'quote';
      return quote < 0 ? to : to + 1;
    }
    if (state === 'quote' && character === '"') {
      cell += '"';
      state = 'quoted';
      return at + 1;
    }
    if (state === 'start' && character === '"') {
      state = 'quoted';
      return at + 1;
    }
    if (character === delimiter) {
      endCell();
      return at + 1;
    }
    if (character === '\n' || character === '\r') {
      afterReturn = character === '\r';
      endRow();
      return at + 1;
    }
    special.lastIndex = at;
    const to = special.exec(text)?.index ?? text.length;
    cell += text.slice(at, to);
    state = 'plain';
    if (cell.length > MAX_CELL) endCell();
    return to;
  }

  const taken = () => {
    const complete = rows;
    rows = [];
    return complete;
  };

  return {
    push(text) {
      let at = 0;
      while (at < text.length) {
        if (afterReturn) {
          afterReturn = false;
          if (text.charAt(at) === '\n') {
            at += 1;
            continue;
          }
        }
        at = step(text, at);
      }
      return taken();
    },
    end() {
      if (cell !== '' || row.length > 0 || state !== 'start') endRow();
      return taken();
    },
  };
}

export type Delimited = { delimiter: string; columns: number; rows: number };

/**
 * The delimiter that parts the rows of a text into the same number of cells, and at least two; null where none does. The last row
 * is left out where the text is only a beginning.
 */
export function findDelimiter(text: string, isWhole: boolean): Delimited | null {
  let best: Delimited | null = null;
  for (const delimiter of DELIMITERS) {
    if (!text.includes(delimiter)) continue;
    const parser = createRowParser(delimiter);
    const rows = [...parser.push(text), ...(isWhole ? parser.end() : [])].filter(
      (row) => row.length > 1 || row[0]?.trim() !== '',
    );
    const columns = usual(rows.map((row) => row.length));
    const same = rows.filter((row) => row.length === columns).length;
    if (rows.length < 2 || columns < 2 || same < rows.length * 0.9) continue;
    if (!best || columns > best.columns) best = { delimiter, columns, rows: rows.length };
  }
  return best;
}

function usual(numbers: number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let [best, most] = [0, 0];
  for (const [number, count] of counts) if (count > most) [best, most] = [number, count];
  return best;
}
