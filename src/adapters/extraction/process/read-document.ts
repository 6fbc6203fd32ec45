import { stat } from 'node:fs/promises';
import type { FileKind, TextSection } from '../../../ports/file-reader.ts';
import type { Format } from '../formats/format.ts';
import { MAX_CHARACTERS } from '../limits.ts';
import { NO_TEXT, Refusal, SCANNED } from '../refusal.ts';
import { createSections } from '../text/sections.ts';

/** A kind's reader, and with it its packages, are loaded when the first file of the kind comes. */
const FORMATS: Record<FileKind, () => Promise<Format>> = {
  pdf: async () => (await import('../formats/pdf.ts')).readPdf,
  docx: async () => (await import('../formats/docx.ts')).readDocx,
  xlsx: async () => (await import('../formats/xlsx.ts')).readXlsx,
  pptx: async () => (await import('../formats/pptx.ts')).readPptx,
  odt: async () => (await import('../formats/odf.ts')).readOdt,
  ods: async () => (await import('../formats/odf.ts')).readOds,
  odp: async () => (await import('../formats/odf.ts')).readOdp,
  epub: async () => (await import('../formats/epub.ts')).readEpub,
  html: async () => (await import('../formats/html.ts')).readHtml,
  markdown: async () => (await import('../formats/markdown.ts')).readMarkdown,
  text: async () => (await import('../formats/plain-text.ts')).readPlainText,
  csv: async () => (await import('../formats/csv.ts')).readCsv,
  json: async () => (await import('../formats/json.ts')).readJson,
};

export type Read = { section: TextSection } | { fraction: number };

/** Smaller steps tell nobody anything. */
const PROGRESS_STEP = 0.01;

/** The sections of a document as they are made, and how far it has been read. */
export async function* readDocument(path: string, kind: FileKind): AsyncGenerator<Read> {
  const { size } = await stat(path);
  const read = await FORMATS[kind]();
  // A file of text may be as long as it is.
  const sections = createSections(Math.max(MAX_CHARACTERS, size * 2));
  let told = 0;
  let hasText = false;
  for await (const fraction of read({ path, size }, sections)) {
    for (const section of sections.take()) {
      hasText ||= section.blocks.length > 0;
      yield { section };
    }
    if (fraction - told < PROGRESS_STEP || fraction > 1) continue;
    told = fraction;
    yield { fraction };
  }
  sections.end();
  for (const section of sections.take()) {
    hasText ||= section.blocks.length > 0;
    yield { section };
  }
  if (!hasText) throw new Refusal(kind === 'pdf' ? SCANNED : NO_TEXT);
}
