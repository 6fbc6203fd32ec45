import type { XmlHandlers } from '../containers/xml.ts';
import { BLOCK_LENGTH } from '../limits.ts';
import type { BlockWriter } from '../text/block-writer.ts';
import { oneLine } from '../text/clean.ts';
import { PLACED } from './odf-pages.ts';
import type { OdfStyles } from './odf-styles.ts';
import type { PageEstimate } from './page-estimate.ts';

export type OdfTextOptions = {
  writer: BlockWriter;
  styles: OdfStyles;
  /** Null where pages are of no interest. */
  pages: PageEstimate | null;
  onSlide?: () => void;
};

type Paragraph = { length: number; notes: string[]; breaksAfter: boolean; endsWithSpace: boolean };

/** Comments, deleted text, what is read out instead of a picture, the number of a note. */
const SKIPPED = new Set([
  'office:annotation',
  'office:annotation-end',
  'text:tracked-changes',
  'text:note-citation',
  'text:ruby-text',
  'svg:title',
  'svg:desc',
  'office:forms',
  'office:scripts',
  'table:shapes',
]);
const MAX_INDENT = 8;

/** Turns the content of an OpenDocument text or presentation into blocks, as its XML comes. */
export function createOdfText({ writer, styles, pages, onSlide }: OdfTextOptions): XmlHandlers {
  /** Paragraphs may hold frames, which hold paragraphs. */
  const paragraphs: Paragraph[] = [];
  let skipping = 0;
  let lists = 0;
  let itemIsNew = false;
  let note: string | null = null;
  let frameIsTitle = false;
  let breaksNext = false;
  let isFirst = true;

  function add(text: string): void {
    const paragraph = paragraphs.at(-1);
    if (!paragraph || text === '') return;
    if (note !== null) {
      if (note.length < BLOCK_LENGTH) note += text;
      return;
    }
    paragraph.length += text.length;
    writer.text(text);
    paragraph.endsWithSpace = /\s$/.test(text);
  }

  function addCollapsed(text: string): void {
    const collapsed = text.replace(/[ \t\r\n]+/g, ' ');
    add(paragraphs.at(-1)?.endsWithSpace && collapsed.startsWith(' ') ? collapsed.slice(1) : collapsed);
  }

  function openParagraph(name: string, style: string | undefined, level: string | undefined): void {
    paragraphs.push({ length: 0, notes: [], breaksAfter: styles.breaksAfter(style), endsWithSpace: true });
    if (note !== null) {
      note += ' ';
      return;
    }
    const kind = styles.kind(style);
    if (name === 'text:h') writer.open({ type: 'heading', level: Math.min(Math.max(Number(level) || 1, 1), 6) });
    else if (frameIsTitle || kind === 'title') writer.open({ type: 'heading', level: 1 });
    else if (lists > 0) {
      const indent = '  '.repeat(Math.min(lists - 1, MAX_INDENT));
      writer.open({ type: 'list-item', indent, mark: itemIsNew ? '- ' : '', after: '\n' });
      itemIsNew = false;
    } else writer.open(kind === 'code' ? { type: 'code', after: '\n' } : { type: 'paragraph' });
  }

  function closeParagraph(): void {
    const paragraph = paragraphs.pop();
    if (!paragraph || note !== null) return;
    writer.close();
    if (writer.inCell) pages?.countCell(paragraph);
    else pages?.count(paragraph);
    if (pages) writer.turnTo(pages.page);
    for (const text of paragraph.notes) {
      writer.open({ type: 'paragraph' });
      writer.text(text);
      writer.close();
    }
    breaksNext ||= paragraph.breaksAfter;
  }

  function place(style: string | undefined): void {
    if (pages && !isFirst && (breaksNext || styles.breaksBefore(style))) {
      pages.turn();
      writer.turnTo(pages.page);
    }
    breaksNext = false;
    isFirst = false;
  }

  return {
    open(name, attributes) {
      styles.open(name, attributes);
      if (skipping > 0 || SKIPPED.has(name)) {
        skipping += 1;
        return;
      }
      const style = attributes['text:style-name'] ?? attributes['table:style-name'];
      if (PLACED.has(name) && note === null) place(style);
      switch (name) {
        case 'text:p':
        case 'text:h':
          openParagraph(name, style, attributes['text:outline-level']);
          break;
        case 'text:s':
          add(' '.repeat(Math.min(Number(attributes['text:c'] ?? 1) || 1, 100)));
          break;
        case 'text:tab':
          add('\t');
          break;
        case 'text:line-break':
          add('\n');
          break;
        case 'text:soft-page-break':
          pages?.turn();
          if (pages) writer.turnTo(pages.page);
          break;
        case 'text:note':
          note = '';
          break;
        case 'text:list':
          lists += 1;
          break;
        case 'text:list-item':
        case 'text:list-header':
          itemIsNew = true;
          break;
        case 'draw:frame':
          frameIsTitle = attributes['presentation:class'] === 'title';
          pages?.countPicture();
          break;
        case 'draw:page':
          onSlide?.();
          break;
        case 'table:table':
          writer.openTable();
          break;
        case 'table:table-row':
          pages?.countRow();
          writer.row();
          break;
        case 'table:table-cell':
          writer.cell();
          break;
      }
    },
    text(text) {
      if (skipping === 0) addCollapsed(text);
    },
    close(name) {
      styles.close(name);
      if (skipping > 0) {
        skipping -= 1;
        return;
      }
      if (name === 'text:p' || name === 'text:h') closeParagraph();
      else if (name === 'text:list') lists -= 1;
      else if (name === 'draw:frame') frameIsTitle = false;
      else if (name === 'table:table') writer.closeTable();
      else if (name === 'text:note') {
        const paragraph = paragraphs.at(-1);
        if (note && paragraph && paragraph.notes.length < 1_000) paragraph.notes.push(oneLine(note));
        note = null;
      }
    },
  };
}
