import type { PDFDocumentProxy } from 'unpdf/pdfjs';
import { DAMAGED, Refusal } from '../refusal.ts';
import type { Format } from './format.ts';
import { addPdfPage, type TextLook } from './pdf-blocks.ts';
import { openPdf } from './pdf-file.ts';
import { type PdfItem, toLines } from './pdf-lines.ts';

/** A damaged page is left out; after so many in a row the rest is not there, whatever the file claims. */
const MAX_DAMAGED_PAGES = 20;
/** Fonts and what else is kept between pages are let go now and then. */
const PAGES_BETWEEN_CLEANUPS = 100;

/** PDFs, page by page. */
export const readPdf: Format = async function* (source, sections) {
  const { document, close } = await openPdf(source.path, source.size);
  const look: TextLook = { sizes: new Map(), fonts: new Map() };
  let damaged = 0;
  let hasPages = false;
  try {
    for (let number = 1; number <= document.numPages; number++) {
      const lines = await readLines(document, number);
      damaged = lines ? 0 : damaged + 1;
      hasPages ||= lines !== null;
      if (damaged >= MAX_DAMAGED_PAGES) break;
      sections.turnTo(number);
      if (lines) addPdfPage(sections, lines, look);
      if (number % PAGES_BETWEEN_CLEANUPS === 0) await document.cleanup();
      yield number / document.numPages;
    }
    if (!hasPages) throw new Refusal(DAMAGED);
  } finally {
    await close();
  }
};

async function readLines(document: PDFDocumentProxy, number: number) {
  try {
    const page = await document.getPage(number);
    const { items, styles } = await page.getTextContent();
    page.cleanup();
    const isMono = (fontName: string) => styles[fontName]?.fontFamily === 'monospace';
    return toLines(
      items.filter((item): item is typeof item & PdfItem => 'str' in item),
      isMono,
    );
  } catch {
    return null;
  }
}
