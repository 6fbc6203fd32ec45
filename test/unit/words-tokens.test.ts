import { describe, expect, it } from 'vitest';
import { foldGrams, foldWord } from '../../src/adapters/words/folding.ts';
import { termsOfQuery } from '../../src/adapters/words/query-terms.ts';
import { stem } from '../../src/adapters/words/stems.ts';
import { FIELD, termsOfWord } from '../../src/adapters/words/terms.ts';
import { forEachToken, normalise, piecesOf } from '../../src/adapters/words/tokens.ts';

function tokensOf(text: string) {
  const words: string[] = [];
  const clusters: string[] = [];
  const grams: string[] = [];
  forEachToken(normalise(text), {
    word: (word) => words.push(word),
    cluster: (characters) => clusters.push(characters),
    gram: (characters) => grams.push(characters),
  });
  return { words, clusters, grams };
}

describe('tokens', () => {
  it.each([
    ['The 6 Wings, of flow_rates: x-1.', ['the', '6', 'wings', 'of', 'flow', 'rates', 'x', '1']],
    ["Newton's laws; l'eau, don’t", ['newton', 'laws', 'eau', 'don']],
    ['Ｆｕｌｌ ﬁne ① x²', ['full', 'fine', '1', 'x2']],
    ['Größe Übergröße', ['größe', 'übergröße']],
    ['cafe\u0301 CAFÉ', ['café', 'café']],
    ['हिन्दी किताबें', ['हिन्दी', 'किताबें']],
    ['كِتَابٌ والكتاب', ['كِتَابٌ', 'والكتاب']],
    ['Tiếng Việt', ['tiếng', 'việt']],
    ['so\u00adfort می\u200cخواهم', ['so\u00adfort', 'می\u200cخواهم']],
    ['𝒳 𐐀𐐁', ['x', '𐐨𐐩']],
    ['a\ud800b\udc00c', ['a', 'b', 'c']],
    ['…!? 🦊\0', []],
  ])('finds the words of %j', (text, words) => {
    expect(tokensOf(text)).toEqual({ words, clusters: [], grams: [] });
  });

  it('takes scripts without spaces two characters at a time, and looks up what one means by itself', () => {
    expect(tokensOf('黑豹队')).toEqual({ words: [], clusters: ['黑豹', '豹队'], grams: ['黑', '豹', '队'] });
    expect(tokensOf('東京タワー').clusters).toEqual(['東京', '京タ', 'タワ', 'ワー']);
    expect(tokensOf('ﾀﾜｰ').clusters).toEqual(['タワ', 'ワー']);
    expect(tokensOf('서울에서').clusters).toEqual(['서울', '울에', '에서']);
    expect(tokensOf('猫').clusters).toEqual(['猫']);
    expect(tokensOf('𠮷野家')).toEqual({ words: [], clusters: ['𠮷野', '野家'], grams: ['𠮷', '野', '家'] });
    expect(tokensOf('第42回NFL大会')).toMatchObject({ words: ['42', 'nfl'], clusters: ['第', '回', '大会'] });
    const thai = tokensOf('ภาษาไทย');
    expect(thai.clusters).toEqual(['ภา', 'าษ', 'ษา', 'าไ', 'ไท', 'ทย']);
    expect(thai.grams).toEqual(['ภาษา', 'าษาไ', 'ษาไท', 'าไทย']);
    for (const text of ['ພາສາລາວ', 'ភាសាខ្មែរ', 'မြန်မာ']) expect(tokensOf(text).words, text).toEqual([]);
  });

  it('cuts words that go on without end, at whole characters', () => {
    const { words } = tokensOf('𐐀'.repeat(100));
    expect(words.join('')).toBe('𐐨'.repeat(100));
    expect(Math.max(...words.map(({ length }) => length))).toBeLessThanOrEqual(65);
    expect(words.every((word) => word.isWellFormed())).toBe(true);
  });

  it('cuts long texts between words, and loses nothing', () => {
    const text = Array.from({ length: 2_000 }, (_, index) => `word${index} 🦊`).join(' ');
    const pieces = [...piecesOf(text, 700)];
    expect(pieces.join('')).toBe(text);
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces.flatMap((piece) => tokensOf(piece).words)).toEqual(tokensOf(text).words);
    const endless = [...piecesOf(`${'x'.repeat(999)}🦊${'🦊'.repeat(999)}`, 1_000)];
    expect(endless.every((piece) => piece.isWellFormed())).toBe(true);
    expect([...piecesOf('')]).toEqual([]);
  });
});

describe('folding', () => {
  it.each([
    ['ΑΘΗΝΑΣ', 'Αθήνας'],
    ['ёлка', 'елка'],
    ['كِتَابٌ', 'كتاب'],
    ['كـتـاب', 'كتاب'],
    ['أحمد', 'احمد'],
    ['مدرسة', 'مدرسه'],
    ['کتاب', 'كتاب'],
    ['שָׁלוֹם', 'שלום'],
    ['Straße', 'STRASSE'],
    ['İstanbul', 'istanbul'],
    ['ılık', 'ilik'],
    ['so\u00adfort', 'sofort'],
    ['फ़िल्म', 'फिल्म'],
    ['चाँद', 'चांद'],
  ])('makes %s and %s one word', (left, right) => {
    expect(foldWord(normalise(left))).toBe(foldWord(normalise(right)));
  });

  it.each([
    ['año', 'ano'],
    ['schön', 'schon'],
    ['bạn', 'bàn'],
    ['й', 'и'],
  ])('keeps %s and %s apart as words, and near as grams', (left, right) => {
    expect(foldWord(left)).not.toBe(foldWord(right));
    expect(foldGrams(left)).toBe(foldGrams(right));
  });
});

describe('stems', () => {
  it.each([
    ['flowing', 'flows'],
    ['книги', 'книгами'],
    ['городе', 'города'],
    ['βιβλιο', 'βιβλια'],
    ['والكتاب', 'كتاب'],
    ['المدرسه', 'مدرسات'],
    ['किताबें', 'किताबों'],
  ])('are the same for %s and %s', (left, right) => {
    expect(stem(left)).toBe(stem(right));
    expect(stem(left)).not.toBe('');
  });

  it.each(['год', 'και', 'ول', 'में', 'größe', 'x1', 'việt'])('leave %s as it is', (word) => {
    expect(stem(word)).toBe(word);
  });
});

describe('terms of a question', () => {
  const fieldOf = (text: string, field: number) => termsOfQuery(text).filter((term) => term.field === field);

  it('are words, their grams, and pairs that skip stop words', () => {
    const words = fieldOf('The statue of Liberty', FIELD.WORDS);
    expect(words.map(({ hash }) => hash)).toEqual(['statue', 'liberty'].map((word) => termsOfWord(word)?.word));
    expect(fieldOf('The statue of Liberty', FIELD.GRAMS)).toHaveLength('statue'.length + 'liberty'.length - 2);
    expect(fieldOf('The statue of Liberty', FIELD.PAIRS)).toEqual(fieldOf('statue, liberty!', FIELD.PAIRS));
    expect(fieldOf('liberty statue', FIELD.PAIRS)).not.toEqual(fieldOf('statue liberty', FIELD.PAIRS));
    expect(fieldOf('wing, wings and WING', FIELD.WORDS)).toMatchObject([{ times: 3 }]);
  });

  it('are stop words only where there is nothing else', () => {
    expect(termsOfQuery('to be or not to be')).toHaveLength(4);
    expect(fieldOf('who is Lincoln', FIELD.WORDS)).toHaveLength(1);
    expect(termsOfQuery('?! …')).toEqual([]);
  });

  it('are bounded, and come from both ends of what is long', () => {
    const long = Array.from({ length: 50_000 }, (_, index) => `w${index}`).join(' ');
    const terms = termsOfQuery(`first ${long} last`);
    expect(terms.length).toBeLessThan(500);
    const hashes = new Set(terms.map(({ hash }) => hash));
    for (const word of ['first', 'last']) expect(hashes).toContain(termsOfWord(word)?.word);
    expect(termsOfQuery(`${'x '.repeat(9_000)} last`).length).toBeLessThan(12);
    expect(fieldOf(`first ${'x '.repeat(9_000)}`, FIELD.WORDS)).toHaveLength(2);
  });
});
