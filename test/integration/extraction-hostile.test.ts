import { readdirSync, readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { createFileReader } from '../../src/adapters/extraction/file-reader.ts';
import { AppError } from '../../src/errors.ts';
import type { FileKind } from '../../src/ports/file-reader.ts';
import { sectionsOf } from '../support/documents/collect.ts';
import { fileOf, fixture } from '../support/documents/file.ts';
import { docx, docxEntries, epub, odf, pptx, xlsx } from '../support/documents/office.ts';
import { pdf, pdfOfPages } from '../support/documents/pdf.ts';
import { peakDuring } from '../support/documents/processes.ts';
import { deflatedGigabytes, zip } from '../support/documents/zip.ts';

const MEMORY_MB = 192;
/** What a process takes beside that, and what it may take between two looks of its watchdog. */
const ALLOWED_MB = MEMORY_MB + 112 + 120;
const reader = createFileReader({ timeoutMs: 60_000, memoryMb: MEMORY_MB });
afterAll(() => reader.dispose());

type Outcome = { text: string } | { message: string };

/** Text, or why there is none: nothing else may come of any file. */
async function outcome(bytes: string | Uint8Array, kind: FileKind): Promise<Outcome> {
  const path = await fileOf(bytes);
  await reader.detect(path, 'file');
  try {
    const sections = await sectionsOf(reader.read(path, kind, new AbortController().signal));
    return { text: sections.map(({ text }) => text).join('') };
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE', retryable: false });
    expect((error as AppError).message).toMatch(/^[A-Z].*\.$/s);
    return { message: (error as AppError).message };
  }
}

/** Refused with these words, without taking more memory than is allowed; and what comes next is read. */
async function expectRefused(bytes: string | Uint8Array, kind: FileKind, words: RegExp): Promise<void> {
  const refused = outcome(bytes, kind);
  const peak = await peakDuring(refused);
  expect(await refused).toEqual({ message: expect.stringMatching(words) });
  expect(peak).toBeLessThan(ALLOWED_MB);
  expect(await outcome('It goes on.', 'text')).toEqual({ text: 'It goes on.\n\n' });
}

const KINDS: Record<string, FileKind> = { md: 'markdown' };
const FIXTURES = readdirSync(fixture('.'))
  .filter((name) => /^(report|figures|slides|pandoc|groff|guide|password)\./.test(name))
  .map((name): [string, FileKind] => {
    const extension = name.slice(name.indexOf('.') + 1);
    return [name, KINDS[extension] ?? (extension as FileKind)];
  });

describe('documents that are cut off or damaged', () => {
  it.each(FIXTURES)('%s, at every tenth', async (name, kind) => {
    const whole = readFileSync(fixture(name));
    for (let tenth = 0; tenth < 10; tenth++)
      await outcome(whole.subarray(0, Math.floor((whole.length * tenth) / 10)), kind);
  });

  it.each(FIXTURES)('%s, with bytes of another one in it', async (name, kind) => {
    const whole = readFileSync(fixture(name));
    for (let tenth = 0; tenth < 10; tenth++) {
      const damaged = Buffer.from(whole);
      const from = Math.floor((whole.length * tenth) / 10);
      for (let at = from; at < Math.min(from + 40, whole.length); at++) damaged[at] = (damaged[at] ?? 0) ^ (at * 37);
      await outcome(damaged, kind);
    }
  });

  it('are read as what they are not: every kind from every other one', async () => {
    for (const [name] of FIXTURES.slice(0, 6)) {
      for (const kind of [
        'pdf',
        'docx',
        'xlsx',
        'pptx',
        'odt',
        'ods',
        'odp',
        'epub',
        'html',
        'csv',
        'json',
        'text',
      ] as const) {
        await outcome(readFileSync(fixture(name)), kind);
      }
    }
  });
});

describe('archives that are larger inside', () => {
  const withMain = (data: Buffer, claimedSize: number, store = false) =>
    zip(
      docxEntries('').map((entry) =>
        entry.name === 'word/document.xml' ? { ...entry, data, claimedSize, packed: !store } : entry,
      ),
    );

  it('unpack to ten gigabytes of spaces, and say so', async () => {
    await expectRefused(
      withMain(deflatedGigabytes(10, '<a>', ' ', '</a>'), 0xfffffff0),
      'docx',
      /too large inside|memory/,
    );
  });

  it('unpack to ten gigabytes, and say that they do not', async () => {
    await expectRefused(withMain(deflatedGigabytes(10, '<a>', ' ', '</a>'), 1_000), 'docx', /damaged/);
  });

  it('unpack to gigabytes of one word', async () => {
    const bytes = deflatedGigabytes(2, '<w:document xmlns:w="x"><w:body><w:p><w:r><w:t>', 'a', '');
    await expectRefused(withMain(bytes, 0xfffffff0), 'docx', /too large inside|memory/);
  });

  it('hold a million empty entries, or entries that share their bytes', async () => {
    const many = Array.from({ length: 60_000 }, (_, index) => ({ name: `e${index}`, data: '', store: true }));
    await expectRefused(zip([...docxEntries(''), ...many]), 'docx', /too large inside/);
    // A hundred chapters that are one and the same 20 MB.
    const chapters = Array.from({ length: 100 }, (_, index) => `c${index}`);
    const manifest = chapters.map((id) => `<item id="${id}" href="${id}" media-type="text/html"/>`).join('');
    const spine = chapters.map((id) => `<itemref idref="${id}"/>`).join('');
    const book = zip([
      { name: 'mimetype', data: 'application/epub+zip', store: true },
      { name: 'META-INF/container.xml', data: '<container><rootfile full-path="p"/></container>' },
      { name: 'p', data: `<package>${manifest}${spine}</package>` },
      { name: 'first', data: `<p>${' <b>'.repeat(1)}${'   \n'.repeat(5_000_000)}</p>` },
      ...chapters.map((name) => ({ name, data: '', over: 'first' })),
    ]);
    await expectRefused(book, 'epub', /too large inside/);
  });

  it('hold archives that hold archives: nobody opens them', async () => {
    let inner = docx('<w:p><w:r><w:t>Deep.</w:t></w:r></w:p>');
    for (let level = 0; level < 30; level++)
      inner = zip([
        ...docxEntries('<w:p><w:r><w:t>Here.</w:t></w:r></w:p>'),
        { name: `word/embeddings/${level}.docx`, data: inner },
      ]);
    expect(await outcome(inner, 'docx')).toEqual({ text: 'Here.\n\n' });
  });

  it('have names that lead out of them', async () => {
    const entries = [
      { name: '../../../../tmp/out', data: 'x' },
      { name: '/etc/out', data: 'x' },
      ...docxEntries('<w:p/>'),
    ];
    expect(await outcome(zip(entries), 'docx')).toHaveProperty('message');
    const target =
      '<Relationships><Relationship Id="s0" Type="x/worksheet" Target="../../../../../../etc/passwd"/></Relationships>';
    const workbook = xlsx({ A: '<row><c><v>1</v></c></row>' });
    expect(await outcome(workbook, 'xlsx')).toHaveProperty('text');
    const escaping = zip([
      {
        name: '_rels/.rels',
        data: '<Relationships><Relationship Id="r" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>',
      },
      { name: 'xl/workbook.xml', data: '<workbook xmlns:r="r"><sheet name="A" r:id="s0"/></workbook>' },
      { name: 'xl/_rels/workbook.xml.rels', data: target },
    ]);
    expect(await outcome(escaping, 'xlsx')).toEqual({ message: 'The file holds no text.' });
  });

  it('are encrypted as archives', async () => {
    const entries = docxEntries('').map((entry) => ({ ...entry, locked: entry.name.startsWith('word/') }));
    expect(await outcome(zip(entries), 'docx')).toEqual({ message: expect.stringContaining('has a password') });
  });
});

describe('XML that declares entities', () => {
  const external = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
  const laughs = `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "lol">${Array.from(
    { length: 10 },
    (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`,
  ).join('')}<!ENTITY x "&l10;">]>`;
  const w = '<w:p><w:r><w:t>&x;</w:t></w:r></w:p>';

  it.each([
    ['docx', (prolog: string) => docx(w, { prolog })],
    ['xlsx', (prolog: string) => xlsx({ A: '<row><c t="str"><v>&x;</v></c></row>' }, { prolog })],
    ['pptx', (prolog: string) => pptx(['<p:sp><a:p><a:r><a:t>&x;</a:t></a:r></a:p></p:sp>'], [0], prolog)],
    ['odt', (prolog: string) => odf('<text:p>&x;</text:p>', { prolog })],
    ['ods', (prolog: string) => odf('<table:table/>', { prolog, kind: 'spreadsheet' })],
    ['epub', (prolog: string) => epub(['<p>x</p>'], { prolog })],
  ] as [FileKind, (prolog: string) => Buffer][])('is refused in %s', async (kind, make) => {
    for (const prolog of [external, laughs])
      expect(await outcome(make(prolog), kind)).toEqual({ message: expect.stringContaining('XML entities') });
    // Entities that nobody has declared are no better.
    expect(await outcome(make('<?xml version="1.0"?>').length > 0 ? docx(w) : '', 'docx')).toHaveProperty('message');
  });

  it('in a chapter of a book or a web page stands for nothing', async () => {
    for (const prolog of [external, laughs]) {
      const page = `${prolog}<html><body><p>Before &x; after.</p></body></html>`;
      expect(await outcome(epub([page]), 'epub')).toEqual({ text: expect.stringMatching(/Before &x; after\./) });
      const whole = await outcome(page, 'html');
      expect(JSON.stringify(whole)).not.toContain('root:');
    }
  });
});

describe('what is nested without end', () => {
  it.each([
    ['html', '<div>'.repeat(100_000)],
    ['html', `<!doctype html>${'<table><tr><td>'.repeat(100_000)}x`],
    ['html', `<ul><li>${'<ul><li>'.repeat(100_000)}x`],
    ['json', '['.repeat(100_000)],
    ['json', '{"a":'.repeat(100_000)],
    ['docx', docx('<w:p>'.repeat(100_000))],
    ['docx', docx('<w:tbl><w:tr><w:tc>'.repeat(100_000))],
    ['odt', odf('<text:list><text:list-item>'.repeat(100_000))],
    ['pptx', pptx(['<p:grpSp>'.repeat(100_000)])],
  ] as [FileKind, string | Buffer][])('%s', async (kind, bytes) => {
    expect(await outcome(bytes, kind)).toEqual({ message: expect.stringMatching(/nested too deeply/) });
  });

  it('is read where people nest so', async () => {
    expect(await outcome(`<!doctype html>${'<font>'.repeat(15_000)}Deep.`, 'html')).toEqual({ text: 'Deep.\n\n' });
    expect(await outcome(`${'['.repeat(900)}"deep"${']'.repeat(900)}`, 'json')).toEqual({
      text: expect.stringContaining('deep'),
    });
  });
});

describe('texts that are slow to look at', () => {
  const long = 1_000_000;
  it.each([
    ['text', 'a'.repeat(long)],
    ['text', '<'.repeat(10 * long)],
    ['text', `a${' '.repeat(long)}b`],
    ['markdown', '#'.repeat(long)],
    ['markdown', `- ${'- '.repeat(long / 2)}`],
    ['markdown', `|${'-|'.repeat(long / 2)}\n|${'-|'.repeat(long / 2)}`],
    ['markdown', '```\n'.repeat(100_000)],
    ['html', '<'.repeat(10 * long)],
    ['html', `<html>${'<p '.repeat(long)}`],
    ['html', `<html><p a="${'x'.repeat(5 * long)}`],
    ['html', `<!--${'<!--'.repeat(long)}`],
    ['html', `<html>${'&amp'.repeat(long)}`],
    ['csv', `a,b\n"${'x,y\n'.repeat(long)}`],
    ['csv', `a,b,c\n1,2,3\n${','.repeat(5 * long)}`],
    ['csv', '"'.repeat(2 * long)],
    ['json', `["${'\\u0041'.repeat(long)}"]`],
    ['json', `[${'1'.repeat(long)}]`],
    ['json', `{"${'k'.repeat(long)}": 1}`],
    ['json', ' '.repeat(5 * long)],
  ] as [FileKind, string][])('%s', async (kind, text) => {
    const begun = performance.now();
    const found = outcome(text, kind);
    expect(await peakDuring(found)).toBeLessThan(ALLOWED_MB);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(await outcome('It goes on.', 'text')).toEqual({ text: 'It goes on.\n\n' });
  });
});

describe('PDFs', () => {
  it('whose pages go in a circle, or are only claimed', async () => {
    const circle = pdf({ 1: '<</Type /Catalog /Pages 2 0 R>>', 2: '<</Type /Pages /Kids [2 0 R] /Count 100000>>' });
    await expectRefused(circle, 'pdf', /damaged/);
    const claimed = pdf({ 1: '<</Type /Catalog /Pages 2 0 R>>', 2: '<</Type /Pages /Kids [] /Count 1000000000>>' });
    await expectRefused(claimed, 'pdf', /damaged/);
  });

  const withContents = (data: Buffer, dictionary = '/Filter /FlateDecode') =>
    pdf({
      1: '<</Type /Catalog /Pages 2 0 R>>',
      2: '<</Type /Pages /Kids [3 0 R] /Count 1>>',
      3: '<</Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R>>',
      4: { dictionary, data },
    });

  it('with a page that unpacks to more than there is memory, also twice over', async () => {
    const huge = deflateSync(Buffer.alloc(1_000_000_000, ' '), { level: 1 });
    await expectRefused(withContents(huge), 'pdf', /memory/);
    const twice = deflateSync(huge, { level: 9 });
    await expectRefused(withContents(twice, '/Filter [/FlateDecode /FlateDecode]'), 'pdf', /memory/);
  });

  it('that draw themselves without end', async () => {
    const form = pdf({
      1: '<</Type /Catalog /Pages 2 0 R>>',
      2: '<</Type /Pages /Kids [3 0 R] /Count 1>>',
      3: '<</Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources <</XObject <</X 5 0 R>>>>>>',
      4: { dictionary: '', data: Buffer.from('/X Do /X Do') },
      5: {
        dictionary: '/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</X 5 0 R>>>>',
        data: Buffer.from('/X Do /X Do'),
      },
    });
    expect(await outcome(form, 'pdf')).toHaveProperty('message');
  });

  it('that hold nothing but pictures', async () => {
    await expectRefused(withContents(deflateSync(Buffer.from('0 0 9 9 re f'))), 'pdf', /scanned images/);
  });

  it('of a hundred pages take no time', async () => {
    const line = (page: number) => (_: unknown, index: number) =>
      `Page ${page}, line ${index}: the keeper trims the wick and writes the log.`;
    const path = await fileOf(pdfOfPages(100, (page) => Array.from({ length: 45 }, line(page))));
    await outcome(
      pdfOfPages(1, () => ['Warm.']),
      'pdf',
    );
    const begun = performance.now();
    const sections = await sectionsOf(reader.read(path, 'pdf', new AbortController().signal));
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(sections.map(({ page }) => page)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(sections[99]?.text).toContain('Page 100, line 44:');
  });

  it('of thousands of pages stay within their memory', async () => {
    const path = await fileOf(pdfOfPages(3_000, (page) => [`This is page ${page} of the log.`]));
    let pages = 0;
    const reading = (async () => {
      for await (const item of reader.read(path, 'pdf', new AbortController().signal)) {
        if (item.type === 'section') pages += 1;
      }
    })();
    const peak = await peakDuring(reading);
    await reading;
    expect(pages).toBe(3_000);
    expect(peak).toBeLessThan(ALLOWED_MB);
  });
});

describe('workbooks', () => {
  it('whose cells repeat one long text without end', async () => {
    const strings = `<si><t>${'long '.repeat(6_000)}</t></si>`;
    const cells = '<row>'.concat('<c t="s"><v>0</v></c>'.repeat(500), '</row>').repeat(200);
    await expectRefused(xlsx({ A: cells }, { strings }), 'xlsx', /more text|memory/);
  });

  it('with a cell far out, and columns that lie', async () => {
    const rows = '<row><c r="XFD1"><v>1</v></c><c r="ZZZ1"><v>2</v></c><c r="A1"><v>3</v></c></row>';
    expect(await outcome(xlsx({ A: rows.repeat(50) }), 'xlsx')).toHaveProperty('text');
  });
});
