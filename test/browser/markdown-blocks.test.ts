import { expect, test } from 'vitest';
import { type BlockSplit, splitBlocks } from '../../frontend/src/markdown/split-blocks.ts';
import { HOSTILE } from './hostile-markdown.ts';

const TEXTS = [
  'One.\n\nTwo.\n\nThree.',
  '# Head\ntext\n---\nmore\n\n- a\n- b\n\n  still b\n\n    code in b\n- c\n\nend',
  '- a\n---\n- b\n--\n\n1. one\n1\n2. two',
  'A table\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n\nafter\n| c |\n| --- |\n',
  '```js\nconst a = 1;\n\n\nconst b = 2;\n```\n\n    indented\n\n    again\n\n~~~\nopen to the end\n\ntext',
  '> quote\nlazy\n\n> another\n> - list\n\n<div>\n\nhtml\n\n</div>\n\n<!-- a\n\ncomment -->\n\nend',
  'See [one] and [two][2].\n\n[one]: https://example.org/1\n\n[2]: https://example.org/2 "title"\n\nend [one]',
  'line\r\nline\r\n\r\nnext\r\n\r\n😀 surrogates 👩‍🚀\n\n\n\n\nlast\n#\n#x\n##\n\n***\n***x',
  HOSTILE,
];

/** The text as it grows by steps of so many characters. */
function grow(text: string, step: number): { splits: BlockSplit[]; last: BlockSplit } {
  const splits: BlockSplit[] = [];
  let split: BlockSplit | null = null;
  for (let end = step; end < text.length; end += step) {
    split = splitBlocks(text.slice(0, end), split);
    splits.push(split);
  }
  return { splits, last: splitBlocks(text, split) };
}

test.each(TEXTS)('blocks of a growing text are those of the whole text (%#)', (text) => {
  const whole = splitBlocks(text, null);
  expect(whole.blocks.join('')).toBe(text.slice(text.length - whole.blocks.join('').length));
  for (const step of [1, 2, 7, 50]) {
    const { last } = grow(text, step);
    expect(last.blocks).toEqual(whole.blocks);
    expect(last.definitions).toBe(whole.definitions);
  }
});

test.each(TEXTS)('a finished block stays as it is (%#)', (text) => {
  const { splits, last } = grow(text, 1);
  for (const { blocks, finished } of splits) {
    expect(last.blocks.slice(0, finished)).toEqual(blocks.slice(0, finished));
  }
});

test('what is parsed for a piece of a long text does not grow with the text', () => {
  const { splits } = grow('A paragraph of some words.\n\n'.repeat(200), 28);
  for (const { source, finishedEnd } of splits.slice(4)) expect(source.length - finishedEnd).toBeLessThan(100);
});
