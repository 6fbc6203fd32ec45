import { afterAll, describe, expect, it } from 'vitest';
import { createFileReader } from '../../src/adapters/extraction/file-reader.ts';
import type { FileKind } from '../../src/ports/file-reader.ts';
import { blocksOf, pagesOf, readAll } from '../support/documents/collect.ts';
import { fileOf, fixture } from '../support/documents/file.ts';
import { docx, epub, odf, pptx, wordNotes, wordStyles, xlsx } from '../support/documents/office.ts';

const reader = createFileReader({ timeoutMs: 60_000, memoryMb: 256 });
afterAll(() => reader.dispose());

const read = (path: string, name?: string) => readAll(reader, path, name);
const blocks = async (bytes: string | Uint8Array, name?: string) => blocksOf(await read(await fileOf(bytes), name));

const ENTRY = (number: number) =>
  `Entry ${number} of the log: the wind turned to the north-west in the night, the swell reached the lower gallery, and the supply boat could not land before the third morning.`;
const ENTRIES = Array.from({ length: 18 }, (_, index) => `paragraph: ${ENTRY(index + 1)}`);

const FIRST_PAGE = [
  'heading 1: The lighthouse report',
  'paragraph: The lighthouse on Grey Rock was built in 1887 and stands forty-one metres above the sea. Its lamp can be seen from twenty-two nautical miles.',
  'paragraph: Measured at the mean spring tide.',
  'heading 2: Duties of the keeper',
  'list-item: - Trim the wick every four hours.',
  'list-item: - Wind the clockwork.',
  'list-item: - Grease the gears on Sundays.',
  'list-item: - Write the log.',
];
const SECOND_PAGE = [
  'heading 1: Größe und Übersicht',
  'paragraph: Der Wärter heißt Jürgen Weiß. Er prüft täglich die Öllampe, die Türschlösser und das Nebelhorn.',
  'table: Lamp | Range | Colour\nMain | 22 nm | white\nHarbour | 4 nm | green',
  'paragraph: After the table comes one more sentence.',
];
const THIRD_PAGE = [
  'heading 1: 灯台の歴史',
  'paragraph: 灯台は一八八七年に建てられました。光は二十二海里先から見えます。',
];

describe('documents of LibreOffice', () => {
  it('reads a text with the pages that it was laid out on', async () => {
    const sections = await read(fixture('report.odt'));
    const pages = pagesOf(sections);
    expect(pages.map(([page]) => page)).toEqual([1, 2, 3, 4, 5]);
    expect(blocksOf(sections.slice(0, 2))).toEqual([...FIRST_PAGE, ...SECOND_PAGE]);
    // A paragraph that goes on on the next page is parted there, and nothing of it is lost.
    expect(pages[2]?.[1]).toMatch(/Entry 8 of the log: the wind turned to the north-west $/);
    expect(pages[3]?.[1]).toMatch(/^in the night, the swell .*and $/s);
    expect(pages[4]?.[1]).toMatch(/^the supply boat could not land/);
    const whole = pages.map(([, text]) => text).join('');
    for (let number = 1; number <= 18; number++) expect(whole).toContain(ENTRY(number));
  });

  it('reads a Word document, and knows its pages as far as they are certain', async () => {
    const sections = await read(fixture('report.docx'));
    const pages = pagesOf(sections);
    expect(blocksOf(sections)).toEqual([...FIRST_PAGE, ...SECOND_PAGE, ...THIRD_PAGE, ...ENTRIES]);
    // It only says where the first three pages begin; from the middle of the third one nobody knows.
    expect(pages.map(([page]) => page)).toEqual([1, 2, 3, null]);
    expect(pages[2]?.[1]).toContain('Entry 3 of');
    expect(pages[2]?.[1]).not.toContain('Entry 9 of');
  });

  it('reads a PDF, page by page', async () => {
    const sections = await read(fixture('report.pdf'));
    const pages = pagesOf(sections);
    expect(pages.map(([page]) => page)).toEqual([1, 2, 3, 4, 5]);
    expect(blocksOf(sections.slice(0, 2))).toEqual([
      FIRST_PAGE[0],
      'paragraph: The lighthouse on Grey Rock was built in 1887 and stands forty-one metres above the sea.1 Its lamp can be seen from twenty-two nautical miles.',
      ...FIRST_PAGE.slice(3),
      'paragraph: 1 Measured at the mean spring tide.',
      ...SECOND_PAGE,
    ]);
    expect(pages[2]?.[1]).toContain('灯台は一八八七年に建てられました。光は二十二海里先から見えます。');
    expect(pages[2]?.[1]).toContain(ENTRY(7));
    expect(pages[3]?.[1]).toContain(ENTRY(15));
    expect(pages[4]?.[1]).toContain(ENTRY(18));
  });

  it('reads a book by its chapters', async () => {
    const pages = pagesOf(await read(fixture('report.epub')));
    expect(pages.map(([page]) => page)).toEqual([1, 2, 3]);
    expect(pages[0]?.[1]).toContain('forty-one metres above the sea. Its lamp');
    expect(pages[0]?.[1]).toContain('\nMeasured at the mean spring tide.');
    expect(pages[1]?.[1]).toContain('Main | 22 nm | white');
    expect(pages[2]?.[1]).toContain(ENTRY(18));
  });

  it('reads a web page', async () => {
    const sections = await read(fixture('report.html'));
    expect(pagesOf(sections).map(([page]) => page)).toEqual([null]);
    const found = blocksOf(sections);
    expect(found).toContain('heading 1: The lighthouse report');
    for (const block of [...FIRST_PAGE.slice(3), ...SECOND_PAGE.slice(1), ...ENTRIES]) expect(found).toContain(block);
  });

  it('reads workbooks: sheets, names of columns, dates, shares', async () => {
    const expected = (date: string) => [
      [1, 'heading 1: Stock'],
      [1, 'table: Part: Wick | Count: 120 | Ordered: 2024-02-29 | Share: 12.5% | In use: 1'],
      [1, `table: Part: Öl, raffiniert | Count: 7.25 | Ordered: ${date} | In use: 0`],
      [1, 'table: Part: Sum | Count: 127.25'],
      [2, 'heading 1: 灯具'],
      [2, 'table: 名前: 主灯 | 色: 白'],
      [3, 'heading 1: Notes'],
      [3, 'table: The stock is counted on the first Monday of the month.'],
      [3, 'table: Signed: J. Weiß'],
    ];
    const found = async (name: string) =>
      (await read(fixture(name))).flatMap((section) => blocksOf([section]).map((block) => [section.page, block]));
    expect(await found('figures.xlsx')).toEqual(expected('2023-12-31 18:30'));
    // Here the cells say themselves how they look.
    expect(await found('figures.ods')).toEqual(expected('31.12.2023 18:30'));
  });

  it('reads a CSV file, whose delimiter is found out', async () => {
    expect(blocksOf(await read(fixture('figures.csv'), 'figures.csv'))).toEqual([
      'table: Part: Wick | Count: 120 | Ordered: 2024-02-29 | Share: 12.5% | In use: 1',
      'table: Part: Öl, raffiniert | Count: 7.25 | Ordered: 31.12.2023 18:30 | In use: 0',
      'table: Part: Sum | Count: 127.25',
    ]);
  });

  it.each(['slides.odp', 'slides.pptx'])('reads the slides of %s with their titles and notes', async (name) => {
    const sections = await read(fixture(name));
    expect(sections.map(({ page }) => page)).toEqual([1, 2, 3]);
    expect(blocksOf(sections)).toEqual([
      'heading 1: Grey Rock',
      'paragraph: Built in 1887',
      'paragraph: Forty-one metres high',
      'paragraph: Remember to thank the keeper.',
      'heading 1: Übersicht der Lampen',
      'table: Lampe | Farbe\nHafen | grün',
      'heading 1: 灯台の光',
      'paragraph: 光は二十二海里先から見えます。',
    ]);
  });

  it.each([
    ['password.pdf', 'pdf'],
    ['password.docx', 'docx'],
    ['password.xlsx', 'xlsx'],
    ['password.odt', 'odt'],
  ] satisfies [string, FileKind][])('says of %s that it has a password', async (name, kind) => {
    expect(await reader.detect(fixture(name), name)).toMatchObject({ kind });
    await expect(read(fixture(name), name)).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: expect.stringContaining('has a password'),
    });
  });

  it('does not take what Word wrote before 2007', async () => {
    expect(await reader.detect(fixture('old.doc'), 'old.doc')).toBeNull();
  });
});

const GUIDE = [
  'paragraph: The first paragraph has two lines.',
  'heading 2: Tools',
  'list-item: - oil can',
  'list-item: - brass cloth',
  'list-item: - two spare ones',
  'list-item: 1. Light the lamp',
  'list-item: 2. Close the door',
  'code: def light(lamp):\n    # not a heading\n\n    return lamp.on()',
  'table: Tool | Place\nCan | shed',
  'heading 2: Setext heading',
  'paragraph: Quoted words.',
];

describe('documents of other programs', () => {
  it.each(['pandoc.html', 'pandoc.epub', 'pandoc.docx'])('reads %s', async (name) => {
    const found = blocksOf(await read(fixture(name)));
    // Word numbers its lists itself: the numbers are not in the file.
    const expected = name === 'pandoc.docx' ? GUIDE.map((block) => block.replace(/: [12]\. /, ': - ')) : GUIDE;
    expect(found).toEqual(['heading 1: Guide', 'heading 1: Keeper’s guide', ...expected]);
  });

  it('reads Markdown as it is written', async () => {
    expect(blocksOf(await read(fixture('guide.md'), 'guide.md'))).toEqual([
      'code: ---\ntitle: Guide\n---',
      "heading 1: # Keeper's guide",
      'paragraph: The *first* paragraph\nhas two lines.',
      'heading 2: ## Tools',
      ...GUIDE.slice(2, 7),
      'code: ```python\ndef light(lamp):\n    # not a heading\n\n    return lamp.on()\n```',
      'table: | Tool | Place |\n|------|-------|\n| Can  | shed  |',
      'heading 2: Setext heading\n--------------',
      'paragraph: > Quoted words.',
    ]);
  });

  it('reads a PDF of groff and Ghostscript: headings by their font, code with its indentation', async () => {
    const found = blocksOf(await read(fixture('groff.pdf')));
    expect(found.slice(0, 10)).toEqual([
      'heading 3: Guide',
      'heading 4: Keeper’s guide',
      GUIDE[0],
      'heading 4: Tools',
      ...GUIDE.slice(2, 8),
    ]);
  });

  it('reads columns one after the other, and puts together what is hyphenated', async () => {
    const [, second] = await read(fixture('columns.pdf'));
    expect(blocksOf(second ? [second] : [])).toEqual([
      'paragraph: -2-',
      'paragraph: coastlines; administrators commissioned extraordinary engineering constructions, and international organizations subsequently standardized the characteristics of their illumination.',
      'paragraph: Responsibility for maintenance belonged to the keepers, whose communications with the administration were infrequent and frequently misunderstood.',
      'heading 4: 2. The later towers',
      'paragraph: Automation considerably transformed the organization: electrification, radiotelephony and satellite navigation eliminated the necessity of permanently inhabited installations, although architectural preservation continues.',
      'paragraph: Approximately eighteen thousand lighthouses remain internationally operational.',
    ]);
  });
});

const p = (text: string, properties = '') =>
  `<w:p><w:pPr>${properties}</w:pPr><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

describe('what is in Word documents', () => {
  it('takes the pages that Word has noted, and counts no end twice', async () => {
    const rendered = '<w:lastRenderedPageBreak/>';
    const body = [
      p('One.'),
      '<w:p><w:r><w:br w:type="page"/></w:r></w:p>',
      `<w:p><w:r>${rendered}<w:t>Two.</w:t></w:r></w:p>`,
      p('Still two. '.repeat(500)),
      `<w:p><w:r><w:t xml:space="preserve">Two goes </w:t></w:r><w:r>${rendered}<w:t>on as three.</w:t></w:r></w:p>`,
      p('Four.', '<w:pageBreakBefore/>'),
      p('', '<w:sectPr><w:type w:val="nextPage"/></w:sectPr>'),
      `<w:p><w:r>${rendered}<w:t>Five.</w:t></w:r></w:p>`,
    ].join('');
    const pages = pagesOf(await read(await fileOf(docx(body))));
    expect(pages.map(([page]) => page)).toEqual([1, 2, 3, 4, 5]);
    expect(pages[1]?.[1]).toMatch(/^Two\.\n\n.*Two goes $/s);
    expect(pages.slice(2).map(([, text]) => text.trim())).toEqual(['on as three.', 'Four.', 'Five.']);
  });

  it('leaves out what was deleted and what fields are made of, and takes what was inserted', async () => {
    const body =
      '<w:p><w:r><w:t xml:space="preserve">The </w:t></w:r><w:del><w:r><w:delText>old </w:delText></w:r></w:del><w:ins><w:r><w:t>new </w:t></w:r></w:ins><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>lamp</w:t><w:tab/><w:t>burns</w:t><w:br/><w:t>bright.</w:t></w:r></w:p>';
    expect(await blocks(docx(body))).toEqual(['paragraph: The new lamp\tburns\nbright.']);
  });

  it('knows headings and lists by styles in any language, and what they inherit', async () => {
    const styles = wordStyles(
      [
        '<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>',
        '<w:style w:type="paragraph" w:styleId="Eigene"><w:basedOn w:val="berschrift2"/></w:style>',
        '<w:style w:type="paragraph" w:styleId="Kreis"><w:basedOn w:val="Kreis"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>',
        '<w:style w:type="paragraph" w:styleId="Liste"><w:pPr><w:numPr/></w:pPr></w:style>',
      ].join(''),
    );
    const body = [
      p('Own', '<w:pStyle w:val="Eigene"/>'),
      p('Circle', '<w:pStyle w:val="Kreis"/>'),
      p('Point', '<w:pStyle w:val="Liste"/>'),
      p('Deeper', '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="7"/></w:numPr>'),
      p('Not numbered', '<w:pStyle w:val="Liste"/><w:numPr><w:numId w:val="0"/></w:numPr>'),
    ].join('');
    const sections = await read(await fileOf(docx(body, { more: [styles] })));
    expect(blocksOf(sections)).toEqual([
      'heading 2: Own',
      'heading 1: Circle',
      'list-item: - Point',
      'list-item: - Deeper',
      'paragraph: Not numbered',
    ]);
    expect(sections[0]?.text).toContain('- Point\n  - Deeper\n\nNot');
  });

  it('puts notes behind the paragraph that they belong to', async () => {
    const notes = wordNotes(
      '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:t>line</w:t></w:r></w:p></w:footnote><w:footnote w:id="2"><w:p><w:r><w:t>By day.</w:t></w:r></w:p></w:footnote>',
    );
    const body =
      '<w:p><w:r><w:t>It is seen</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>.</w:t></w:r></w:p>';
    expect(await blocks(docx(body, { more: [notes] }))).toEqual(['paragraph: It is seen.', 'paragraph: By day.']);
  });

  it('reads tables inside tables, frames, and a text box once', async () => {
    const cell = (inner: string) => `<w:tc>${inner}</w:tc>`;
    const inner = `<w:tbl><w:tr>${cell(p('in'))}${cell(p('side'))}</w:tr></w:tbl>`;
    const box =
      '<w:p><w:r><mc:AlternateContent xmlns:mc="x"><mc:Choice><w:txbxContent><w:p><w:r><w:t>Boxed.</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>Boxed.</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>';
    const body = `<w:tbl><w:tr>${cell(p('A'))}${cell(p('B') + inner)}</w:tr><w:tr>${cell(p('C'))}${cell('')}</w:tr></w:tbl><w:tbl><w:tr>${cell(p('Framed.'))}</w:tr></w:tbl>${box}`;
    expect(await blocks(docx(body))).toEqual(['table: A | B in side\nC', 'paragraph: Framed.', 'paragraph: Boxed.']);
  });

  it('reads documents with macros as those without', async () => {
    const type = 'application/vnd.ms-word.document.macroEnabled.main+xml';
    expect(await blocks(docx(p('Text.'), { type }))).toEqual(['paragraph: Text.']);
  });
});

describe('what is in workbooks, slides and OpenDocument files', () => {
  it('reads shared and rich strings without what is read aloud, results, errors, and dates since 1904', async () => {
    const strings =
      '<si><t>Kind</t></si><si><r><t>Wa</t></r><r><t>rm</t></r><rPh><t>reading</t></rPh></si><si><t>Value</t></si>';
    const styles =
      '<numFmts><numFmt numFmtId="170" formatCode="[$-407]dd\\.mm\\.yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>';
    const rows =
      '<row><c t="s"><v>0</v></c><c t="s"><v>2</v></c></row><row><c t="s"><v>1</v></c><c><f>1/8</f><v>0.30000000000000004</v></c></row><row><c t="str"><v>Made</v></c><c s="1"><v>0</v></c></row><row><c t="inlineStr"><is><t>Fault</t></is></c><c t="e"><v>#N/A</v></c></row><row><c t="b"><v>1</v></c></row>';
    const workbook = '<workbookPr date1904="1"/>';
    expect(await blocks(xlsx({ Data: rows }, { strings, styles, workbook }))).toEqual([
      'heading 1: Data',
      'table: Kind: Warm | Value: 0.3',
      'table: Kind: Made | Value: 1904-01-01',
      'table: Kind: Fault | Value: #N/A',
      'table: Kind: TRUE',
    ]);
  });

  it('numbers slides as they are shown, and says nothing that every slide says', async () => {
    const slide = (title: string) =>
      `<p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>${title}</a:t></a:r></a:p></p:txBody></p:sp><p:sp><p:nvPr><p:ph idx="1"/></p:nvPr><p:txBody><a:p><a:pPr lvl="1"/><a:r><a:t>Point of ${title}</a:t></a:r></a:p></p:txBody></p:sp><p:sp><p:nvPr><p:ph type="sldNum"/></p:nvPr><p:txBody><a:p><a:fld><a:t>9</a:t></a:fld></a:p></p:txBody></p:sp>`;
    const sections = await read(await fileOf(pptx([slide('Last'), slide('First')], [1, 0])));
    expect(sections.map(({ page, text }) => [page, text.split('\n')[0]])).toEqual([
      [1, 'First'],
      [2, 'Last'],
    ]);
    expect(blocksOf(sections)).toEqual([
      'heading 1: First',
      'list-item: - Point of First',
      'heading 1: Last',
      'list-item: - Point of Last',
    ]);
  });

  it('knows pages of a text only where what it notes agrees with what it says', async () => {
    const styles =
      '<style:style style:name="B" style:family="paragraph"><style:paragraph-properties fo:break-before="page"/></style:style>';
    const long = `<text:p>${'Many words. '.repeat(1_000)}</text:p>`;
    const body = `<text:p>One.</text:p>${long}<text:p>Begins <text:soft-page-break/>here.</text:p><text:p text:style-name="B">Last.</text:p>`;
    const known = pagesOf(await read(await fileOf(odf(body, { styles, pages: 3 }))));
    expect(known.map(([page]) => page)).toEqual([1, 2, 3]);
    expect(known[1]?.[1]).toBe('here.\n\n');
    const unknown = pagesOf(await read(await fileOf(odf(body, { styles, pages: 9 }))));
    expect(unknown.map(([page]) => page)).toEqual([1, null]);
  });

  it('leaves out comments and deletions, and does not repeat what a million cells repeat', async () => {
    const text = odf(
      '<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:p>It<text:s text:c="2"/>burns\n   <office:annotation><text:p>why?</text:p></office:annotation> on.</text:p>',
    );
    expect(await blocks(text)).toEqual(['paragraph: It  burns on.']);
    const cell = '<table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>';
    const sheet = `<table:table table:name="S"><table:table-row table:number-rows-repeated="1048576">${cell}</table:table-row></table:table>`;
    const found = await blocks(odf(sheet, { kind: 'spreadsheet' }));
    expect(found.length).toBeLessThan(200);
  });

  it('reads a book in the order of its spine', async () => {
    const chapter = (title: string) =>
      `<html><head><title/><script>no()</script></head><body><h2>${title}</h2><p>Text.</p></body></html>`;
    const sections = await read(await fileOf(epub([chapter('One'), '<html><body/></html>', chapter('Three')])));
    expect(sections.map(({ page, text }) => [page, text])).toEqual([
      [1, 'One\n\nText.\n\n'],
      [3, 'Three\n\nText.\n\n'],
    ]);
  });
});
