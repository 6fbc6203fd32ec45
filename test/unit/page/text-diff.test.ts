import { describe, expect, it, test } from 'vitest';
import { editScript } from '../../../frontend/src/admin/prompts/diff/edit-script.ts';
import { foldLines } from '../../../frontend/src/admin/prompts/diff/fold-lines.ts';
import { type DiffLine, diffTexts } from '../../../frontend/src/admin/prompts/diff/text-diff.ts';

/** "-" what is removed, "+" what is added, with what is marked in brackets. */
const shown = (lines: readonly DiffLine[]) =>
  lines.map(({ kind, spans }) => {
    const sign = { same: ' ', removed: '-', added: '+' }[kind];
    return sign + spans.map(({ text, isMarked }) => (isMarked ? `[${text}]` : text)).join('');
  });

const textOf = ({ spans }: DiffLine) => spans.map(({ text }) => text).join('');
const textBefore = (lines: readonly DiffLine[]) =>
  lines
    .filter(({ kind }) => kind !== 'added')
    .map(textOf)
    .join('\n');
const textAfter = (lines: readonly DiffLine[]) =>
  lines
    .filter(({ kind }) => kind !== 'removed')
    .map(textOf)
    .join('\n');

/** Numbers from a seed, the same every time. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** The length of the longest common subsequence, the plain way. */
function commonLength(one: readonly string[], other: readonly string[]): number {
  let row = new Array<number>(other.length + 1).fill(0);
  for (const item of one) {
    const next = [0];
    for (const [index, candidate] of other.entries()) {
      next.push(item === candidate ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe('the shortest edit script', () => {
  it('leads from one list to the other, and leaves as much as can be', () => {
    const random = createRandom(7);
    for (let round = 0; round < 400; round += 1) {
      const list = () => Array.from({ length: random(14) }, () => 'abcd'[random(4)] ?? 'a');
      const [one, other] = [list(), list()];
      const pieces = editScript(one, other, 100);
      const of = (...kinds: string[]) => pieces.flatMap(({ kind, items }) => (kinds.includes(kind) ? items : []));
      expect(of('same', 'removed')).toEqual(one);
      expect(of('same', 'added')).toEqual(other);
      expect(of('same')).toHaveLength(commonLength(one, other));
      expect(pieces.every(({ kind }, index) => kind !== pieces[index + 1]?.kind)).toBe(true);
      expect(pieces.some(({ kind }, index) => kind === 'added' && pieces[index + 1]?.kind === 'removed')).toBe(false);
    }
  });

  it('replaces all in between where it would take too many edits', () => {
    expect(editScript(['a', 'b', 'c', 'd', 'z'], ['a', 'c', 'x', 'y', 'z'], 3)).toEqual([
      { kind: 'same', items: ['a'] },
      { kind: 'removed', items: ['b', 'c', 'd'] },
      { kind: 'added', items: ['c', 'x', 'y'] },
      { kind: 'same', items: ['z'] },
    ]);
    expect(editScript(['a', 'b', 'c', 'd', 'z'], ['a', 'c', 'x', 'y', 'z'], 4)).toContainEqual({
      kind: 'same',
      items: ['c'],
    });
  });
});

describe('the difference of two texts', () => {
  test.each<[string, string, string, string[]]>([
    ['nothing', 'a\nb', 'a\nb', [' a', ' b']],
    [
      'a word within a line',
      'Be very brief.\nEnd',
      'Be quite brief.\nEnd',
      ['-Be [very] brief.', '+Be [quite] brief.', ' End'],
    ],
    ['an added word', 'Be brief.', 'Be kind and brief.', ['-Be brief.', '+Be [kind and ]brief.']],
    ['a line more', 'a\nc', 'a\nb\nc', [' a', '+b', ' c']],
    ['a line less', 'a\nb\nc', 'a\nc', [' a', '-b', ' c']],
    [
      'words with spaces between',
      'Say at most this.',
      'Say no more than this.',
      ['-Say [at most] this.', '+Say [no more than] this.'],
    ],
    ['other lines', 'Say nothing.', 'Qui tacet, laudat!', ['-Say nothing.', '+Qui tacet, laudat!']],
    ['a line that is parted', 'one two', 'one\ntwo', ['-one[ ]two', '+one', '+two']],
    ['a space', 'a b  c', 'a b c', ['-a b[  ]c', '+a b[ ]c']],
    ['a script without spaces', '请简短回答', '请详细回答', ['-请[简短]回答', '+请[详细]回答']],
    ['an empty text', '', 'a', ['-', '+a']],
    ['a last line break', 'a', 'a\n', [' a', '+']],
  ])('%s', (_name, one, other, expected) => {
    expect(shown(diffTexts(one, other))).toEqual(expected);
  });

  it('numbers the lines of both texts', () => {
    const lines = diffTexts('a\nb\nc\nd', 'a\nx\ny\nc');
    expect(lines.map((line) => [line.kind, line.before, line.after])).toEqual([
      ['same', 1, 1],
      ['removed', 2, null],
      ['added', null, 2],
      ['added', null, 3],
      ['same', 3, 4],
      ['removed', 4, null],
    ]);
  });

  it('holds both texts whole, whatever they are', () => {
    const random = createRandom(3);
    const words = ['be', 'brief', 'kind', ' ', '\n', '\n\n', '\t', 'é', '答', '🙂', '\r\n', '.', ''];
    for (let round = 0; round < 300; round += 1) {
      const text = () => Array.from({ length: random(40) }, () => words[random(words.length)]).join('');
      const [one, other] = [text(), text()];
      const lines = diffTexts(one, other);
      expect(textBefore(lines)).toBe(one);
      expect(textAfter(lines)).toBe(other);
    }
  });

  it('takes the largest texts, in which nothing is the same', () => {
    const one = Array.from({ length: 50_000 }, (_, index) => String.fromCharCode(0x4e00 + (index % 10_000))).join('\n');
    const other = Array.from({ length: 50_000 }, (_, index) => String.fromCharCode(0x7530 + (index % 10_000))).join(
      '\n',
    );
    const began = performance.now();
    const lines = diffTexts(one.slice(0, 100_000), other.slice(0, 100_000));
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(textBefore(lines)).toBe(one.slice(0, 100_000));
    expect(textAfter(lines)).toBe(other.slice(0, 100_000));
  });
});

test('long stretches in which nothing has changed are folded, but for the lines around a change', () => {
  const one = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  const other = one.with(10, 'another').with(14, 'one more').with(36, 'the last');
  const stretches = foldLines(diffTexts(one.join('\n'), other.join('\n')));
  expect(stretches.map(({ isFolded, lines }) => [isFolded, lines.length])).toEqual([
    [true, 7],
    [false, 3 + 2 + 3 + 2 + 3],
    [true, 15],
    [false, 3 + 2 + 3],
  ]);
  expect(stretches.flatMap(({ lines }) => lines)).toEqual(diffTexts(one.join('\n'), other.join('\n')));
});
