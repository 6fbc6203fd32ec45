import { type ZipEntry, zip } from './zip.ts';

const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

function contentTypes(mainType: string): string {
  return `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/main.xml" ContentType="${mainType}"/></Types>`;
}

function relationships(items: { id: string; type: string; target: string }[]): string {
  const one = ({ id, type, target }: (typeof items)[number]) =>
    `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  return `${XML}<Relationships xmlns="${RELATIONSHIPS}">${items.map(one).join('')}</Relationships>`;
}

export const DOCX_TYPE = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml';
export const PPTX_TYPE = 'application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml';

const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

/** The entries of a Word document with this body. */
export function docxEntries(
  body: string,
  { prolog = XML, type = DOCX_TYPE, more = [] as ZipEntry[] } = {},
): ZipEntry[] {
  return [
    { name: '[Content_Types].xml', data: contentTypes(type) },
    { name: '_rels/.rels', data: relationships([{ id: 'r1', type: 'officeDocument', target: 'word/document.xml' }]) },
    { name: 'word/document.xml', data: `${prolog}<w:document ${W}><w:body>${body}</w:body></w:document>` },
    ...more,
  ];
}

export function docx(body: string, options?: Parameters<typeof docxEntries>[1]): Buffer {
  return zip(docxEntries(body, options));
}

export function wordStyles(styles: string): ZipEntry {
  return { name: 'word/styles.xml', data: `${XML}<w:styles ${W}>${styles}</w:styles>` };
}

export function wordNotes(notes: string): ZipEntry {
  return { name: 'word/footnotes.xml', data: `${XML}<w:footnotes ${W}>${notes}</w:footnotes>` };
}

export type SheetOptions = { prolog?: string; strings?: string; styles?: string; workbook?: string };

const S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';

/** An Excel workbook, each sheet by the XML of its rows. */
export function xlsx(
  sheets: Record<string, string>,
  { prolog = XML, strings = '', styles = '', workbook = '' }: SheetOptions = {},
): Buffer {
  const names = Object.keys(sheets);
  const list = names.map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="s${index}"/>`).join('');
  return zip([
    { name: '[Content_Types].xml', data: contentTypes(XLSX_TYPE) },
    { name: '_rels/.rels', data: relationships([{ id: 'r1', type: 'officeDocument', target: 'xl/workbook.xml' }]) },
    {
      name: 'xl/workbook.xml',
      data: `${XML}<workbook ${S} xmlns:r="${OFFICE}">${workbook}<sheets>${list}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      data: relationships(
        names.map((_, index) => ({ id: `s${index}`, type: 'worksheet', target: `worksheets/sheet${index}.xml` })),
      ),
    },
    { name: 'xl/sharedStrings.xml', data: `${prolog}<sst ${S}>${strings}</sst>` },
    { name: 'xl/styles.xml', data: `${XML}<styleSheet ${S}>${styles}</styleSheet>` },
    ...Object.values(sheets).map((rows, index) => ({
      name: `xl/worksheets/sheet${index}.xml`,
      data: `${prolog}<worksheet ${S}><sheetData>${rows}</sheetData></worksheet>`,
    })),
  ]);
}

const P =
  'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"';

/** A PowerPoint presentation, whose slides are shown in the order of `order`. */
export function pptx(slides: string[], order = slides.map((_, index) => index), prolog = XML): Buffer {
  const ids = order.map((index) => `<p:sldId id="${300 + index}" r:id="s${index}"/>`).join('');
  return zip([
    { name: '[Content_Types].xml', data: contentTypes(PPTX_TYPE) },
    {
      name: '_rels/.rels',
      data: relationships([{ id: 'r1', type: 'officeDocument', target: 'ppt/presentation.xml' }]),
    },
    {
      name: 'ppt/presentation.xml',
      data: `${XML}<p:presentation ${P} xmlns:r="${OFFICE}"><p:sldIdLst>${ids}</p:sldIdLst></p:presentation>`,
    },
    {
      name: 'ppt/_rels/presentation.xml.rels',
      data: relationships(
        slides.map((_, index) => ({ id: `s${index}`, type: 'slide', target: `slides/slide${index}.xml` })),
      ),
    },
    ...slides.map((shapes, index) => ({
      name: `ppt/slides/slide${index}.xml`,
      data: `${prolog}<p:sld ${P}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:sld>`,
    })),
  ]);
}

const ODF = ['office', 'style', 'text', 'table', 'meta', 'drawing']
  .map((name) => `xmlns:${name === 'drawing' ? 'draw' : name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .concat('xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"')
  .join(' ');

export type OdfOptions = {
  prolog?: string;
  kind?: 'text' | 'spreadsheet' | 'presentation';
  styles?: string;
  pages?: number;
  more?: ZipEntry[];
};

/** An OpenDocument file with this body. */
export function odf(
  body: string,
  { prolog = XML, kind = 'text', styles = '', pages, more = [] }: OdfOptions = {},
): Buffer {
  const statistic = pages === undefined ? '' : `<meta:document-statistic meta:page-count="${pages}"/>`;
  return zip([
    { name: 'mimetype', data: `application/vnd.oasis.opendocument.${kind}`, store: true },
    {
      name: 'content.xml',
      data: `${prolog}<office:document-content ${ODF}><office:automatic-styles>${styles}</office:automatic-styles><office:body><office:${kind}>${body}</office:${kind}></office:body></office:document-content>`,
    },
    {
      name: 'meta.xml',
      data: `${XML}<office:document-meta ${ODF}><office:meta>${statistic}</office:meta></office:document-meta>`,
    },
    ...more,
  ]);
}

export type EpubOptions = { prolog?: string; more?: ZipEntry[] };

/** A book of these documents. */
export function epub(chapters: string[], { prolog = XML, more = [] }: EpubOptions = {}): Buffer {
  const items = chapters.map(
    (_, index) => `<item id="c${index}" href="c${index}.xhtml" media-type="application/xhtml+xml"/>`,
  );
  const order = chapters.map((_, index) => `<itemref idref="c${index}"/>`);
  return zip([
    { name: 'mimetype', data: 'application/epub+zip', store: true },
    {
      name: 'META-INF/container.xml',
      data: `${prolog}<container><rootfiles><rootfile full-path="book/package.opf"/></rootfiles></container>`,
    },
    {
      name: 'book/package.opf',
      data: `${XML}<package><manifest>${items.join('')}</manifest><spine>${order.join('')}</spine></package>`,
    },
    ...chapters.map((chapter, index) => ({ name: `book/c${index}.xhtml`, data: chapter })),
    ...more,
  ]);
}
