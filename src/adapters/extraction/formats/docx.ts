import { posix } from 'node:path';
import { type Archive, openArchive } from '../containers/archive.ts';
import { mainPart, readRelationships } from '../containers/relationships.ts';
import { type Attributes, attribute, parseXml, readXml } from '../containers/xml.ts';
import { MAX_KEPT_CHARACTERS } from '../limits.ts';
import { Refusal, TOO_LARGE_INSIDE } from '../refusal.ts';
import { createBlockWriter } from '../text/block-writer.ts';
import { createDocxBody } from './docx-body.ts';
import { readParagraphStyles } from './docx-styles.ts';
import type { Format } from './format.ts';
import { createPageEstimate, type PageArea } from './page-estimate.ts';

/**
 * Word's documents. Their pages are where Word last saw them end; a program that lays nothing out leaves only the ends
 * that are forced.
 */
export const readDocx: Format = async function* (source, sections) {
  const archive = await openArchive(source.path);
  try {
    const main = await mainPart(archive, 'word/document.xml');
    const related = await readRelationships(archive, main);
    const partOf = (type: string, usual: string) =>
      related.find((one) => one.type === type)?.target ?? posix.join(posix.dirname(main), usual);
    const styles = await readParagraphStyles(archive, partOf('styles', 'styles.xml'));
    const notes = new Map<string, string>();
    await readNotes(archive, partOf('footnotes', 'footnotes.xml'), 'footnote', notes);
    await readNotes(archive, partOf('endnotes', 'endnotes.xml'), 'endnote', notes);

    const { areNoted, area } = await lookForPages(archive, main);
    const pages = createPageEstimate(areNoted, area);
    const writer = createBlockWriter(sections);
    sections.turnTo(pages.page);
    const size = archive.claimedSize(main);
    let read = 0;
    async function* counted() {
      for await (const chunk of archive.read(main)) {
        read += chunk.length;
        yield chunk;
      }
    }
    for await (const _ of readXml(counted(), createDocxBody({ writer, styles, notes, pages })))
      yield read / (size || 1);
    writer.finish();
  } finally {
    archive.close();
  }
};

const TWIPS_PER_POINT = 20;
/** What Word takes where nothing is said. */
const LETTER: PageArea = { width: 468, height: 648 };

/** Whether the document notes where its pages ended, and the smallest page that it has. */
async function lookForPages(archive: Archive, name: string): Promise<{ areNoted: boolean; area: PageArea }> {
  let area: PageArea | undefined;
  let areNoted = false;
  let size: PageArea | null = null;
  const number = (attributes: Attributes, key: string) =>
    Math.abs(Number(attribute(attributes, key)) || 0) / TWIPS_PER_POINT;
  await parseXml(archive.read(name), {
    open(element, attributes) {
      if (element === 'lastRenderedPageBreak') areNoted = true;
      else if (element === 'pgSz') size = { width: number(attributes, 'w'), height: number(attributes, 'h') };
      else if (element === 'pgMar' && size) {
        const width = size.width - number(attributes, 'left') - number(attributes, 'right');
        const height = size.height - number(attributes, 'top') - number(attributes, 'bottom');
        if (!area || height * width < area.height * area.width) area = { width, height };
      }
    },
  });
  return { areNoted, area: area ?? LETTER };
}

async function readNotes(archive: Archive, path: string, kind: string, notes: Map<string, string>): Promise<void> {
  if (!archive.has(path)) return;
  let id: string | undefined;
  let text = '';
  let inText = false;
  let kept = 0;
  await parseXml(archive.read(path), {
    open(name, attributes) {
      // Those with a type are the lines that separate notes from the text.
      if (name === kind) id = attribute(attributes, 'type') ? undefined : attribute(attributes, 'id');
      else if (name === 't') inText = true;
      else if (name === 'tab' || name === 'br') text += ' ';
    },
    text(value) {
      if (!inText || id === undefined) return;
      text += value;
      kept += value.length;
      if (kept > MAX_KEPT_CHARACTERS) throw new Refusal(TOO_LARGE_INSIDE);
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'p') text += ' ';
      else if (name === kind) {
        if (id !== undefined && text.trim() !== '') notes.set(`${kind} ${id}`, text.trim());
        text = '';
      }
    },
  });
}
