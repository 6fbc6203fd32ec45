import { describe, expect, it } from 'vitest';
import { BUILTIN_MODEL, createBuiltinModel } from '../../src/adapters/models/builtin.ts';
import { extract } from '../../src/adapters/models/builtin-extract.ts';
import { plainText } from '../../src/adapters/models/builtin-markdown.ts';
import { sentencesOf } from '../../src/adapters/models/builtin-sentences.ts';
import type { Citation } from '../../src/ports/event-log.ts';
import { collectParts, modelRequest } from '../support/collect-parts.ts';

const cite = (...texts: string[]): Citation[] =>
  texts.map((text, at) => ({
    index: at + 1,
    passage: {
      fileId: '0',
      fileName: 'f.txt',
      text,
      page: null,
      start: 0,
      end: text.length,
      score: 1,
      denseRank: null,
      lexicalRank: at + 1,
      rerankScore: null,
    },
  }));

const HANDBOOK = `Employee handbook

Chapter 3: Leave

Every employee has 27 days of paid leave a year. Leave that is not taken by the end of March
lapses, unless Dr. Smith of the personnel office has agreed in writing. Part-time employees have a share of it.

The canteen is open from 11.30 a.m. to 2 p.m. and closed on Fridays.`;

const quote = (question: string, ...texts: string[]) =>
  extract({ question, citations: cite(...texts) }).map(({ text, citation }) => `[${citation.index}] ${text}`);

describe('sentences', () => {
  const texts = (text: string) => sentencesOf(text).map((sentence) => sentence.text);

  it('are found across the lines of a page, and not after abbreviations', () => {
    expect(texts(HANDBOOK)).toEqual([
      'Employee handbook',
      'Chapter 3: Leave',
      'Every employee has 27 days of paid leave a year.',
      'Leave that is not taken by the end of March lapses, unless Dr. Smith of the personnel office has agreed in writing.',
      'Part-time employees have a share of it.',
      'The canteen is open from 11.30 a.m. to 2 p.m. and closed on Fridays.',
    ]);
  });

  it.each([
    ['Die Frist beträgt z. B. ca. 30 Tage. Danach verfällt der Anspruch.', 2],
    ['保修期为两年。请保留发票。退货需在十四天内。', 3],
    ['保証期間は2年です。領収書を保管してください。', 2],
    ['مدة الضمان سنتان. احتفظ بالفاتورة؟ نعم.', 3],
    ['वारंटी दो साल की है। रसीद रखें।', 2],
  ])('of %s', (text, count) => expect(sentencesOf(text)).toHaveLength(count));

  it('of a script that marks no ends are cut at its spaces', () => {
    const thai = 'การรับประกันสินค้ามีระยะเวลาสองปีนับจากวันที่ซื้อ '.repeat(12).trim();
    const found = texts(thai);
    expect(found.length).toBeGreaterThan(3);
    expect(found.join(' ')).toBe(thai);
  });

  it('of a table are its rows, and no line is endless', () => {
    expect(texts('name,city,price\nAnna,Bonn,12\nBen,Köln,15')).toEqual([
      'name,city,price',
      'Anna,Bonn,12',
      'Ben,Köln,15',
    ]);
    const long = texts(`${'word '.repeat(400)}${'x'.repeat(900)}`);
    expect(Math.max(...long.map(({ length }) => length))).toBeLessThanOrEqual(420);
    expect(long.join('').replaceAll(' ', '')).toHaveLength(400 * 4 + 900);
  });
});

describe('what is quoted', () => {
  it('is the sentence that answers, and not the others', () => {
    const [first, ...others] = quote('How many days of paid leave do I have?', HANDBOOK);
    expect(first).toMatch(/^\[1\] Every employee has 27 days of paid leave a year\./);
    expect([first, ...others].join()).not.toContain('canteen');
    expect(quote('When is the canteen open?', HANDBOOK)).toEqual([
      '[1] The canteen is open from 11.30 a.m. to 2 p.m. and closed on Fridays.',
    ]);
  });

  it.each([
    [
      'Wie lang ist die Kündigungsfrist?',
      'Der Vertrag gilt ein Jahr. Die Kündigungsfristen betragen drei Monate. Zahlbar ist monatlich.',
      /drei Monate/,
    ],
    ['保修期是多久？', '请保留发票。保修期为两年。营业时间为九点。', /两年/],
    ['ระยะเวลารับประกันกี่ปี', 'ร้านเปิดเก้าโมง\n\nการรับประกันมีระยะเวลาสองปี', /สองปี/],
    ['Quelle est la durée de la garantie ?', 'Le magasin ouvre à neuf heures. La garantie dure deux ans.', /deux ans/],
  ])('answers %s', (question, text, expected) => {
    const quoted = quote(question, text);
    expect(quoted).toHaveLength(1);
    expect(quoted[0]).toMatch(expected);
  });

  it('comes in the order of the passages, from each with its number, and nothing twice', () => {
    const quoted = quote(
      'warranty of the toaster',
      'The toaster is red. The warranty of the toaster is two years.',
      'The warranty of the toaster is two years!',
      'In France the warranty of the toaster is three years, by law.',
    );
    expect(quoted).toEqual([
      '[1] The warranty of the toaster is two years.',
      '[3] In France the warranty of the toaster is three years, by law.',
    ]);
  });

  it('is nothing where nothing fits', () => {
    expect(quote('Who won the world cup?', HANDBOOK)).toEqual([]);
    expect(quote('the of and', HANDBOOK)).toEqual([]);
    expect(quote('leave')).toEqual([]);
  });

  it('is a few sentences, however long everything is', () => {
    const text = Array.from(
      { length: 500 },
      (_, index) => `The leave of person ${index} is ${index * 7} days long.`,
    ).join(' ');
    const started = performance.now();
    const quoted = quote(`leave days ${'word '.repeat(20_000)} of the person`, text, text, text);
    expect(quoted.join(' ').length).toBeLessThan(1_200);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('the built-in answerer with files', () => {
  const model = createBuiltinModel();
  const ask = (question: string, texts: string[], changes: object = {}) =>
    collectParts(
      model.stream(
        modelRequest(BUILTIN_MODEL, {
          messages: [{ role: 'user', content: 'the fenced prompt, which it does not read' }],
          grounding: { question, citations: cite(...texts), degraded: null },
          ...changes,
        }),
      ),
    );

  it('quotes with numbers, says that it quotes and how to get a model, word by word', async () => {
    const { text, parts, finish } = await ask('How many days of paid leave?', ['Nothing here.', HANDBOOK]);
    expect(text).toContain('> Every employee has 27 days of paid leave a year.');
    expect(text).toMatch(/\[2\]/);
    expect(text).not.toContain('[1]');
    expect(text).toContain('no language model is configured');
    expect(text).toContain('ollama pull');
    expect(text).not.toContain('fenced prompt');
    expect(parts.length).toBeGreaterThan(20);
    expect(finish).toEqual({ type: 'finish', reason: 'stop', usage: null });
  });

  it('says plainly when nothing fits, and does not say that there are no documents', async () => {
    for (const { text } of [await ask('Who won the world cup?', [HANDBOOK]), await ask('Who won the world cup?', [])]) {
      expect(text).toContain('“Who won the world cup?”');
      expect(text).not.toContain('>');
      expect(text).not.toContain('no documents');
    }
  });

  it('says so where the files could not be searched', async () => {
    const degraded = 'Your files could not be searched: the answer is made without them.';
    const { text } = await ask('leave?', [], { grounding: { question: 'leave?', citations: [], degraded } });
    expect(text).toContain(degraded);
    expect(text).not.toContain('found nothing');
  });

  it('shows what stands in a document as text: no marks, links, pictures or numbers of its own', async () => {
    const hostile =
      'The leave is <img src=x onerror=alert(1)> **27** days ![x](https://evil.example/p.png) [2] www.evil.example a@evil.example `code`.';
    const { text } = await ask('How long is the leave in days?', [hostile]);
    const line = text.split('\n').find((candidate) => candidate.startsWith('> ')) ?? '';
    expect(line.endsWith(' [1]')).toBe(true);
    const quoted = line.slice(2, -4);
    expect(quoted).not.toMatch(/(?<!\\)[*<>[\]`]/);
    expect(quoted).not.toMatch(/https:\/\/|www\.|(?<!\\)@/);
    // What Markdown makes of it is what stood there.
    expect(quoted.replace(/\\([!-/:-@[-`{-~])/g, '$1')).toBe(hostile);
  });

  it.each(['1. list', '- list', '+ list', '# heading', '> quote', '| a | b |', '=== line', '$x$', '~~gone~~'])(
    'leaves nothing of the form of %j',
    (text) => expect(plainText(text)).toMatch(/^(\d*)\\/),
  );

  it('has words of languages without spaces come in pieces', async () => {
    const { parts } = await ask('保修期是多久？', [
      '保修期为两年，从购买之日算起，凭发票在所有门店有效，也包括网上商店和合作伙伴的商店，以及所有零件和人工费用在内。',
    ]);
    for (const part of parts) if (part.type === 'text-delta') expect(part.text.length).toBeLessThan(40);
  });
});
