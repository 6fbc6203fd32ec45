import { describe, expect, it } from 'vitest';
import type { TextBlock, TextSection } from '../../src/ports/file-reader.ts';
import { splitText, type TextChunk } from '../../src/services/ingestion/split.ts';
import { countedTokens, estimatedTokens, type Tokens } from '../../src/util/tokens.ts';
import { createRandom } from '../support/random.ts';

type Part = { type: TextBlock['type']; text: string; level?: number };

const paragraph = (text: string): Part => ({ type: 'paragraph', text });
const heading = (level: number, text: string): Part => ({ type: 'heading', level, text });

/** A section of blocks with an empty line between them. */
function section(parts: Part[], page: number | null = null, gap = '\n\n'): TextSection {
  let text = '';
  const blocks: TextBlock[] = [];
  for (const { text: own, ...block } of parts) {
    blocks.push({ ...block, start: text.length, end: text.length + own.length });
    text += own + gap;
  }
  return { text, page, blocks };
}

async function split(sections: TextSection[], target = 100, options: { tokens?: Tokens; maxTokens?: number } = {}) {
  async function* source() {
    yield* sections;
  }
  const { tokens = estimatedTokens, maxTokens = null } = options;
  const chunks: TextChunk[] = [];
  for await (const chunk of splitText(source(), { tokens, targetTokens: target, maxTokens })) chunks.push(chunk);
  return chunks;
}

function words(count: number, word = 'lorem'): string {
  return Array.from({ length: count }, (_, index) => `${word}${index}`).join(' ');
}

const sentence = (index: number) => `This is sentence number ${index} of a long story, and it goes on for a while. `;
const story = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => sentence(from + index))
    .join('')
    .trim();

describe('splitting by structure', () => {
  it('begins a chunk at a heading, keeps it with what follows, and says which headings are above', async () => {
    const chunks = await split([
      section([
        heading(1, '# The book'),
        paragraph(story(0, 4)),
        heading(2, '## Chapter one ##'),
        paragraph(story(4, 8)),
        heading(3, 'A section\nwith two lines'),
        paragraph(story(8, 12)),
        heading(2, 'Chapter two'),
        paragraph(story(12, 16)),
      ]),
    ]);
    expect(chunks.map(({ heading }) => heading)).toEqual([
      'The book',
      'The book › Chapter one',
      'The book › Chapter one › A section with two lines',
      'The book › Chapter two',
    ]);
    expect(chunks.map(({ text }) => text.split('\n')[0])).toEqual([
      '# The book',
      '## Chapter one ##',
      'A section',
      'Chapter two',
    ]);
  });

  it('never leaves a heading behind when what follows goes to the next chunk', async () => {
    const filled = paragraph(story(0, 4));
    const chunks = await split([
      section([heading(1, 'One'), filled, heading(2, 'Two'), heading(3, 'Three'), paragraph(story(4, 8)), filled]),
    ]);
    expect(chunks).toHaveLength(3);
    expect(chunks[1]?.text).toMatch(/^Two\n\nThree\n\nThis is sentence number 4 /);
    // Also where the block has to be cut.
    const long = await split([section([heading(1, 'One'), filled, heading(2, 'Two'), paragraph(story(4, 40))])]);
    expect(long.filter(({ text }) => /Two\s*$/.test(text))).toEqual([]);
    expect(long[1]?.text).toMatch(/^Two\n\nThis is sentence number 4 /);
  });

  it('joins small sections below a common heading, and says what they have in common', async () => {
    const questions = Array.from({ length: 8 }, (_, index) => [heading(2, `Question ${index}`), paragraph('Yes.')]);
    const chunks = await split([section([heading(1, 'Questions'), ...questions.flat()])]);
    expect(chunks.length).toBeLessThan(5);
    expect(chunks[0]?.heading).toBe('Questions');
    const apart = await split([
      section([heading(1, 'Alpha'), paragraph('Short.'), heading(1, 'Beta'), paragraph('As short.')]),
    ]);
    expect(apart.map(({ heading, text }) => [heading, text.trim()])).toEqual([
      ['Alpha', 'Alpha\n\nShort.'],
      ['Beta', 'Beta\n\nAs short.'],
    ]);
  });

  it('ends a chunk with its page, and never mixes pages', async () => {
    const chunks = await split([
      section([heading(1, 'Title'), paragraph('First page.')], 1),
      section([paragraph('Second page.')], 2),
      section([paragraph('Second page goes on.')], 2),
      section([paragraph('Third.')], 3),
    ]);
    expect(chunks.map(({ page, text }) => [page, text.trim().replace(/\s+/g, ' ')])).toEqual([
      [1, 'Title First page.'],
      [2, 'Second page. Second page goes on.'],
      [3, 'Third.'],
    ]);
    expect(chunks.map(({ heading }) => heading)).toEqual(['Title', 'Title', 'Title']);
  });

  it('gives an empty page to the chunk before it', async () => {
    const pages = [section([paragraph('One.')], 1), { text: ' \n\f', page: 2, blocks: [] }];
    const chunks = await split([{ text: '\n\n', page: 1, blocks: [] }, ...pages, section([paragraph('Three.')], 3)]);
    expect(chunks.map(({ page, text, start }) => [page, text, start])).toEqual([
      [1, '\n\nOne.\n\n \n\f', 0],
      [3, 'Three.\n\n', 11],
    ]);
    expect(await split([{ text: ' \n ', page: null, blocks: [] }])).toEqual([]);
  });

  it('keeps tables and code whole where they fit, else cuts at rows and lines', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => `| row ${index} | value ${index * 7} |`);
    const table = (count: number): Part => ({ type: 'table', text: rows.slice(0, count).join('\n') });
    const whole = await split([section([paragraph(story(0, 3)), table(8), paragraph(story(3, 6))])]);
    expect(whole.some(({ text }) => text.includes(rows.slice(0, 8).join('\n')))).toBe(true);
    for (const { text } of await split([section([table(60)])])) {
      expect(text).toMatch(/^\| row \d+ .*\|\s*$/s);
    }
    const lines = Array.from({ length: 80 }, (_, index) => `  call(${index}, "text ${index}");`);
    const code: Part = { type: 'code', text: lines.join('\n') };
    for (const { text } of await split([section([code])])) expect(text).toMatch(/^ {2}call\(.*\);\s*$/s);
  });

  it('keeps small records whole and lets them share a chunk', async () => {
    const records = Array.from({ length: 30 }, (_, index) => paragraph(`name: person ${index}; age: ${index + 20}`));
    const chunks = await split([section(records, null, '\n')]);
    expect(chunks.length).toBeLessThan(8);
    for (const { text } of chunks) expect(text).toMatch(/^name: person \d+; age: \d+\n(.*\n)*$/);
  });

  it('cuts a long paragraph at sentences, also without spaces between them', async () => {
    for (const { text } of await split([section([paragraph(story(0, 60))])])) {
      expect(text).toMatch(/^This is sentence .*while\.\s*$/s);
    }
    const chinese = '这是一个很长的故事，它有很多句子。'.repeat(60);
    const chunks = await split([section([paragraph(chinese)])]);
    expect(chunks.length).toBeGreaterThan(5);
    for (const { text } of chunks) expect(text).toMatch(/^这.*。\s*$/s);
    for (const { text } of await split([section([paragraph(words(400))])])) expect(text).toMatch(/^lorem\d+ .* ?$/s);
  });

  it('leaves no tiny rest where it can be joined', async () => {
    // A little more than what fits.
    const chunks = await split([section([paragraph(story(0, 5)), paragraph('The end.')])]);
    expect(chunks.map(({ text }) => text.length > 100)).not.toContain(false);
  });
});

const GRAPHEMES = ['👩‍👩‍👧‍👦', '🇩🇪', 'é', 'e\u0301', '각', 'กำ', '\r\n', '👍🏽', 'नि'];
const ALPHABETS = [
  'abcdefghij klmnop qrstuvwxyz. ',
  'абвгд ежзик лмноп. ',
  '漢字仮名交じり文。',
  ' \n\t\r\n',
  'x',
  '{"a": 1},\n',
];

/** Any text there may be, in any blocks and pages. */
function randomDocument(random: () => number): TextSection[] {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const text = (length: number) => {
    const alphabet = pick(ALPHABETS);
    let made = '';
    while (made.length < length) made += random() < 0.05 ? pick(GRAPHEMES) : pick([...alphabet]);
    return made;
  };
  const types = ['heading', 'paragraph', 'list-item', 'table', 'code'] as const;
  let page = random() < 0.5 ? null : 1;
  return Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
    if (page !== null && random() < 0.6) page += 1;
    const parts = Array.from({ length: Math.floor(random() * 8) }, () => {
      const type = pick(types);
      const length = type === 'heading' ? 5 + random() * 60 : random() ** 3 * 6_000;
      return { type, text: text(length), ...(type === 'heading' && { level: 1 + Math.floor(random() * 4) }) };
    });
    const made = section(parts, page, pick(['\n\n', '\n', ' ']));
    // Sections as a format without blocks gives them, and with white space around.
    if (random() < 0.2) return { ...made, blocks: [] };
    if (random() < 0.2) {
      const blocks = made.blocks.map((block) => ({ ...block, start: block.start + 2, end: block.end + 2 }));
      return { ...made, text: `\n ${made.text}`, blocks };
    }
    return made;
  });
}

/** As a model counts, roughly: words and what stands between them, long words in pieces. */
const byWords = countedTokens((text) =>
  (text.match(/\p{L}+|\s|[^\p{L}\s]/gu) ?? []).reduce((sum, word) => sum + Math.ceil(word.length / 5), 0),
);

describe.each([
  ['estimated', estimatedTokens],
  ['counted', byWords],
])('any text, by %s tokens', (_name, tokens) => {
  it('is tiled by chunks that are not too large, of one page each, and that split no character', async () => {
    const random = createRandom(20_261_121);
    const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
    for (let round = 0; round < 150; round++) {
      const sections = randomDocument(random);
      const maxTokens = random() < 0.5 ? 130 : undefined;
      const chunks = await split(sections, 120, { tokens, ...(maxTokens && { maxTokens }) });
      const whole = sections.map(({ text }) => text).join('');
      if (/\S/.test(whole)) expect(chunks.map(({ text }) => text).join('')).toBe(whole);
      else expect(chunks).toEqual([]);
      let end = 0;
      for (const [index, chunk] of chunks.entries()) {
        expect([chunk.index, chunk.start, chunk.end]).toEqual([index, end, end + chunk.text.length]);
        end = chunk.end;
        expect(tokens.count(chunk.text)).toBeLessThanOrEqual(maxTokens ?? 150);
        expect(chunk.text.isWellFormed()).toBe(true);
      }
      const boundaries = new Set([...graphemes.segment(whole)].map(({ index }) => index).concat(whole.length));
      const begins = sectionBegins(sections);
      for (const { start } of chunks) expect(boundaries.has(start) || begins.has(start)).toBe(true);
      const pages = pageStretches(sections);
      for (const chunk of chunks) {
        const first = chunk.start + chunk.text.search(/\S/);
        const last = chunk.start + chunk.text.trimEnd().length - 1;
        if (last < first) continue;
        expect([pages(first), pages(last)]).toEqual([chunk.page, chunk.page]);
      }
    }
  });
});

/** Where sections and blocks begin: their maker has decided that these are places to cut. */
function sectionBegins(sections: TextSection[]): Set<number> {
  const begins = new Set<number>();
  let offset = 0;
  for (const { text, blocks } of sections) {
    begins.add(offset);
    for (const { start } of blocks) begins.add(offset + start);
    offset += text.length;
  }
  return begins;
}

function pageStretches(sections: TextSection[]) {
  return (at: number): number | null => {
    let offset = 0;
    for (const { text, page } of sections) {
      offset += text.length;
      if (at < offset) return page;
    }
    throw new Error(`${at} is beyond the text.`);
  };
}

describe('sizes', () => {
  it('are estimated to within a third of what current models count', () => {
    // Counted with the vocabulary that GPT-4 uses.
    const english =
      'The quick brown fox jumps over the lazy dog while the sun sets slowly behind the distant mountains.';
    expect(estimatedTokens.count(english) / 19).toBeGreaterThan(0.9);
    expect(estimatedTokens.count(english) / 19).toBeLessThan(1.4);
    const chinese = '今天天气很好，我们一起去公园散步吧。';
    expect(estimatedTokens.count(chinese)).toBeGreaterThan(chinese.length / 1.6);
    expect(estimatedTokens.count(chinese)).toBeLessThanOrEqual(chinese.length);
  });

  it('reach the target: a long text has few small chunks', async () => {
    const paragraphs = Array.from({ length: 200 }, (_, index) =>
      paragraph(story(index * 7, index * 7 + (index % 7) + 1)),
    );
    const chunks = await split([section(paragraphs)], 400);
    const sizes = chunks.map(({ text }) => estimatedTokens.count(text));
    expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeGreaterThan(300);
    expect(sizes.filter((size) => size < 100)).toEqual([]);
  });

  it('ask a model for its count of bounded texts, and few times', async () => {
    let asked = 0;
    let longest = 0;
    const tokens = countedTokens((text) => {
      asked += 1;
      longest = Math.max(longest, text.length);
      return Math.ceil(text.length / 4);
    });
    const chunks = await split([section([paragraph(story(0, 5_000))])], 400, { tokens });
    expect(longest).toBeLessThan(10_000);
    expect(asked / chunks.length).toBeLessThan(6);
  });
});
