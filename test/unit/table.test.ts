import { expect, test } from 'vitest';
import { details, table, widthOf } from '../../src/cli/table.ts';

test('columns are as wide as what is in them, whatever it is written in', () => {
  expect(
    table(
      ['NAME', 'ID'],
      [
        ['手冊', '1'],
        ['👩‍🚀 Ada', '2'],
        ['Grüße', '3'],
      ],
      null,
    ),
  ).toBe('NAME    ID\n手冊    1\n👩‍🚀 Ada  2\nGrüße   3\n');
  expect(widthOf('e\u0301')).toBe(1);
});

test('the widest cells are cut where a terminal is narrow, and nowhere else', () => {
  const rows = [['A very long name that nobody can remember', 'short', '1234567890']];
  const lines = table(['NAME', 'STATE', 'ID'], rows, 40).trimEnd().split('\n');
  expect(lines[1]).toBe('A very long name th…  short  1234567890');
  expect(Math.max(...lines.map(widthOf))).toBeLessThan(40);
  expect(table(['NAME', 'STATE', 'ID'], rows, null)).toContain(rows[0]?.[0]);
  expect(table(['名'], [['漢字漢字漢字']], 10).split('\n')[1]).toBe('漢字漢字…');
});

test('nothing in a cell commands the terminal or breaks the line', () => {
  expect(table(['A'], [['x\u001b[31m\ny']], null)).toBe('A\nx[31m y\n');
  expect(table(['A'], [], null)).toBe('');
});

test('of details, what is not known is left out', () => {
  expect(
    details([
      ['Name', 'Ada'],
      ['Notes', null],
      ['Collection', 'Handbook'],
    ]),
  ).toBe('Name        Ada\nCollection  Handbook\n');
});
