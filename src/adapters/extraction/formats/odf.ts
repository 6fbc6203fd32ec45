import { type Archive, openArchive } from '../containers/archive.ts';
import { parseXml, readXml } from '../containers/xml.ts';
import { HAS_PASSWORD, Refusal } from '../refusal.ts';
import { createBlockWriter } from '../text/block-writer.ts';
import type { Format } from './format.ts';
import { arePagesNoted } from './odf-pages.ts';
import { createOdfStyles } from './odf-styles.ts';
import { createOdfText } from './odf-text.ts';
import { createSheetReader } from './ods-sheets.ts';
import { createPageEstimate } from './page-estimate.ts';

const CONTENT = 'content.xml';

/**
 * OpenDocument texts. A program that has laid the text out notes where pages end and how many there are; where the two
 * agree the pages are known, else only the forced ends are.
 */
export const readOdt: Format = async function* (source, sections) {
  const archive = await openOdf(source.path);
  try {
    const styles = createOdfStyles();
    if (archive.has('styles.xml')) await parseXml(archive.read('styles.xml'), styles, { prefixes: true });
    const pages = createPageEstimate(await arePagesNoted(archive, styles), styles.pageArea);
    const writer = createBlockWriter(sections);
    sections.turnTo(pages.page);
    yield* readContent(archive, createOdfText({ writer, styles, pages }));
    writer.finish();
  } finally {
    archive.close();
  }
};

/** A page is a slide; its notes come after it. */
export const readOdp: Format = async function* (source, sections) {
  const archive = await openOdf(source.path);
  try {
    const writer = createBlockWriter(sections);
    let slide = 0;
    const onSlide = () => {
      writer.finish();
      slide += 1;
      sections.turnTo(slide);
    };
    yield* readContent(archive, createOdfText({ writer, styles: createOdfStyles(), pages: null, onSlide }));
    writer.finish();
  } finally {
    archive.close();
  }
};

/** A page is a sheet, a block is a row. */
export const readOds: Format = async function* (source, sections) {
  const archive = await openOdf(source.path);
  try {
    yield* readContent(archive, createSheetReader(sections));
  } finally {
    archive.close();
  }
};

async function openOdf(path: string): Promise<Archive> {
  const archive = await openArchive(path);
  try {
    // Newer programs encrypt the whole file into one entry; older ones each entry, and leave their names.
    if (archive.has('encrypted-package')) throw new Refusal(HAS_PASSWORD);
    if (archive.has('META-INF/manifest.xml')) {
      await parseXml(archive.read('META-INF/manifest.xml'), {
        open(name) {
          if (name === 'encryption-data') throw new Refusal(HAS_PASSWORD);
        },
      });
    }
    return archive;
  } catch (error) {
    archive.close();
    throw error;
  }
}

async function* readContent(archive: Archive, handlers: Parameters<typeof readXml>[1]): AsyncGenerator<number> {
  const size = archive.claimedSize(CONTENT) || 1;
  let read = 0;
  async function* counted() {
    for await (const chunk of archive.read(CONTENT)) {
      read += chunk.length;
      yield chunk;
    }
  }
  for await (const _ of readXml(counted(), handlers, { prefixes: true })) yield read / size;
}
