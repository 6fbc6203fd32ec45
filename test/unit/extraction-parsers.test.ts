import { describe, expect, it } from 'vitest';
import { createRowParser, findDelimiter } from '../../src/adapters/extraction/formats/delimited.ts';
import { createJsonTokens, JsonFault } from '../../src/adapters/extraction/formats/json-tokens.ts';
import { columnOf, formatNumber } from '../../src/adapters/extraction/formats/xlsx-cells.ts';

/** A text in two pieces, parted at every place. */
function everyCut(text: string): string[][] {
  return Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]);
}

describe('rows of delimited text', () => {
  const rows = (pieces: string[], delimiter = ',') => {
    const parser = createRowParser(delimiter);
    return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
  };

  it('are the same wherever the text is parted', () => {
    const text = 'a,"b ""c"", d",\r\n,"line\nbreak",x"y\r"",,"" z\n\nlast';
    const whole = rows([text]);
    expect(whole).toEqual([['a', 'b "c", d', ''], ['', 'line\nbreak', 'x"y'], ['', '', ' z'], [''], ['last']]);
    for (const pieces of everyCut(text)) expect(rows(pieces)).toEqual(whole);
  });

  it('have the delimiter that parts them evenly', () => {
    const found = (text: string) => findDelimiter(text, true)?.delimiter ?? null;
    expect(found('a;b;c\n1,5;2,5;3\n4,0;5,1;6\n')).toBe(';');
    expect(found('a\tb\n1, 2\t3\n')).toBe('\t');
    expect(found('a|b\n"1|2"|3\n')).toBe('|');
    expect(found('a,b\n1\n2,3,4\n')).toBeNull();
    expect(found('Dear reader, it is late.\nThe lamp burns, the wind is low, and so on.\nGood night.')).toBeNull();
    expect(found('a,b\n')).toBeNull();
    // The last row may be cut off.
    expect(findDelimiter('a,b\n1,2\n3', false)?.rows).toBe(2);
  });

  it('take time in proportion to the text, also where a quote stays open', () => {
    const parser = createRowParser(',');
    let count = 0;
    for (let piece = 0; piece < 400; piece++)
      count += parser.push(`${piece === 0 ? '"' : ''}${'x,y\n'.repeat(16_384)}`).length;
    count += parser.end().length;
    // The quote ends where no cell is as long; everything after it are rows again.
    expect(count).toBeGreaterThan(400 * 16_384 * 0.95);
  });
});

describe('tokens of JSON', () => {
  function read(pieces: string[]): string[] {
    const events: string[] = [];
    let value = '';
    const tokens = createJsonTokens({
      open: (kind) => events.push(kind === 'object' ? '{' : '['),
      close: () => events.push('}'),
      key: (name) => events.push(`${name}:`),
      value(text, more) {
        value += text;
        if (more) return;
        events.push(value);
        value = '';
      },
    });
    for (const piece of pieces) tokens.push(piece);
    tokens.end();
    return events;
  }

  it('are the same wherever the text is parted', () => {
    const text = ' {"a\\n\\"b" : [1, -2.5e+3,true ,null,"\\ud83c\\udfee\\/é\\u0041"], "":{}}\n[]\n"x" 7';
    const whole = [
      '{',
      'a\n"b:',
      '[',
      '1',
      '-2.5e+3',
      'true',
      'null',
      '🏮/éA',
      '}',
      ':',
      '{',
      '}',
      '}',
      '[',
      '}',
      'x',
      '7',
    ];
    for (const pieces of everyCut(text)) expect(read(pieces)).toEqual(whole);
    expect(read([...text])).toEqual(whole);
  });

  it.each([
    '{"a": 1,}',
    '{"a" 1}',
    '{a: 1}',
    '[1 2]',
    '[1,]',
    '[,1]',
    '}',
    ']',
    '{]',
    '[}',
    '01',
    '1.',
    'tru',
    '"a\nb"',
    '"\\x"',
    '"\\u12g4"',
    '{"a"}',
    '[1',
    '"open',
    '{"a":',
    '+1',
    'NaN',
    "{'a': 1}",
  ])('are refused in %j, as by JSON.parse', (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(() => read([text])).toThrow(JsonFault);
    expect(() => read([...text])).toThrow(JsonFault);
  });

  it('come from a string of any length in pieces that part no character', () => {
    const pieces: string[] = [];
    const text = '🏮'.repeat(100_000);
    const tokens = createJsonTokens({ open() {}, close() {}, key() {}, value: (piece) => pieces.push(piece) });
    for (const piece of JSON.stringify(text).match(/[\s\S]{1,1001}/g) ?? []) tokens.push(piece);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(pieces.join('')).toBe(text);
  });
});

describe('cells of workbooks', () => {
  it('show numbers as their formats do', () => {
    expect(formatNumber('0.1', 'general', false)).toBe('0.1');
    expect(formatNumber('0.30000000000000004', 'general', false)).toBe('0.3');
    expect(formatNumber('1E+20', 'general', false)).toBe('100000000000000000000');
    expect(formatNumber('0.07', 'percent', false)).toBe('7%');
    expect(formatNumber('45351', 'date', false)).toBe('2024-02-29');
    expect(formatNumber('45351.770833333336', 'date-time', false)).toBe('2024-02-29 18:30');
    expect(formatNumber('0.5', 'time', false)).toBe('12:00');
    expect(formatNumber('1.0000115740740741', 'time', false)).toBe('24:00:01');
    // Excel's calendar has a 29 February 1900; before it, its days are one off.
    expect(formatNumber('1', 'date', false)).toBe('1900-01-01');
    expect(formatNumber('59', 'date', false)).toBe('1900-02-28');
    expect(formatNumber('61', 'date', false)).toBe('1900-03-01');
    expect(formatNumber('0', 'date', true)).toBe('1904-01-01');
    for (const odd of ['', 'x', '-1', '1e9', 'NaN', '1e400'])
      expect(typeof formatNumber(odd, 'date', false)).toBe('string');
  });

  it('are in the column that their reference names', () => {
    expect(['A1', 'Z9', 'AA10', 'XFD1048576', undefined, '12', ''].map(columnOf)).toEqual([
      0,
      25,
      26,
      16_383,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
