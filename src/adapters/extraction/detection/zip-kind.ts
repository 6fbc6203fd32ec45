import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { FileKind } from '../../../ports/file-reader.ts';

/** So many names are looked at; what says the kind is among the first. */
const MAX_NAMES = 5_000;
const MAX_DECLARATION_BYTES = 1_048_576;

/** What an OpenDocument file or a book says of itself. */
const BY_MIMETYPE: Record<string, FileKind> = {
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.text-template': 'odt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/vnd.oasis.opendocument.spreadsheet-template': 'ods',
  'application/vnd.oasis.opendocument.presentation': 'odp',
  'application/vnd.oasis.opendocument.presentation-template': 'odp',
  'application/epub+zip': 'epub',
};

/** What Office calls the part that a file is about: with and without macros, documents and templates alike. */
const BY_MAIN_PART: [RegExp, FileKind][] = [
  [
    /wordprocessingml\.(document|template)\.main\+xml|ms-word\.(document|template)\.macroEnabled(Template)?\.main\+xml/,
    'docx',
  ],
  [/spreadsheetml\.(sheet|template)\.main\+xml|ms-excel\.(sheet|template)\.macroEnabled\.main\+xml/, 'xlsx'],
  [
    /presentationml\.(presentation|slideshow|template)\.main\+xml|ms-powerpoint\.(presentation|slideshow|template)\.macroEnabled\.main\+xml/,
    'pptx',
  ],
];

/** Looks into a zip file; null: it is none that can be read, or only a zip file. */
export async function kindOfZip(path: string): Promise<FileKind | null> {
  const zip = await openPromise(path, { autoClose: false }).catch(() => null);
  if (!zip) return null;
  try {
    let looked = 0;
    for await (const entry of zip.eachEntry()) {
      looked += 1;
      if (looked > MAX_NAMES) return null;
      if (entry.fileName === 'mimetype') return BY_MIMETYPE[(await begin(zip, entry, 200)).trim()] ?? null;
      if (entry.fileName !== '[Content_Types].xml') continue;
      const types = await begin(zip, entry, MAX_DECLARATION_BYTES);
      return BY_MAIN_PART.find(([pattern]) => pattern.test(types))?.[1] ?? null;
    }
    return null;
  } catch {
    return null;
  } finally {
    zip.close();
  }
}

async function begin(zip: ZipFile, entry: Entry, maxBytes: number): Promise<string> {
  const stream = await zip.openReadStreamPromise(entry);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, maxBytes - length));
      length += chunk.length;
      if (length >= maxBytes) break;
    }
  } finally {
    stream.destroy();
  }
  return Buffer.concat(chunks).toString('utf8');
}
