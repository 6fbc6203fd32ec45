import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../src/errors.ts';
import type { FileKind, FileReader } from '../../src/ports/file-reader.ts';
import { readAll, sectionsOf } from '../support/documents/collect.ts';
import { fileOf } from '../support/documents/file.ts';
import { docx, epub, odf, pptx, xlsx } from '../support/documents/office.ts';
import { pdfOfPages } from '../support/documents/pdf.ts';

const W = (text: string) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;

/** One document of each kind that says the same. */
const DOCUMENTS: Record<FileKind, Buffer> = {
  pdf: pdfOfPages(2, (page) => [`The lamp of page ${page} burns all night.`]),
  docx: docx(W('The lamp burns all night.')),
  xlsx: xlsx({ Lamps: '<row r="1"><c r="A1" t="inlineStr"><is><t>The lamp burns all night.</t></is></c></row>' }),
  pptx: pptx(['<p:sp><p:txBody><a:p><a:r><a:t>The lamp burns all night.</a:t></a:r></a:p></p:txBody></p:sp>']),
  odt: odf('<text:p>The lamp burns all night.</text:p>'),
  ods: odf(
    '<table:table table:name="Lamps"><table:table-row><table:table-cell><text:p>The lamp burns all night.</text:p></table:table-cell></table:table-row></table:table>',
    { kind: 'spreadsheet' },
  ),
  odp: odf('<draw:page><draw:frame><text:p>The lamp burns all night.</text:p></draw:frame></draw:page>', {
    kind: 'presentation',
  }),
  epub: epub(['<html><body><p>The lamp burns all night.</p></body></html>']),
  html: Buffer.from('<!doctype html><title>Lamp</title><p>The lamp burns all night.'),
  markdown: Buffer.from('# Lamp\n\nThe lamp burns all night.\n'),
  text: Buffer.from('The lamp burns all night.\n'),
  csv: Buffer.from('name,state\nlamp,burns all night\n'),
  json: Buffer.from('{"lamp": "burns all night"}'),
};
const NAMES: Partial<Record<FileKind, string>> = { markdown: 'lamp.md', csv: 'lamp.csv' };
const HAS_PAGES = new Set<FileKind>(['pdf', 'docx', 'xlsx', 'pptx', 'odt', 'ods', 'odp', 'epub']);

/** What every reader of files holds to. */
export function describeFileReader(name: string, create: () => FileReader): void {
  describe(`the file reader ${name}`, () => {
    function open(): FileReader {
      const reader = create();
      onTestFinished(() => reader.dispose());
      return reader;
    }

    const never = new AbortController().signal;

    it.each(Object.entries(DOCUMENTS) as [FileKind, Buffer][])('knows and reads %s', async (kind, bytes) => {
      const reader = open();
      const path = await fileOf(bytes);
      expect(await reader.detect(path, NAMES[kind] ?? 'lamp')).toMatchObject({ kind });
      const sections = await sectionsOf(reader.read(path, kind, never));
      expect(sections.map(({ text }) => text).join('')).toContain('burns all night');
      expect(sections[0]?.page).toBe(HAS_PAGES.has(kind) ? 1 : null);
    });

    it.each(Object.entries(DOCUMENTS) as [FileKind, Buffer][])(
      'is not led astray by the name of %s',
      async (kind, bytes) => {
        const reader = open();
        const path = await fileOf(bytes);
        const isText = kind === 'markdown' || kind === 'csv' || kind === 'text';
        const names = [
          'lamp.txt',
          'lamp',
          '\u202efdp.exe',
          'a\u0000.docx',
          isText ? 'lamp.bin' : 'lamp.csv',
          `${'x'.repeat(500)}.zip`,
        ];
        for (const name of names) {
          const found = await reader.detect(path, name);
          expect([kind, 'text', 'csv'], name).toContain(found?.kind);
          if (!isText) expect(found?.kind, name).toBe(kind);
        }
      },
    );

    it('gives pages in order, and progress that grows', async () => {
      const reader = open();
      const path = await fileOf(pdfOfPages(120, (page) => [`Page ${page} of the log.`]));
      const pages: (number | null)[] = [];
      const fractions: number[] = [];
      for await (const item of reader.read(path, 'pdf', never)) {
        if (item.type === 'section') pages.push(item.section.page);
        else fractions.push(item.fraction);
      }
      expect(pages).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
      expect(fractions.length).toBeGreaterThan(5);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(Math.min(...fractions)).toBeGreaterThan(0);
      expect(Math.max(...fractions)).toBeLessThanOrEqual(1);
    });

    it.each([
      ['nothing', Buffer.alloc(0)],
      ['white space', Buffer.from(' \n\t\n ')],
      [
        'random bytes',
        Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7919 + (index >> 3) * 31) % 256)),
      ],
      ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')],
      ['an empty archive', Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex')],
      ['rich text', Buffer.from('{\\rtf1\\ansi Hello}')],
      ['PostScript', Buffer.from('%!PS-Adobe-3.0\n%%Title: x\nshowpage\n')],
    ])('finds nothing that it can read in %s', async (_, bytes) => {
      expect(await open().detect(await fileOf(bytes), 'file.txt')).toBeNull();
    });

    it('says what is wrong, for good, and reads the next file', async () => {
      const reader = open();
      const broken = await fileOf(DOCUMENTS.docx.subarray(0, 300));
      const failure = await sectionsOf(reader.read(broken, 'docx', never)).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(AppError);
      expect(failure).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE', retryable: false });
      expect((failure as AppError).message).toMatch(/damaged or incomplete/);
      const path = await fileOf(DOCUMENTS.docx);
      expect((await readAll(reader, path))[0]?.text).toContain('burns');
    });

    it('does not blame the document for a disk that does not answer', async () => {
      const failure = open().read('/nowhere/at all', 'text', never);
      await expect(sectionsOf(failure)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    });

    it('throws the reason of a signal that has aborted, and of one that aborts in the middle', async () => {
      const reader = open();
      const path = await fileOf('The lamp burns all night.\n\n'.repeat(200_000));
      const reason = new Error('enough');
      await expect(sectionsOf(reader.read(path, 'text', AbortSignal.abort(reason)))).rejects.toBe(reason);
      const controller = new AbortController();
      const reading = reader.read(path, 'text', controller.signal)[Symbol.asyncIterator]();
      await reading.next();
      controller.abort(reason);
      await expect(drain(reading)).rejects.toBe(reason);
      expect((await readAll(reader, path)).length).toBeGreaterThan(10);
    });

    it('lets go of a document whose reader leaves', async () => {
      const reader = open();
      const path = await fileOf('The lamp burns all night.\n\n'.repeat(200_000));
      for (let count = 0; count < 5; count++) for await (const _ of reader.read(path, 'text', never)) break;
      expect((await readAll(reader, path)).length).toBeGreaterThan(10);
    });

    it('reads several files at once, each as if alone', async () => {
      const reader = open();
      const paths = await Promise.all(
        Array.from({ length: 6 }, (_, index) => fileOf(`File ${index}.\n\n`.repeat(20_000))),
      );
      const texts = await Promise.all(paths.map((path) => readAll(reader, path)));
      for (const [index, sections] of texts.entries()) {
        expect(sections.map(({ text }) => text).join('')).toBe(`File ${index}.\n\n`.repeat(20_000));
      }
    });

    it('ends what it is doing when it is disposed of, and says so', async () => {
      const reader = open();
      const path = await fileOf('The lamp burns all night.\n\n'.repeat(200_000));
      const reading = reader.read(path, 'text', never)[Symbol.asyncIterator]();
      await reading.next();
      await reader.dispose();
      await expect(drain(reading)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      await expect(sectionsOf(reader.read(path, 'text', never))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });
  });
}

async function drain(iterator: AsyncIterator<unknown>): Promise<void> {
  while (!(await iterator.next()).done);
}
