import type { TextBlock } from '../../../ports/file-reader.ts';
import { BLOCK_LENGTH } from '../limits.ts';
import { oneLine } from './clean.ts';
import type { NewBlock, Sections } from './sections.ts';

export type OpenBlock = Pick<NewBlock, 'type' | 'level' | 'indent' | 'after'> & {
  /** Text that it begins with, such as a list's mark; alone it makes no block. */
  mark?: string | undefined;
};

type Table = {
  rows: string[][];
  length: number;
  /** It only arranges what is in it. */
  dissolved: boolean;
  /** Tables inside it, whose cells are words of one of its own cells. */
  inner: number;
};

function withoutEmptyEnd(cells: string[]): string[] {
  return cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
}

export type BlockWriter = ReturnType<typeof createBlockWriter>;

/** Makes blocks of the events of a document: blocks open, text comes in pieces, tables have rows and cells. */
export function createBlockWriter(sections: Sections) {
  let block: OpenBlock | null = null;
  let parts: string[] = [];
  let length = 0;
  let table: Table | null = null;
  let nextPage: number | null | undefined;

  const inTable = () => (table !== null && !table.dissolved ? table : null);

  function emit(after: NewBlock['after']): void {
    if (!block) return;
    const text = parts.join('');
    parts = [];
    length = 0;
    // A mark alone says nothing; where the block only continues, its end is told.
    if (text.trim() === '' && after !== '') sections.add({ ...block, indent: undefined, text: '', after });
    else sections.add({ ...block, text: `${block.mark ?? ''}${text}`, after });
    // What follows continues it.
    block = { ...block, mark: undefined, indent: undefined };
  }

  function close(): void {
    const open = inTable();
    if (open) addToCell(open, ' ');
    else {
      emit(block?.after ?? '\n\n');
      block = null;
    }
  }

  function addToCell(open: Table, text: string): void {
    const row = open.rows.at(-1);
    if (text.trim() === '' && (!row || row.length === 0)) return;
    if (!row) open.rows.push([text]);
    else if (row.length === 0) row.push(text);
    else row[row.length - 1] += text;
    open.length += text.length;
    if (open.length > BLOCK_LENGTH)
      emitRows(open, open.rows.length > 1 ? open.rows.splice(0, open.rows.length - 1) : open.rows.splice(0), '\n');
  }

  function emitRows(open: Table, rows: string[][], after: NewBlock['after']): void {
    const lines = rows.map((cells) => withoutEmptyEnd(cells.map(oneLine))).filter((cells) => cells.length > 0);
    open.length = open.rows.reduce((sum, cells) => sum + cells.reduce((all, cell) => all + cell.length, 0), 0);
    if (lines.length === 0) return;
    // A frame around text is no table.
    if (lines.every((cells) => cells.length === 1)) {
      for (const [text = ''] of lines) sections.add({ type: 'paragraph', text });
      return;
    }
    const text = lines.map((cells) => cells.join(' | ')).join('\n');
    sections.add({ type: 'table', text, after });
  }

  function turnAtRow(open: Table): void {
    if (nextPage === undefined) return;
    emitRows(open, open.rows.splice(0), '\n');
    sections.turnTo(nextPage);
    nextPage = undefined;
  }

  return {
    open(next: OpenBlock) {
      close();
      if (!inTable()) block = next;
    },
    close,
    /** Whether a block is open that has no text yet. */
    get isFresh() {
      return block !== null && length === 0;
    },
    get type(): TextBlock['type'] | null {
      return block?.type ?? null;
    },
    get inCell() {
      return inTable() !== null;
    },
    text(value: string) {
      const open = inTable();
      if (open) return addToCell(open, value);
      if (!block) {
        if (value.trim() === '') return;
        block = { type: 'paragraph' };
      }
      parts.push(value);
      length += value.length;
      if (length > BLOCK_LENGTH * 2) emit('');
    },
    openTable() {
      if (table) {
        table.inner += 1;
        return;
      }
      close();
      table = { rows: [], length: 0, dissolved: false, inner: 0 };
    },
    row() {
      const open = inTable();
      if (!open) return close();
      if (open.inner > 0) return addToCell(open, ' ');
      turnAtRow(open);
      open.rows.push([]);
    },
    cell() {
      const open = inTable();
      if (!open) return close();
      if (open.inner > 0) return addToCell(open, ' ');
      if (open.rows.length === 0) open.rows.push([]);
      open.rows.at(-1)?.push('');
    },
    /** The table that is open turns out to be there for the layout: from here on its cells are ordinary text. */
    dissolveTable() {
      const open = inTable();
      if (!open) return;
      emitRows(open, open.rows.splice(0), '\n\n');
      open.dissolved = true;
    },
    closeTable() {
      if (!table) return;
      if (table.inner > 0) {
        table.inner -= 1;
        return;
      }
      const open = inTable();
      if (open) emitRows(open, open.rows.splice(0), '\n\n');
      else close();
      table = null;
      if (nextPage !== undefined) sections.turnTo(nextPage);
      nextPage = undefined;
    },
    /** A paragraph that is on both pages becomes two blocks with nothing between them; a table is parted between rows. */
    turnTo(page: number | null) {
      if (page === (nextPage === undefined ? sections.page : nextPage)) return;
      const open = inTable();
      if (open) {
        nextPage = page;
        // The row that has only begun is on the new page, of another one only the end may be.
        const row = open.rows.at(-1);
        if (row?.every((cell) => cell.trim() === '')) {
          open.rows.pop();
          turnAtRow(open);
          open.rows.push(row);
        }
        return;
      }
      if (parts.length > 0 && parts.join('').trim() !== '') emit('');
      sections.turnTo(page);
    },
    finish() {
      if (table) table.inner = 0;
      this.closeTable();
      close();
    },
  };
}
