import { type Attributes, attribute, type XmlHandlers } from '../containers/xml.ts';
import { BLOCK_LENGTH } from '../limits.ts';
import type { BlockWriter } from '../text/block-writer.ts';
import { isOn, type ParagraphStyle, setLevel } from './docx-styles.ts';
import type { PageEstimate } from './page-estimate.ts';

export type DocxBodyOptions = {
  writer: BlockWriter;
  styles: Map<string, ParagraphStyle>;
  /** Text of foot- and endnotes by "footnote 2". */
  notes: Map<string, string>;
  /** Null where pages are of no interest. */
  pages: PageEstimate | null;
};

/** What is in a document but is not its text: fields' code, deleted text, the older twin of a drawing. */
const SKIPPED = new Set([
  'instrText',
  'delText',
  'del',
  'moveFrom',
  'Fallback',
  'pPrChange',
  'rPr',
  'tblPr',
  'trPr',
  'tcPr',
  'binData',
]);
const MAX_INDENT = 8;

/** Turns the body of a word processor's document into blocks, as its XML comes. */
export function createDocxBody({ writer, styles, notes, pages }: DocxBodyOptions): XmlHandlers {
  /** Paragraphs may hold text boxes, which hold paragraphs. */
  const paragraphs: { style: ParagraphStyle; depth: number; begun: boolean; length: number; notes: string[] }[] = [];
  let skipping = 0;
  let inProperties = false;
  let inText = false;
  let sectionEnds = false;
  let turned = false;

  function turn(): void {
    if (!pages) return;
    pages.turn();
    writer.turnTo(pages.page);
    turned = true;
  }

  /** A forced end of a page parts a paragraph; where Word only broke it, it goes on. */
  function breakPage(): void {
    const paragraph = paragraphs.at(-1);
    if (paragraph?.begun) {
      writer.close();
      paragraph.begun = false;
    }
    turn();
  }

  function begin(): void {
    const paragraph = paragraphs.at(-1);
    if (!paragraph || paragraph.begun) return;
    paragraph.begun = true;
    const { level, isList, isCode, breaksPage } = paragraph.style;
    if (breaksPage && !turned) turn();
    if (level !== undefined) writer.open({ type: 'heading', level });
    else if (isList) {
      const indent = '  '.repeat(Math.min(paragraph.depth, MAX_INDENT));
      writer.open({ type: 'list-item', indent, mark: '- ', after: '\n' });
    } else if (isCode) writer.open({ type: 'code', after: '\n' });
    else writer.open({ type: 'paragraph' });
  }

  function add(text: string): void {
    const paragraph = paragraphs.at(-1);
    if (text === '' || !paragraph) return;
    begin();
    if (pages) writer.turnTo(pages.page);
    paragraph.length += text.length;
    writer.text(text);
    turned = false;
  }

  function setProperty(name: string, attributes: Attributes): void {
    const paragraph = paragraphs.at(-1);
    if (!paragraph) return;
    const value = attribute(attributes, 'val');
    if (name === 'pStyle') paragraph.style = { ...styles.get(value ?? ''), ...paragraph.style };
    else if (name === 'outlineLvl') setLevel(paragraph.style, value);
    else if (name === 'ilvl') paragraph.depth = Number(value) || 0;
    else if (name === 'numId') paragraph.style = { ...paragraph.style, isList: value !== '0' };
    else if (name === 'pageBreakBefore') paragraph.style = { ...paragraph.style, breaksPage: isOn(value) };
    else if (name === 'sectPr') sectionEnds = true;
    else if (name === 'type' && /^(continuous|nextColumn)$/.test(value ?? '')) sectionEnds = false;
  }

  function endParagraph(): void {
    const paragraph = paragraphs.pop();
    if (!paragraph) return;
    if (writer.inCell) pages?.countCell(paragraph);
    else pages?.count(paragraph);
    writer.close();
    for (const note of paragraph.notes) {
      writer.open({ type: 'paragraph' });
      writer.text(note);
      writer.close();
    }
    if (sectionEnds) turn();
    sectionEnds = false;
  }

  return {
    open(name, attributes) {
      if (skipping > 0 || SKIPPED.has(name)) {
        skipping += 1;
        return;
      }
      if (inProperties) return setProperty(name, attributes);
      switch (name) {
        case 'p':
          paragraphs.push({ style: {}, depth: 0, begun: false, length: 0, notes: [] });
          break;
        case 'pPr':
          inProperties = true;
          break;
        case 't':
          inText = true;
          break;
        case 'tab':
          add('\t');
          break;
        case 'br':
          if (attribute(attributes, 'type') === 'page') breakPage();
          else if (attribute(attributes, 'type') !== 'column') add('\n');
          break;
        case 'cr':
          add('\n');
          break;
        case 'noBreakHyphen':
          add('‑');
          break;
        // Word writes one after a forced end of a page as well, where its text goes on.
        case 'lastRenderedPageBreak':
          if (!turned) turn();
          break;
        case 'drawing':
        case 'pict':
          pages?.countPicture();
          break;
        case 'footnoteReference':
        case 'endnoteReference': {
          const note = notes.get(`${name.slice(0, name.indexOf('note') + 4)} ${attribute(attributes, 'id')}`);
          const paragraph = paragraphs.at(-1);
          if (note && paragraph && paragraph.notes.length < 1_000) paragraph.notes.push(note.slice(0, BLOCK_LENGTH));
          break;
        }
        case 'tbl':
          writer.openTable();
          break;
        case 'tr':
          pages?.countRow();
          writer.row();
          break;
        case 'tc':
          writer.cell();
          break;
      }
    },
    text(text) {
      if (inText && skipping === 0) add(text);
    },
    close(name) {
      if (skipping > 0) skipping -= 1;
      else if (inProperties) inProperties = name !== 'pPr';
      else if (name === 't') inText = false;
      else if (name === 'p') endParagraph();
      else if (name === 'tbl') writer.closeTable();
    },
  };
}
