import { afterAll, describe, expect, it } from 'vitest';
import { createFileReader } from '../../src/adapters/extraction/file-reader.ts';
import { blocksOf, readAll } from '../support/documents/collect.ts';
import { fileOf } from '../support/documents/file.ts';

const reader = createFileReader({ timeoutMs: 60_000, memoryMb: 256 });
afterAll(() => reader.dispose());

const sections = async (bytes: string | Uint8Array, name?: string) => readAll(reader, await fileOf(bytes), name);
const text = async (bytes: string | Uint8Array, name?: string) =>
  (await sections(bytes, name)).map((one) => one.text).join('');
const blocks = async (bytes: string | Uint8Array, name?: string) => blocksOf(await sections(bytes, name));

const GERMAN = 'Die Öllampe brennt heiß über dem Türschloß; früh prüft der Wärter größere Gefäße für Rüböl. '
  .repeat(4)
  .trim();
const RUSSIAN = 'Маяк был построен на скале, и его лампа видна за двадцать две мили в ясную погоду. '.repeat(4).trim();

/** Bytes of a text in an encoding of single bytes, by the decoder's own table. */
function encode(value: string, label: string): Buffer {
  const table = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) table.set(new TextDecoder(label).decode(Uint8Array.of(byte)), byte);
  return Buffer.from([...value].map((character) => table.get(character) ?? 0x3f));
}

describe('plain text', () => {
  it.each([
    ['UTF-8', Buffer.from(GERMAN), GERMAN],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${GERMAN}`), GERMAN],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${GERMAN}`, 'utf16le'), GERMAN],
    ['UTF-16, the other way round', Buffer.from(`\ufeff${GERMAN}`, 'utf16le').swap16(), GERMAN],
    ['UTF-16 without a mark', Buffer.from(GERMAN, 'utf16le'), GERMAN],
    ['windows-1252', encode(GERMAN, 'windows-1252'), GERMAN],
    ['windows-1251', encode(RUSSIAN, 'windows-1251'), RUSSIAN],
    ['KOI8-R', encode(RUSSIAN, 'koi8-r'), RUSSIAN],
    [
      'Shift JIS',
      Buffer.from('93fa967b8cea82cc8365834c83588367814293fa967b8cea82c582b78142', 'hex'),
      '日本語のテキスト。日本語です。',
    ],
  ])('is read from %s', async (_, bytes, expected) => {
    expect((await text(bytes)).trim()).toBe(expected);
  });

  it('is UTF-8 also where some of it is damaged, or comes late', async () => {
    const damaged = Buffer.concat([Buffer.from(GERMAN.repeat(5)), Buffer.from([0xff, 0x20])]);
    expect(await text(damaged)).toContain('Türschloß');
    const late = Buffer.concat([Buffer.from('plain words\n'.repeat(20_000)), encode(GERMAN, 'windows-1252')]);
    expect(await text(late)).toContain('Türschloß');
  });

  it('is cleaned: ends of lines, controls, soft hyphens, decomposed letters, lone surrogates, spaces at ends', async () => {
    const bytes = Buffer.from('\ufeffOne \t\r\ntwo\u0007 u\u0308ber\r\r\u00adhy\u00adphen\u0085x\u000cy  \n', 'utf8');
    expect(await text(bytes)).toBe('One\ntwo über\n\nhyphen\nx\ny\n\n');
    const surrogate = Buffer.concat([
      Buffer.from('\ufeffa', 'utf16le'),
      Buffer.from([0x00, 0xd8]),
      Buffer.from('b', 'utf16le'),
    ]);
    expect(await text(surrogate)).toBe('a\ufffdb\n\n');
  });

  it('has a block for each paragraph, and offsets that lead to it', async () => {
    const [section] = await sections('First\nparagraph.\n\n\n  Second one.\n');
    expect(section).toEqual({
      page: null,
      text: 'First\nparagraph.\n\nSecond one.\n\n',
      blocks: [
        { type: 'paragraph', start: 0, end: 16 },
        { type: 'paragraph', start: 18, end: 29 },
      ],
    });
  });

  it('keeps the indentation of source code, and knows it as such', async () => {
    const source = 'import x from "y";\n\n  const a = 1;\n  if (a) {\n    run(a);\n  }\n';
    const [section] = await sections(source, 'x.ts');
    expect(section?.text).toBe('import x from "y";\n\n  const a = 1;\n  if (a) {\n    run(a);\n  }\n\n');
    expect(blocksOf(section ? [section] : [])).toEqual([
      'code: import x from "y";',
      'code:   const a = 1;\n  if (a) {\n    run(a);\n  }',
    ]);
  });

  it('is the same text whether it is read in one piece or in many', async () => {
    const paragraphs = Array.from(
      { length: 40_000 },
      (_, index) => `Paragraph ${index}: 灯台 über 🏮 the wind.\r\nIts second line.`,
    );
    const all = await sections(paragraphs.join('\r\n\r\n'));
    expect(all.map((one) => one.text).join('')).toBe(`${paragraphs.join('\n\n').replaceAll('\r\n', '\n')}\n\n`);
    expect(all.flatMap((one) => one.blocks)).toHaveLength(40_000);
    expect(Math.max(...all.map((one) => one.text.length))).toBeLessThan(400_000);
  });

  it('is cut where nothing else parts it, and never inside a character', async () => {
    const long = '🏮灯'.repeat(100_000);
    const all = await sections(long);
    expect(all.map((one) => one.text).join('') === `${long}\n\n`).toBe(true);
    expect(all.length).toBeGreaterThan(1);
  });
});

describe('web pages', () => {
  const words = (count: number) =>
    'The keeper of the lighthouse trims the wick, winds the clockwork and writes the log. '.repeat(count);

  it('are read as what they say: no scripts, menus, forms, or what is hidden', async () => {
    const page = `<!doctype html><html><head><title>Instruments</title><style>p{}</style></head><body>
      <nav><a href="/">Home</a></nav><script>document.write("x")</script><noscript>no</noscript>
      <h1>Lamps</h1><p hidden>secret</p><p style="display: none">secret</p>
      <p>Two   words<br>and <b>bo</b>ld&nbsp;&amp; more.</p><ol start="3"><li>three<ul><li>inner</li></ul></li><li><p>four</p></li></ol>
      <pre>a\n  b</pre><blockquote>Quoted.</blockquote><button>Buy</button><textarea>x</textarea>
      <table><caption>Sizes</caption><thead><tr><th>A<th>B</thead><tr><td>1<td>2 <p>more</p></table></body></html>`;
    expect(await blocks(page)).toEqual([
      'heading 1: Instruments',
      // The title is the only heading of the first level that an article has.
      'heading 2: Lamps',
      'paragraph: Two words\nand bold\u00a0& more.',
      'list-item: 3. three',
      'list-item: - inner',
      'list-item: 4. four',
      'code: a\n  b',
      'paragraph: Quoted.',
      'table: Sizes\nA | B\n1 | 2 more',
    ]);
  });

  it('are read without what is around their article', async () => {
    const links = '<li><a href="/x">Other story of the day</a></li>'.repeat(20);
    const page = `<html><head><title>The keeper</title></head><body><div class="sidebar"><ul>${links}</ul></div><article><h1>The keeper</h1><p>${words(8)}</p><h2>Nights</h2><p>${words(8)}</p><table><tr><td>Lamp<td>22 nm</table></article><div class="footer"><ul>${links}</ul></div></body></html>`;
    const found = await blocks(page);
    expect(found.join('\n')).not.toContain('Other story');
    expect(found).toContain('heading 2: Nights');
    expect(found).toContain('table: Lamp | 22 nm');
    expect(found.filter((block) => block.endsWith('The keeper'))).toEqual(['heading 1: The keeper']);
  });

  it('are read whole where the article would be only a part of them', async () => {
    const section = (title: string) => `<div class="comment"><h2>${title}</h2><p>${words(3)}</p></div>`;
    const page = `<html><body>${Array.from({ length: 12 }, (_, index) => section(`Part ${index}`)).join('')}</body></html>`;
    const found = await blocks(page);
    for (let index = 0; index < 12; index++) expect(found).toContain(`heading 2: Part ${index}`);
  });

  it('are read in the encoding that they declare', async () => {
    const page = `<html><head><meta charset="windows-1252"><title>x</title></head><body><p>${GERMAN}</p></body></html>`;
    expect(await text(encode(page, 'windows-1252'))).toContain('Türschloß');
  });

  it('stay bounded when they are large, and read the same', async () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => `<tr><td>Row ${index}</td><td>${words(1)}</td></tr>`);
    const page = `<!doctype html><title>Big</title><h1>Big</h1><table>${rows.join('\n')}</table><p>End.`;
    expect(page.length).toBeGreaterThan(5_000_000);
    const found = await text(page);
    expect(found.match(/Row \d+ \| The keeper/g)).toHaveLength(60_000);
    expect(found).toMatch(/End\.\n\n$/);
  });

  it('that use tables for their layout are read as text', async () => {
    const page = `<html><table><tr><td><h1>Lamps</h1><p>${words(1).trim()}</p></td><td><p>Right.</p></td></tr></table></html>`;
    expect(await blocks(page)).toEqual(['heading 1: Lamps', `paragraph: ${words(1).trim()}`, 'paragraph: Right.']);
  });
});

describe('tables and data', () => {
  it('has a block for each record of a CSV file, also where values have lines and quotes', async () => {
    const csv = `id,title,text\r\n1,"Lamp, main","It ""burns"".\nAll night."\r\n2,Bell,Rings\r\n3,Horn,"${'Long. '.repeat(60)}"\r\n`;
    expect(await blocks(csv, 'x.csv')).toEqual([
      'paragraph: id: 1\ntitle: Lamp, main\ntext: It "burns".\nAll night.',
      'table: id: 2 | title: Bell | text: Rings',
      `paragraph: id: 3\ntitle: Horn\ntext: ${'Long. '.repeat(60).trim()}`,
    ]);
  });

  it('takes rows without names as they are', async () => {
    expect(await blocks('1;2;3\n4;5;6\n7;8;9\n1;1;1\n', 'x.csv')).toEqual([
      'table: 1 | 2 | 3',
      'table: 4 | 5 | 6',
      'table: 7 | 8 | 9',
      'table: 1 | 1 | 1',
    ]);
    expect(await blocks('sep=|\nname|place\nlamp|top\n', 'x.csv')).toEqual(['table: name: lamp | place: top']);
  });

  it('does not lose the rest of a file to a quote that is never closed', async () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => `${index},lamp ${index}`);
    const found = await text(`id,name\n1,"open\n${rows.join('\n')}\n`, 'x.csv');
    expect(found).toContain('lamp 199999');
  });

  it('writes JSON as an outline', async () => {
    const data = {
      name: 'Grey Rock',
      tall: 41,
      open: null,
      lamps: ['main', 'harbour'],
      keeper: {
        name: 'Jürgen',
        duties: [
          { at: 'dusk', what: 'light' },
          { at: 'dawn', what: ['snuff', 'log'] },
        ],
      },
    };
    expect(await blocks(JSON.stringify(data))).toEqual([
      'code: name: Grey Rock\ntall: 41\nopen: null',
      'code: lamps:\n- main\n- harbour',
      'code: keeper:\n  name: Jürgen\n  duties:\n  - at: dusk\n    what: light\n  - at: dawn\n    what:\n    - snuff\n    - log',
    ]);
  });

  it('has a block for each record of a list and of JSON Lines, and keeps lines that are none', async () => {
    const records = [
      { id: 1, text: 'Lamp' },
      { id: 2, text: 'Bell\nrings' },
      { id: 3, tags: ['a', 'b'] },
    ];
    const expected = [
      'table: id: 1 | text: Lamp',
      'paragraph: id: 2\ntext: Bell\nrings',
      'code: id: 3\ntags:\n- a\n- b',
    ];
    expect(await blocks(JSON.stringify(records, null, 2))).toEqual(expected);
    expect(await blocks(JSON.stringify({ records }))).toEqual(['code: records:', ...expected]);
    const lines = records.map((record) => JSON.stringify(record));
    expect(await blocks(lines.join('\n'))).toEqual(expected);
    expect(await blocks([...lines, '{"id": 4, "te'].join('\n'))).toEqual([...expected, 'paragraph: {"id": 4, "te']);
  });

  it('reads JSON whatever is in its strings, however long they are', async () => {
    const long = '🏮 \\ " { [ ,'.repeat(20_000);
    const found = await text(JSON.stringify({ before: 1, long, after: '\u0000\ud800' }));
    expect(found.replaceAll(/\s/g, '')).toBe(`before:1long:${long}after:\ufffd`.replaceAll(/\s/g, ''));
  });

  it('says in which line JSON is broken', async () => {
    const path = await fileOf(`{"a": 1,\n${' '.repeat(70_000)}\n"b": [1, 2}\n}`);
    const reading = readAll(reader, path, 'x.json');
    await expect(reading).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'The file is not valid JSON: see line 3.',
    });
  });
});
