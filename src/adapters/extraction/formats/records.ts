import { cleanText, oneLine } from '../text/clean.ts';
import type { Sections } from '../text/sections.ts';

/** A value that is longer is on a line of its own. */
const SHORT_VALUE = 80;
/** A record with a longer one is prose: it may be cut between sentences. */
const LONG_VALUE = 240;
const MAX_HEADER_LENGTH = 100;
/** A title and some remarks may come before the names of the columns. */
const ROWS_BEFORE_HEADER = 10;

/**
 * Rows of a spreadsheet or a CSV file, each a block. Where the first one names the columns, its names are repeated in
 * every row, so that a row can be understood, and found, by itself.
 */
export function createRecords(sections: Sections, { mayHaveTitle }: { mayHaveTitle: boolean }) {
  let names: string[] | null = null;
  let waiting: string[] | null = null;
  let isSettled = false;
  let before = 0;

  function addPlain(cells: string[]): void {
    const text = cells
      .slice(0, cells.findLastIndex((cell) => cell.trim() !== '') + 1)
      .map(oneLine)
      .join(' | ');
    sections.add({ type: 'table', text, after: '\n' });
  }

  function add(cells: string[]): void {
    if (!names) {
      addPlain(cells);
      return;
    }
    const fields: Field[] = [];
    for (const [index, cell] of cells.entries()) {
      const value = cleanText(cell).trim();
      if (value !== '') fields.push({ name: names[index] ?? '', value });
    }
    addRecord(sections, fields);
  }

  /** The first row waits for a second one: without, it names nothing. */
  function settle(next: string[] | null): void {
    if (waiting && next && looksLikeNames(waiting, next)) names = waiting.map(oneLine);
    else if (waiting) addPlain(waiting);
    isSettled = waiting !== null;
    waiting = null;
  }

  return {
    add(cells: string[]) {
      const filled = cells.reduce((count, cell) => (cell.trim() === '' ? count : count + 1), 0);
      if (filled === 0) return;
      if (waiting) settle(cells);
      if (isSettled) return add(cells);
      if (mayHaveTitle && filled === 1 && before < ROWS_BEFORE_HEADER) {
        before += 1;
        return addPlain(cells.filter((cell) => cell.trim() !== ''));
      }
      waiting = cells;
    },
    end() {
      settle(null);
    },
  };
}

export type Field = { name: string; value: string };

/** A record on one line, or on several where its values are long. */
export function addRecord(sections: Sections, fields: Field[]): void {
  const longest = fields.reduce(
    (length, { value }) => Math.max(length, value.includes('\n') ? LONG_VALUE + 1 : value.length),
    0,
  );
  const isShort = longest <= SHORT_VALUE;
  const text = fields
    .map(({ name, value }) => (name === '' ? value : `${name}: ${value}`))
    .join(isShort ? ' | ' : '\n');
  sections.add({ type: longest > LONG_VALUE ? 'paragraph' : 'table', text, after: isShort ? '\n' : '\n\n' });
}

function looksLikeNames(cells: string[], next: string[]): boolean {
  const used = cells.slice(0, cells.findLastIndex((cell) => cell.trim() !== '') + 1);
  const filled = used.filter((cell) => cell.trim() !== '');
  const width = next.findLastIndex((cell) => cell.trim() !== '') + 1;
  return (
    used.length >= 2 &&
    width <= used.length &&
    filled.length >= used.length * 0.7 &&
    new Set(filled).size === filled.length &&
    filled.every((cell) => cell.length <= MAX_HEADER_LENGTH && !cell.trim().includes('\n') && !looksLikeValue(cell))
  );
}

/** A number, an amount, a date or a time: nothing that a column is called. Years are. */
function looksLikeValue(cell: string): boolean {
  const text = cell.trim();
  return /^[-+(]?[€$£¥]?\s?\d[\d\s.,:/%-]*[)%€$£¥]?$/.test(text) && !/^(19|20)\d\d$/.test(text);
}
