import { describe, expect, it } from 'vitest';
import { endOf, piecesOf, windowLength } from '../../src/services/safety/windows.ts';
import { estimatedTokens } from '../../src/util/tokens.ts';
import { lorem } from '../support/stream-plan.ts';

const take = (text: string, wanted = 20, isLast = false, most = 1_000) =>
  text.slice(0, windowLength(text, { wanted, most, isLast }));

describe('the next window of an answer', () => {
  it('waits until there is enough, and ends with a sentence', () => {
    expect(take('')).toBe('');
    expect(take('Too short. ')).toBe('');
    expect(take('One sentence. And the beginning of')).toBe('One sentence.');
    expect(take('He said "yes." Then he')).toBe('He said "yes."');
    expect(take('One. Two! Three? And four')).toBe('One. Two! Three?');
    expect(take('日本語の文章です。次の文章はまだ終わっていない')).toBe('日本語の文章です。');
    expect(take('a line of code\nand another')).toBe('a line of code\n');
    expect(take('3.14159 is not an end', 20)).toBe('');
  });

  it('does not wait for ever for an end of a sentence, nor past the end of the text', () => {
    expect(take(`${'word '.repeat(12)}wor`)).toBe(`${'word '.repeat(12)}`.trimEnd());
    expect(take('x'.repeat(60))).toBe('x'.repeat(60));
    expect(take('short', 20, true)).toBe('short');
    expect(take('', 20, true)).toBe('');
  });

  it('takes no more than a judgement has room for, whatever is waiting', () => {
    const text = lorem(5_000).join('');
    for (const isLast of [true, false]) {
      const window = take(text, 20, isLast, 100);
      expect(window).not.toBe('');
      expect(estimatedTokens.count(window)).toBeLessThanOrEqual(100);
    }
  });

  it('never splits a character', () => {
    const text = '👋'.repeat(500);
    for (let most = 50; most < 70; most++) expect(take(text, 21, false, most).isWellFormed()).toBe(true);
  });
});

describe('the pieces of a prompt', () => {
  it('hold all of it, fit, and share what is on their borders', () => {
    const text = lorem(20_000).join('').slice(0, 100_000);
    const pieces = piecesOf(text, 500);
    let whole = pieces[0] ?? '';
    for (const piece of pieces.slice(1)) {
      expect(whole.endsWith(piece.slice(0, 200))).toBe(true);
      whole += piece.slice(200);
    }
    expect(whole).toBe(text);
    for (const piece of pieces) expect(estimatedTokens.count(piece)).toBeLessThanOrEqual(500);
  });

  it('are one where there is room for all', () => {
    expect(piecesOf('a question', 500)).toEqual(['a question']);
    expect(piecesOf('', 500)).toEqual(['']);
  });

  it('never split a character', () => {
    const text = `a${'👋'.repeat(2_000)}`;
    const pieces = piecesOf(text, 301);
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
  });
});

it('the end of a text fits, and is no more cut than it has to be', () => {
  const text = lorem(3_000).join('');
  const end = endOf(text, 100);
  expect(text.endsWith(end)).toBe(true);
  expect(estimatedTokens.count(end)).toBeLessThanOrEqual(100);
  expect(estimatedTokens.count(end)).toBeGreaterThan(95);
  expect(endOf('all of it', 100)).toBe('all of it');
  expect(endOf(`a${'👋'.repeat(500)}`, 100).isWellFormed()).toBe(true);
});
