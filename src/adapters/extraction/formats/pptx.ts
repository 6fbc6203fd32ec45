import { type Archive, openArchive } from '../containers/archive.ts';
import { mainPart, readRelationships } from '../containers/relationships.ts';
import { attribute, parseXml, type XmlHandlers } from '../containers/xml.ts';
import { DAMAGED, Refusal } from '../refusal.ts';
import { type BlockWriter, createBlockWriter } from '../text/block-writer.ts';
import type { Format } from './format.ts';

/** Placeholders that repeat what every slide says. */
const REPEATED = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);
/** Placeholders whose paragraphs are points, unless they say otherwise. */
const LISTS = new Set(['body', 'obj', '']);
const MAX_INDENT = 8;

/** PowerPoint's presentations: a page is a slide, in the order in which they are shown; its notes come after it. */
export const readPptx: Format = async function* (source, sections) {
  const archive = await openArchive(source.path);
  try {
    const main = await mainPart(archive, 'ppt/presentation.xml');
    const related = await readRelationships(archive, main);
    const ids = await readSlideIds(archive, main);
    if (ids.length === 0) throw new Refusal(DAMAGED);
    for (const [index, id] of ids.entries()) {
      sections.turnTo(index + 1);
      const slide = related.find((one) => one.id === id && one.type === 'slide')?.target;
      if (!slide || !archive.has(slide)) continue;
      const writer = createBlockWriter(sections);
      await parseXml(archive.read(slide), createSlideReader(writer));
      writer.finish();
      yield index / ids.length;
      const beside = await readRelationships(archive, slide);
      for (const { type, target } of beside) {
        if ((type !== 'diagramData' && type !== 'notesSlide') || !archive.has(target)) continue;
        await parseXml(archive.read(target), createSlideReader(writer));
        writer.finish();
        yield index / ids.length;
      }
    }
  } finally {
    archive.close();
  }
};

async function readSlideIds(archive: Archive, path: string): Promise<string[]> {
  const ids: string[] = [];
  await parseXml(archive.read(path), {
    open(name, attributes) {
      if (name !== 'sldId') return;
      const key = Object.keys(attributes).find((one) => one.endsWith(':id'));
      if (key) ids.push(attributes[key] ?? '');
    },
  });
  return ids;
}

/** The paragraphs and tables of a slide, of its notes or of a diagram on it. */
function createSlideReader(writer: BlockWriter): XmlHandlers {
  let placeholder = '';
  let isPlaceholder = false;
  let hasText = false;
  let inText = false;
  let skipping = 0;
  let titleBegun = false;
  let bullet: boolean | null = null;
  let inNotes = false;
  let depth = 0;

  function begin(): void {
    if (placeholder === 'title' || placeholder === 'ctrTitle') {
      // A title of two paragraphs is one heading.
      if (!titleBegun) writer.open({ type: 'heading', level: 1 });
      else writer.text(' ');
      titleBegun = true;
    } else if (bullet ?? (isPlaceholder && LISTS.has(placeholder) && !inNotes)) {
      writer.open({ type: 'list-item', mark: '- ', indent: '  '.repeat(Math.min(depth, MAX_INDENT)), after: '\n' });
    } else writer.open({ type: 'paragraph' });
    hasText = true;
  }

  return {
    open(name, attributes) {
      if (skipping > 0 || name === 'Fallback') {
        skipping += 1;
        return;
      }
      switch (name) {
        case 'notes':
          inNotes = true;
          break;
        case 'sp':
        case 'graphicFrame':
          placeholder = '';
          isPlaceholder = false;
          titleBegun = false;
          break;
        case 'ph':
          isPlaceholder = true;
          placeholder = attribute(attributes, 'type') ?? '';
          break;
        case 'p':
          hasText = false;
          depth = 0;
          bullet = null;
          break;
        case 'pPr':
          depth = Number(attribute(attributes, 'lvl')) || 0;
          break;
        case 'buChar':
        case 'buAutoNum':
          bullet = true;
          break;
        case 'buNone':
          bullet = false;
          break;
        case 't':
          inText = !REPEATED.has(placeholder);
          break;
        case 'br':
          if (hasText) writer.text('\n');
          break;
        case 'tbl':
          writer.openTable();
          break;
        case 'tr':
          writer.row();
          break;
        case 'tc':
          writer.cell();
          break;
      }
    },
    text(text) {
      if (!inText || skipping > 0 || text === '') return;
      if (!hasText) begin();
      writer.text(text);
    },
    close(name) {
      if (skipping > 0) skipping -= 1;
      else if (name === 't') inText = false;
      else if (name === 'p' && !titleBegun) writer.close();
      else if (name === 'sp') writer.close();
      else if (name === 'tbl') writer.closeTable();
    },
  };
}
