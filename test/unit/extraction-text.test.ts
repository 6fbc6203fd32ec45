import { describe, expect, it } from 'vitest';
import { kindOfText } from '../../src/adapters/extraction/detection/text-kind.ts';
import { createPageEstimate } from '../../src/adapters/extraction/formats/page-estimate.ts';
import { createBlockWriter } from '../../src/adapters/extraction/text/block-writer.ts';
import { cleanText } from '../../src/adapters/extraction/text/clean.ts';
import { cutPoints } from '../../src/adapters/extraction/text/cuts.ts';
import { createEncodingGuess } from '../../src/adapters/extraction/text/encoding.ts';
import { isCode } from '../../src/adapters/extraction/text/is-code.ts';
import { linesOf } from '../../src/adapters/extraction/text/lines.ts';
import { createSections } from '../../src/adapters/extraction/text/sections.ts';
import { blocksOf, expectSound } from '../support/documents/collect.ts';

describe('the kind of a text', () => {
  const kind = (text: string, name: string) => kindOfText(text, true, name).kind;

  it('shows in the text before the name is asked', () => {
    expect(kind('<!DOCTYPE html><p>x', 'x.txt')).toBe('html');
    expect(kind('<!-- saved -->\n<html lang="de"><body>x', 'x.csv')).toBe('html');
    expect(kind('{"a": [1]}', 'x.md')).toBe('json');
    expect(kind('\ufeff [1, 2]', 'x.html')).toBe('json');
    expect(kindOfText('{"a":1}\n{"a":2}\n', true, 'x.txt').mimeType).toBe('application/x-ndjson');
    expect(kindOfText('[{"a": "cut off he', false, 'x').kind).toBe('json');
    expect(kindOfText('a\tb\n1\t2\n3\t4\n5\t6\n', true, 'x.txt').mimeType).toBe('text/tab-separated-values');
  });

  it('is what the name says where it could be several', () => {
    const text = '# Title\n\nSome *words*.\n';
    expect(kind(text, 'README.MD')).toBe('markdown');
    expect(kind(text, 'notes.txt')).toBe('text');
    expect(kind('# comment\nprint(1)\n', 'x.py')).toBe('text');
    expect(kind('<p align="center">Logo</p>\n\n# Title', 'readme.md')).toBe('markdown');
    expect(kind('<p>Part of a page.</p>', 'x.html')).toBe('html');
    expect(kind('<p>Part of a page.</p>', 'x.txt')).toBe('text');
    expect(kind('name\nlamp\nbell\n', 'x.csv')).toBe('csv');
    expect(kind('name\nlamp\nbell\n', 'x.txt')).toBe('text');
    expect(kind('a,b,c\n1,2,3\n4,5,6\n7,8,9\n', 'x.py')).toBe('text');
  });

  it('is no JSON that only begins so, and no table that is prose or a program', () => {
    expect(kind('[1] The first note.\n[2] The second one.', 'x.txt')).toBe('text');
    expect(kind('{ this is no JSON }', 'x.json')).toBe('text');
    expect(kind('// settings\n{"a": 1}', 'x.json')).toBe('text');
    expect(kind('"a string"', 'x.json')).toBe('text');
    const prose = 'It was late, and the wind was low, they say.\n'.repeat(6);
    expect(kind(prose.replace('late', 'late, very'), 'x.txt')).toBe('text');
    expect(kind('const a = f(1, 2, 3);\n'.repeat(8), 'x.txt')).toBe('text');
  });

  it('is a program where lines look like one', () => {
    const lines = (text: string) => text.split('\n');
    expect(isCode(lines('def f(x):\n    return x + 1\n\nprint(f(2))'))).toBe(true);
    expect(isCode(lines('SELECT a FROM b\nWHERE c = 1;'))).toBe(true);
    expect(isCode(lines('key: value\nother: 2\nlist:\n- a'))).toBe(true);
    expect(isCode(lines('Dear keeper,\n\nthe lamp is out. Please come at once;\nthe ships wait.\nYours'))).toBe(false);
    expect(isCode(lines('灯台は一八八七年に建てられました。\n光は見えます。'))).toBe(false);
    expect(isCode([])).toBe(false);
  });
});

describe('the encoding of bytes', () => {
  const guess = (...chunks: Buffer[]) => {
    const one = createEncodingGuess();
    for (const chunk of chunks) one.add(chunk);
    return one.end();
  };

  it('is UTF-8 where a character is parted between two chunks, or cut off at the end', () => {
    const bytes = Buffer.from('Türschlösser');
    expect(guess(bytes.subarray(0, 2), bytes.subarray(2))).toBe('utf-8');
    expect(guess(bytes.subarray(0, 2))).toBe('utf-8');
  });

  it('is none that nobody can decode', () => {
    expect(guess(Buffer.from('fffe000041000000', 'hex'))).toBeNull();
  });

  it('is found in mail from Japan', () => {
    expect(guess(Buffer.from('Subject: \u001b$B$3$s$K$A$O\u001b(B hello\n', 'latin1'))).toBe('iso-2022-jp');
  });
});

describe('lines of a text', () => {
  async function lines(pieces: string[]) {
    const found: string[] = [];
    const chunks = async function* () {
      for (const text of pieces) yield { text, fraction: 0 };
    };
    for await (const { lines } of linesOf(chunks())) for (const line of lines) found.push(line.text);
    return found;
  }

  it('are the same wherever the text is parted', async () => {
    const text = 'a\r\nb\rc\n\r\nd\u2028e\r\r\nf';
    const whole = ['a', 'b', 'c', '', 'd', 'e', '', 'f'];
    expect(await lines([text])).toEqual(whole);
    for (let at = 0; at <= text.length; at++) expect(await lines([text.slice(0, at), text.slice(at)])).toEqual(whole);
    expect(await lines([...text])).toEqual(whole);
  });
});

describe('sections', () => {
  it('clean, cut and count what is added', () => {
    const sections = createSections(10_000_000);
    sections.add({ type: 'heading', level: 2, text: '  Title \u0007' });
    sections.add({ type: 'list-item', text: '- a', indent: '  ', after: '\n' });
    sections.add({ type: 'list-item', text: '- b', after: '\n' });
    sections.add({ type: 'paragraph', text: ' \n ' });
    sections.add({ type: 'paragraph', text: 'goes ', after: '' });
    sections.add({ type: 'paragraph', text: ' on.' });
    sections.turnTo(2);
    sections.add({ type: 'code', text: '\n\n  if\n    x\n' });
    sections.end();
    expect(sections.take()).toEqual([
      {
        page: null,
        text: 'Title\n\n  - a\n- b\n\ngoes  on.\n\n',
        blocks: [
          { type: 'heading', level: 2, start: 0, end: 5 },
          { type: 'list-item', start: 9, end: 12 },
          { type: 'list-item', start: 13, end: 16 },
          { type: 'paragraph', start: 18, end: 22 },
          { type: 'paragraph', start: 24, end: 27 },
        ],
      },
      { page: 2, text: '  if\n    x\n\n', blocks: [{ type: 'code', start: 0, end: 10 }] },
    ]);
  });

  it('part long blocks after lines, sentences or words, and no character', () => {
    const words = 'word '.repeat(30_000);
    const sections = createSections(10_000_000);
    sections.add({ type: 'paragraph', text: words });
    sections.end();
    const made = sections.take();
    for (const section of made) expectSound(section);
    expect(made.map(({ text }) => text).join('')).toBe(`${words.trim()}\n\n`);
    expect(blocksOf(made).every((block) => /^paragraph: word.*word$/.test(block))).toBe(true);
    for (const text of ['🏮'.repeat(50), 'e\u0301'.repeat(50), '👩‍🚀'.repeat(30)]) {
      let from = 0;
      for (const end of cutPoints(text, 33)) {
        expect(text.slice(from, end).isWellFormed()).toBe(true);
        expect(text.slice(from, end)).not.toMatch(/^[\p{M}\u200d]/u);
        from = end;
      }
      expect(from).toBe(text.length);
    }
  });

  it('end where there is more than may be', () => {
    const sections = createSections(1_000);
    expect(() => {
      for (let count = 0; count < 100; count++) sections.add({ type: 'paragraph', text: 'x'.repeat(50) });
    }).toThrow(/more text than can be read/);
  });

  it('are cleaned in time, whatever is in them', () => {
    const begun = performance.now();
    cleanText(`${' '.repeat(2_000_000)}x`);
    cleanText(' \n'.repeat(1_000_000));
    cleanText('\u0301'.repeat(200_000));
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(cleanText('a \t\n\u00a0\nb\u2029c\u0000\ufeff\ud800')).toBe('a\n\nb\nc\ufffd');
  });
});

describe('blocks of documents', () => {
  it('part a table between rows where a page ends, and a paragraph within', () => {
    const sections = createSections(10_000);
    const writer = createBlockWriter(sections);
    sections.turnTo(1);
    writer.openTable();
    for (const [row, page] of [
      ['a', 1],
      ['b', 2],
      ['c', 2],
    ] as const) {
      writer.row();
      for (const cell of [row, `${row}2`]) {
        writer.cell();
        writer.turnTo(page);
        writer.text(cell);
      }
    }
    writer.closeTable();
    writer.open({ type: 'paragraph' });
    writer.text('one ');
    writer.turnTo(3);
    writer.text('two');
    writer.finish();
    sections.end();
    expect(sections.take().map(({ page, text }) => [page, text])).toEqual([
      [1, 'a | a2\n'],
      [2, 'b | b2\nc | c2\n\none '],
      [3, 'two\n\n'],
    ]);
  });
});

describe('pages that are only forced', () => {
  it('are known until more is between two ends than surely fits', () => {
    const pages = createPageEstimate(false, { width: 480, height: 700 });
    pages.turn();
    for (let count = 0; count < 10; count++) pages.count({ length: 100 });
    expect(pages.page).toBe(2);
    pages.turn();
    for (let count = 0; count < 30; count++) pages.count({ length: 100 });
    expect(pages.page).toBeNull();
    pages.turn();
    expect(pages.page).toBeNull();
    const known = createPageEstimate(true);
    known.count({ length: 1_000_000 });
    known.turn();
    expect(known.page).toBe(2);
  });
});
