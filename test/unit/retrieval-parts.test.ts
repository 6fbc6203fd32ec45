import { describe, expect, it } from 'vitest';
import type { FoundChunk } from '../../src/services/retrieval/chunks.ts';
import { estimateTokens, passagesWithin } from '../../src/services/retrieval/context.ts';
import { fuse } from '../../src/services/retrieval/fusion.ts';
import { relevantOf } from '../../src/services/retrieval/relevance.ts';
import { isSmallTalk } from '../../src/services/retrieval/small-talk.ts';

const key = (chunk: number, fileId = 'a') => ({ fileId, generation: 1, chunk });
const lexical = (...chunks: number[]) => ({
  kind: 'lexical' as const,
  hits: chunks.map((chunk) => ({ ...key(chunk), matched: 0.5 })),
});
const dense = (model: string, ...chunks: number[]) => ({
  kind: 'dense' as const,
  model,
  hits: chunks.map((chunk, index) => ({ ...key(chunk), distance: 0.2 + index / 100 })),
});

describe('fusion', () => {
  it('puts what both legs find before what one finds, and keeps both ranks', () => {
    const fused = fuse([lexical(1, 2, 3), dense('m', 4, 3)]);
    expect(fused.map(({ chunk }) => chunk)).toEqual([3, 1, 4, 2]);
    expect(fused[0]).toMatchObject({
      lexicalRank: 3,
      denseRank: 2,
      matched: 0.5,
      distance: expect.closeTo(0.21),
      model: 'm',
    });
    expect(fused[1]).toMatchObject({ lexicalRank: 1, denseRank: null, distance: null });
  });

  it('gives 1 to what is first in every leg, and less to all else', () => {
    expect(fuse([lexical(1, 2), dense('m', 1, 2)]).map(({ score }) => score)).toEqual([1, expect.closeTo(61 / 62)]);
    expect(fuse([lexical(1)])[0]?.score).toBe(1);
    expect(fuse([lexical(1), dense('m')])[0]?.score).toBe(0.5);
  });

  it('has files of different embedding models meet on equal terms', () => {
    const fused = fuse([lexical(), dense('one', 1, 2), dense('other', 8, 9)]);
    expect(fused.map(({ chunk }) => chunk)).toEqual([1, 8, 2, 9]);
  });

  it('counts a chunk that a list holds twice once', () => {
    expect(fuse([lexical(1, 1, 2)]).map(({ lexicalRank }) => lexicalRank)).toEqual([1, 3]);
  });

  it('tells generations and files apart', () => {
    const hits = [key(1), key(1, 'b'), { ...key(1), generation: 2 }].map((hit) => ({ ...hit, matched: 1 }));
    expect(fuse([{ kind: 'lexical', hits }])).toHaveLength(3);
  });
});

const found = (changes: Partial<FoundChunk>): FoundChunk => ({
  ...key(1),
  score: 1,
  lexicalRank: null,
  denseRank: null,
  matched: null,
  distance: null,
  model: null,
  fileName: 'file.txt',
  text: 'nothing of it',
  start: 0,
  end: 13,
  page: null,
  rerankScore: null,
  ...changes,
});

describe('what is relevant', () => {
  const shares = (list: FoundChunk[], question: string) => relevantOf(list, question).map(({ matched }) => matched);
  const matching = (...list: number[]) => list.map((matched) => found({ matched, lexicalRank: 1 }));

  it('has enough of what the best has, where that has enough of the question’s words', () => {
    expect(shares(matching(0.9, 0.5, 0.3, 0.1), 'how long is the warranty')).toEqual([0.9, 0.5]);
    expect(shares(matching(0.22, 0.1), 'how long is the warranty')).toEqual([0.22, 0.1]);
    expect(shares(matching(0.15, 0.1), 'how long is the warranty')).toEqual([]);
    expect(shares([], 'how long is the warranty')).toEqual([]);
  });

  it('asks less of long questions, and of languages in which characters are counted', () => {
    const long = 'word '.repeat(60);
    expect(shares(matching(0.06), long)).toEqual([0.06]);
    expect(shares(matching(0.15), '保修期有多长时间')).toEqual([0.15]);
  });

  it('counts words as they are where what all chunks are about weighs nothing', () => {
    const text = 'Warranties for kettles: two years.';
    expect(shares([found({ matched: 0.05, text })], 'How long is the warranty of the kettle?')).toEqual([0.05]);
    const many = Array.from({ length: 12 }, (_, chunk) => found({ matched: 0.05, text, chunk }));
    expect(shares(many, 'Write a poem about a warranty and the sea')).toEqual([]);
    expect(shares([found({ matched: 0.05, text: '电水壶的保修期为两年' })], '保修期是多久')).toEqual([0.05]);
  });

  it('is of a few chunks whatever has a word akin to one of the question', () => {
    const one = (text: string, question: string) => shares([found({ matched: 0.01, text })], question);
    for (const [text, question] of [
      ['Employees are entitled to 28 days of paid leave.', 'How many vacation days do I get?'],
      ['Mitarbeitende haben Anspruch auf 28 Tage Jahresurlaub.', 'Wie viele Urlaubstage habe ich?'],
      ['يحق للموظفين 28 يوم إجازة', 'كيف أطلب الإجازة؟'],
      ['每月租金为950欧元', '房租多少钱?'],
    ] as const) {
      expect(one(text, question), question).toEqual([0.01]);
    }
    for (const [text, question] of [
      ['Employees are entitled to 28 days of paid leave.', 'How much does a horse need to eat?'],
      ['Mitarbeitende haben Anspruch auf 28 Tage Jahresurlaub.', 'Wie viele Einwohner hat Berlin?'],
      ['每月租金为950欧元', '海有多大?'],
    ] as const) {
      expect(one(text, question), question).toEqual([]);
    }
    const kettle = found({ matched: 0.9, text: 'The warranty of the kettle is two years.' });
    const toaster = found({ matched: 0.1, chunk: 1, text: 'The warranty of the toaster is one year.' });
    expect(shares([kettle, toaster], 'How long is the warranty of the kettle?')).toEqual([0.9]);
  });

  it('is near in meaning, as the model has it', () => {
    const at = (distance: number, model: string) => relevantOf([found({ distance, model, denseRank: 1 })], 'x');
    expect(at(0.5, 'ollama/nomic-embed-text')).toHaveLength(1);
    expect(at(0.6, 'ollama/nomic-embed-text')).toHaveLength(0);
    expect(at(0.7, 'openai/text-embedding-3-small')).toHaveLength(1);
    expect(at(0.3, 'openai/text-embedding-ada-002')).toHaveLength(0);
  });

  it('is not left far behind by the best of its model', () => {
    const list = [0.1, 0.25, 0.4].map((distance) => found({ distance, model: 'm', denseRank: 1 }));
    expect(relevantOf(list, 'x').map(({ distance }) => distance)).toEqual([0.1, 0.25]);
  });
});

describe('small talk', () => {
  it.each([
    'Thanks!',
    'hello',
    'Hi there 👋',
    'OK',
    '👍',
    '...',
    'Vielen Dank!',
    'merci beaucoup',
    '谢谢！',
    'สวัสดีครับ',
    'ありがとうございます',
    'Спасибо большое',
  ])('is %s', (text) => expect(isSmallTalk(text)).toBe(true));
  it.each([
    'How much?',
    'warranty',
    'What is good morning in Thai?',
    'hello.txt contents',
    '退货政策是什么',
    'thanks, and the warranty?',
    '42',
    'no refunds policy',
  ])('is not %s', (text) => expect(isSmallTalk(text)).toBe(false));
});

const chunk = (index: number, text: string, changes: Partial<FoundChunk> = {}): FoundChunk => ({
  ...found({ chunk: index }),
  text,
  start: index * 100,
  end: index * 100 + text.length,
  page: null,
  rerankScore: null,
  ...changes,
});

describe('the passages of an answer', () => {
  it('have no white space around them, and offsets to match', () => {
    const [passage] = passagesWithin([chunk(1, '  \n some text \n\n')], 1_000);
    expect(passage).toMatchObject({ text: 'some text', start: 104, end: 113 });
  });

  it('are joined where they are neighbours, in the order of the text, and stand where the best of them stood', () => {
    const text = (length: number) => 'x'.repeat(length - 1).concat(' ');
    const chunks = [
      chunk(7, text(100), { fileId: 'b' }),
      chunk(3, text(100), { score: 0.9, lexicalRank: 4, page: 2 }),
      chunk(5, text(100), { score: 0.8 }),
      chunk(2, text(100), { score: 0.7, denseRank: 1, lexicalRank: 9, page: 2 }),
      chunk(8, text(100), { fileId: 'c' }),
    ];
    const passages = passagesWithin(chunks, 10_000);
    expect(passages.map(({ fileId, start, end }) => [fileId, start, end])).toEqual([
      ['b', 700, 799],
      ['a', 200, 399],
      ['a', 500, 599],
      ['c', 800, 899],
    ]);
    expect(passages[1]).toMatchObject({ score: 0.9, lexicalRank: 4, denseRank: 1, page: 2 });
    expect(passages[1]?.text).toBe(`${text(100)}${text(100)}`.trim());
  });

  it('are of one page each', () => {
    const chunks = [1, 2, 3].map((index) => chunk(index, 'x'.repeat(100), { page: index < 3 ? 1 : 2 }));
    expect(passagesWithin(chunks, 1_000).map(({ page, start, end }) => [page, start, end])).toEqual([
      [1, 100, 300],
      [2, 300, 400],
    ]);
  });

  it('keep to the budget: what is too long is passed over, the first is cut', () => {
    const words = (count: number) => 'word '.repeat(count);
    const long = chunk(1, words(2_000));
    const short = chunk(5, words(20));
    expect(passagesWithin([short, long, chunk(9, words(20))], 200).map(({ start }) => start)).toEqual([500, 900]);
    const [cut] = passagesWithin([long], 200);
    expect(estimateTokens(cut?.text ?? '')).toBeLessThanOrEqual(200);
    expect(cut?.text.length).toBeGreaterThan(300);
    expect(cut?.text.endsWith('word')).toBe(true);
    expect(cut?.end).toBe((cut?.start ?? 0) + (cut?.text.length ?? 0));
    expect(passagesWithin([long], 10)).toEqual([]);
  });

  it('are counted by what models make of a language', () => {
    expect(estimateTokens('a'.repeat(360))).toBe(100);
    expect(estimateTokens('漢'.repeat(100))).toBe(100);
    expect(estimateTokens('я'.repeat(100))).toBe(50);
  });

  it('hold nothing that the database cannot', () => {
    const [passage] = passagesWithin([chunk(1, 'a\0b\ud800c', { fileName: 'x\0.txt' })], 1_000);
    expect(passage?.text).toBe('a\ufffdb\ufffdc');
    expect(passage?.fileName).toBe('x\ufffd.txt');
  });
});
