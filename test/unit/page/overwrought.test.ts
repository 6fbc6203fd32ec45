import { expect, test, vi } from 'vitest';
import { isOverwrought } from '../../../frontend/src/markdown/overwrought.ts';
import { parseMarkdown } from '../../../frontend/src/markdown/parse.ts';
import { createTextStarts } from '../../../frontend/src/markdown/text-starts.ts';
import { createRandom } from '../../support/random.ts';

vi.mock('decode-named-character-reference', () => ({ decodeNamedCharacterReference: () => false }));

const nested = Array.from({ length: 400 }, (_, depth) => `${'  '.repeat(depth)}- a`).join('\n');

const OPENINGS = '!['.repeat(1_000);

test.each([
  ['quotes', `${'>'.repeat(5_000)} a`],
  ['lists on one line', `${'- '.repeat(2_500)}a`],
  ['lists line by line', nested],
  ['quotes and lists, after other text', `Well.\n\n${'> 1. '.repeat(1_000)}a`],
  ['runs of emphasis', `${'*'.repeat(5_000)}a${'*'.repeat(5_000)}`],
  ['emphasis that is opened again and again', '*a **a '.repeat(700)],
  ['brackets', `${'['.repeat(5_000)}a${']'.repeat(5_000)}`],
  ['pictures within pictures', `${'!['.repeat(2_500)}a${'](x)'.repeat(2_500)}`],
  ['backticks', Array.from({ length: 300 }, (_, index) => '`'.repeat(index)).join(' a ')],
  ['what looks like items of a list, in a paragraph', `text\n${'2. ![a ![b\n'.repeat(400)}`],
  ['what looks like nested items, in a paragraph', `text\n${'    - ![a ![b\n'.repeat(400)}`],
  ['what looks like items of a list that has ended', `1. a\n\ntext\n${'2. ![a ![b\n'.repeat(400)}`],
  ['what looks like a table of another width', `| a | b |\n| - |\n${'| ![a ![b |\n'.repeat(400)}`],
  ['what looks like rows after a table', `| a |\n| - |\n> x\n${'| ![a ![b |\n'.repeat(400)}`],
  ['lines that only look blank', '![a ![b\n\u00A0\n'.repeat(400)],
  ['what follows a fence in a quote that has ended', `> \`\`\`\n${OPENINGS}`],
  ['what follows a fence in a list that has ended', `- a\n\n  \`\`\`\n${OPENINGS}`],
  ['what follows a fence on the line of an item', `- ~~~\n${OPENINGS}`],
  ['what follows a fence that is indented code', `    \`\`\`\n\n${OPENINGS}`],
  ['what follows a fence within code', `~~~~\n~~~\n~~~~\n${OPENINGS}`],
  ['what follows a fence that has more text', `\`\`\` a\`\n${OPENINGS}`],
  ['what follows a fence in HTML', `<pre>\n\`\`\`\n</pre>\n\n${OPENINGS}`],
  ['what follows a fence in HTML that ends with a blank line', `<div>\n\u00A0\n\`\`\`\n\n${OPENINGS}`],
  ['brackets that nothing has opened', ']('.repeat(2_000)],
  ['a quote that is gone on with', `> a\n${'a\n'.repeat(3_000)}`],
  ['headings of a letter each', 'a\n-\n'.repeat(400)],
  ['lines that end in the old way', `~~~\r~~~\r${OPENINGS}`],
])('%s', (_, text) => {
  expect(isOverwrought(text)).toBe(true);
});

test.each([
  ['a rule', `One\n\n${'*'.repeat(100)}\n\n${'_'.repeat(90)}\n\n${'-'.repeat(120)}`],
  ['code', `\`\`\`json\n${'[[1, 2], ["*", "_"]], '.repeat(2_000)}\n\`\`\``],
  ['rules between paragraphs', 'One\n\n---\n\n'.repeat(1_000)],
  ['code with banners', `Well:\n\n\`\`\`c\n/${'*'.repeat(70)}/\nx\n/${'*'.repeat(70)}/\n\`\`\`\n\nend`],
  [
    'code with banners, in a list and after it',
    `1. One\n   ~~~~c\n   /${'*'.repeat(70)}/\n   ~~~\n   ~~~~\n2. Two\n\n\`\`\`c\n/${'*'.repeat(70)}/\n\`\`\`\n`,
  ],
  ['code that quotes fences', `\`\`\`\`md\n\`\`\`json\n${'[1], '.repeat(1_000)}\n\`\`\`\n\`\`\`\`\n`],
  ['an answer with many citations', 'A sentence with a source [1], and **another** one [2, 3].\n\n'.repeat(2_000)],
  ['a long list of emphases', '- **An item** with *words* and a source [1].\n'.repeat(2_000)],
  ['a long list of tasks, some below others', '- [ ] **One**\n  - [x] *two*\n    1. [three](x)\n'.repeat(1_000)],
  [
    'a long list that is counted',
    Array.from({ length: 2_000 }, (_, index) => `${index + 1}. **Item** [1]`).join('\r\n'),
  ],
  ['a long table', `| **a** | b |\n| --- | :-: |\n${'| **x** [1] | _y_ |\n'.repeat(2_000)}`],
  ['a list with some levels', Array.from({ length: 12 }, (_, depth) => `${'  '.repeat(depth)}- a`).join('\n')],
  ['a wide table', `|${'a|'.repeat(50)}\n|${'-|'.repeat(50)}\n${`|${'b|'.repeat(50)}\n`.repeat(100)}`],
])('%s is not', (_, text) => {
  expect(isOverwrought(text)).toBe(false);
});

test('what is told to be the start of a text is never in the middle of one', () => {
  const random = createRandom(20_261_127);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? '';
  const INDENTS = ['', '', '', ' ', '  ', '   ', '    ', '     ', '      ', '         '];
  const STARTS = [
    '- ',
    '* ',
    '1. ',
    '1) ',
    '2. ',
    '3. ',
    '3) ',
    '> ',
    '> - ',
    '# ',
    '',
    '',
    '',
    '| ',
    '-   ',
    '1.     ',
  ];
  const TEXTS = [
    'a',
    'a',
    '',
    'a | b |',
    '- | - |',
    '-',
    '- |',
    'a\\| |',
    '- - -',
    '[^1]: a',
    '<p>',
    '```',
    '---',
    '\\',
  ];
  let told = 0;
  for (let count = 0; count < 4_000; count += 1) {
    const lines = Array.from({ length: 9 }, () => pick(INDENTS) + pick(STARTS) + pick(TEXTS));
    const starts = createTextStarts();
    const begins = lines.map((line) => starts(line));
    told += begins.filter(Boolean).length;
    const visit = (node: ReturnType<typeof parseMarkdown>['children'][number]): void => {
      const { start, end } = node.position ?? {};
      if ((node.type === 'paragraph' || node.type === 'heading') && start && end) {
        const within = begins.slice(start.line, node.type === 'heading' ? end.line - 1 : end.line);
        // Twenty thousand expectations take longer than all the rest.
        if (within.includes(true)) expect.fail(lines.join('\n'));
      } else if ('children' in node) for (const child of node.children) visit(child as typeof node);
    };
    for (const node of parseMarkdown(lines.join('\n')).children) visit(node);
  }
  expect(told).toBeGreaterThan(10_000);
});
