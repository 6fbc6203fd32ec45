import type { XmlHandlers } from '../containers/xml.ts';
import { BLOCK_LENGTH } from '../limits.ts';
import type { Sections } from '../text/sections.ts';
import { createRecords } from './records.ts';

/** A cell or row that is repeated more often says nothing new. */
const MAX_REPEATED = 100;
const MAX_COLUMNS = 16_384;
const SKIPPED = new Set([
  'office:annotation',
  'table:tracked-changes',
  'table:shapes',
  'svg:title',
  'svg:desc',
  'table:dde-links',
]);

/** Turns the sheets of an OpenDocument spreadsheet into records: values as they are shown. */
export function createSheetReader(sections: Sections): XmlHandlers {
  let sheet = 0;
  let name = '';
  let isNamed = false;
  let records = createRecords(sections, { mayHaveTitle: true });
  let cells: string[] = [];
  let columns = 0;
  let rowRepeats = 1;
  let cell: { text: string; value: string; repeats: number; paragraphs: number } | null = null;
  let inParagraph = 0;
  let skipping = 0;
  let tables = 0;

  const times = (value: string | undefined) => Math.max(1, Number(value) || 1);

  function addText(text: string): void {
    if (cell && inParagraph > 0 && cell.text.length < BLOCK_LENGTH) cell.text += text;
  }

  function endCell(): void {
    if (!cell) return;
    const text = cell.text.trim() === '' ? cell.value : cell.text;
    // Spreadsheets end in a million empty cells, which are one that is repeated.
    if (text.trim() !== '' && columns < MAX_COLUMNS) {
      while (cells.length < columns) cells.push('');
      for (let count = 0; count < Math.min(cell.repeats, MAX_REPEATED); count++) cells.push(text);
    }
    columns += cell.repeats;
    cell = null;
  }

  function endRow(): void {
    if (cells.length === 0) return;
    if (!isNamed) sections.add({ type: 'heading', level: 1, text: name });
    isNamed = true;
    for (let count = 0; count < Math.min(rowRepeats, MAX_REPEATED); count++) records.add(cells);
  }

  return {
    open(element, attributes) {
      if (skipping > 0 || SKIPPED.has(element)) {
        skipping += 1;
        return;
      }
      switch (element) {
        case 'table:table':
          tables += 1;
          if (tables > 1) break;
          sheet += 1;
          sections.turnTo(sheet);
          name = attributes['table:name'] ?? '';
          isNamed = false;
          records = createRecords(sections, { mayHaveTitle: true });
          break;
        case 'table:table-row':
          cells = [];
          columns = 0;
          rowRepeats = times(attributes['table:number-rows-repeated']);
          break;
        case 'table:table-cell':
        case 'table:covered-table-cell': {
          const repeats = times(attributes['table:number-columns-repeated']);
          cell = { text: '', value: attributes['office:value'] ?? '', repeats, paragraphs: 0 };
          break;
        }
        case 'text:p':
          inParagraph += 1;
          if (cell && cell.paragraphs > 0) cell.text += '\n';
          if (cell) cell.paragraphs += 1;
          break;
        case 'text:s':
        case 'text:tab':
        case 'text:line-break':
          addText(' ');
          break;
      }
    },
    text: addText,
    close(element) {
      if (skipping > 0) skipping -= 1;
      else if (element === 'text:p') inParagraph -= 1;
      else if (element === 'table:table-cell' || element === 'table:covered-table-cell') endCell();
      else if (element === 'table:table-row') endRow();
      else if (element === 'table:table') {
        tables -= 1;
        if (tables === 0) records.end();
      }
    },
  };
}
