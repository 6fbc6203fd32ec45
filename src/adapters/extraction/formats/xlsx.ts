import { posix } from 'node:path';
import { type Archive, openArchive } from '../containers/archive.ts';
import { mainPart, readRelationships } from '../containers/relationships.ts';
import { attribute, parseXml, readXml, type XmlHandlers } from '../containers/xml.ts';
import { BLOCK_LENGTH } from '../limits.ts';
import { DAMAGED, Refusal } from '../refusal.ts';
import type { Format } from './format.ts';
import { createRecords } from './records.ts';
import { type CellFormat, columnOf, formatNumber, readCellFormats, readSharedStrings } from './xlsx-cells.ts';

/** Excel has 16,384 columns; cells further out are not Excel's. */
const MAX_COLUMNS = 16_384;

type Sheet = { name: string; relationship: string };

/** Excel's workbooks: a page is a sheet, a block is a row. */
export const readXlsx: Format = async function* (source, sections) {
  const archive = await openArchive(source.path);
  try {
    const main = await mainPart(archive, 'xl/workbook.xml');
    const related = await readRelationships(archive, main);
    const partOf = (type: string, usual: string) =>
      related.find((one) => one.type === type)?.target ?? posix.join(posix.dirname(main), usual);
    const { sheets, startsIn1904 } = await readWorkbook(archive, main);
    const strings = await readSharedStrings(archive, partOf('sharedStrings', 'sharedStrings.xml'));
    const formats = await readCellFormats(archive, partOf('styles', 'styles.xml'));

    for (const [index, { name, relationship }] of sheets.entries()) {
      sections.turnTo(index + 1);
      const part = related.find(({ id }) => id === relationship);
      // Charts may be sheets too.
      if (part?.type !== 'worksheet' || !archive.has(part.target)) continue;
      const records = createRecords(sections, { mayHaveTitle: true });
      let isNamed = false;
      const onRow = (cells: string[]) => {
        // The name of an empty sheet says nothing.
        if (!isNamed) sections.add({ type: 'heading', level: 1, text: name });
        isNamed = true;
        records.add(cells);
      };
      const handlers = createSheetReader({ strings, formats, startsIn1904, onRow });
      for await (const _ of readXml(archive.read(part.target), handlers)) yield index / sheets.length;
      records.end();
    }
  } finally {
    archive.close();
  }
};

async function readWorkbook(archive: Archive, path: string) {
  const sheets: Sheet[] = [];
  let startsIn1904 = false;
  await parseXml(archive.read(path), {
    open(name, attributes) {
      if (name === 'workbookPr') startsIn1904 = /^(1|true)$/.test(attribute(attributes, 'date1904') ?? '');
      if (name !== 'sheet') return;
      // "id" alone is the number of the sheet for Excel; the relationship has a prefix.
      const key = Object.keys(attributes).find((one) => one.endsWith(':id'));
      sheets.push({ name: attribute(attributes, 'name') ?? '', relationship: (key && attributes[key]) ?? '' });
    },
  });
  if (sheets.length === 0) throw new Refusal(DAMAGED);
  return { sheets, startsIn1904 };
}

type SheetReaderOptions = {
  strings: string[];
  formats: CellFormat[];
  startsIn1904: boolean;
  onRow: (cells: string[]) => void;
};

function createSheetReader({ strings, formats, startsIn1904, onRow }: SheetReaderOptions): XmlHandlers {
  let cells: string[] = [];
  let column = 0;
  let type = 'n';
  let format: CellFormat = 'general';
  let value = '';
  let inValue = false;
  let inReading = false;

  function shown(): string {
    if (type === 's') return strings[Number(value)] ?? '';
    if (type === 'b') return value === '1' || value === 'true' ? 'TRUE' : 'FALSE';
    return type === 'n' ? formatNumber(value, format, startsIn1904) : value;
  }

  return {
    open(name, attributes) {
      if (name === 'row') {
        cells = [];
        column = -1;
      } else if (name === 'c') {
        column = columnOf(attribute(attributes, 'r')) ?? column + 1;
        type = attribute(attributes, 't') ?? 'n';
        format = formats[Number(attribute(attributes, 's') ?? 0)] ?? 'general';
        value = '';
      } else if (name === 'v' || name === 't') inValue = !inReading;
      else if (name === 'rPh') inReading = true;
    },
    text(text) {
      if (inValue && value.length < BLOCK_LENGTH) value += text;
    },
    close(name) {
      if (name === 'v' || name === 't') inValue = false;
      else if (name === 'rPh') inReading = false;
      else if (name === 'c' && value !== '' && column < MAX_COLUMNS) {
        while (cells.length < column) cells.push('');
        cells[column] = shown();
      } else if (name === 'row' && cells.length > 0) onRow(cells);
    },
  };
}
