import { expect, test } from 'vitest';
import { type GrowingDocument, growDocument } from '../../../frontend/src/markdown/growing-document.ts';
import { HOSTILE } from '../../browser/hostile-markdown.ts';
import { createRandom } from '../../support/random.ts';

const TEXTS = [
  'One.\n\nTwo.\n\nThree.',
  '# Head\ntext\n---\nmore\n\n- a\n- b\n\n  still b\n\n    code in b\n- c\n\nend',
  '- a\n---\n- b\n--\n\n1. one\n1\n2. two',
  'A table\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n\nafter\n| c |\n| --- |\n',
  '```js\nconst a = 1;\n\n\nconst b = 2;\n```\n\n    indented\n\n    again\n\n~~~\nopen to the end\n\ntext',
  '> quote\nlazy\n\n> another\n> - list\n\n<div>\n\nhtml\n\n</div>\n\n<!-- a\n\ncomment -->\n\nend',
  'See [one] and [two][2].\n\n[one]: https://example.org/1\n\n[2]: https://example.org/2 "title"\n\nend [one]',
  'line\r\nline\r\n\r\nnext\r\n\r\n😀 surrogates 👩‍🚀\n\n\n\n\nlast\n#\n#x\n##\n\n***\n***x',
  '- [ ] open\n- [x] done\n\n  more of it\n- plain\n\n\n- far\n  - nested\n    - deeper\n  - nested\n-\n- \n-x\n',
  '1. one\n2. two\n   ```sh\n   ls\n   ```\n3. three\n\n4. four\n5) five\n6) six\n7) seven\n8) eight\n',
  `Intro:\n${list(12)}\nafter\n\n${list(5).replaceAll('- ', '* ')}- a\n- b\n- c\n***\n`,
  `${list(6)}---\n${list(6)}\n    code\n\nend`,
  `| a | b |\n|:-:|--:|\n${row(9)}no pipe\n\n| x |\n| - |\n${row(4)}> quote\n`,
  `> one\n>\n> two\nlazy\n>\n> three\n>\n> > four\n> > more\n>\n${'> five\n>\n'.repeat(5)}\nend\n`,
  `\`\`\`ts\n${code(100)}\n\`\`\`\n\nend\n\n  ~~~ \n${code(70)}\n ~~~~x\n  ~~~\n`,
  `\`\`\`\n${'\n'.repeat(70)}x\n\n\`\`\`\n\n\`\`\`\n${'\n'.repeat(66)}\`\`\`\nend`,
  `\`\`\`js\r\n${code(70).replaceAll('\n', '\r\n')}\r\n\`\`\`\r\n${row(3)}`,
  `- see [a] and [b][B]\n${list(5)}\n[a]: https://example.org/a\n\n[b]: <https://example.org/b> 'of\ntwo lines'\n\nend [c]\n\n[c]: /c\n`,
  `See [a], [B], [c] and [x\\\\y].\n\n[x\\\\y]: /x\n\n- [a]: https://example.org/a\n${list(4)}\n\nthen\n\n1. x\n   - [b]: /b\n\n> [c]: /c\n>\n> [a]: /other\n\nend [b]\n`,
  // Footnotes belong to a whole text, which the page then reads as one.
  HOSTILE.replaceAll('[^', '['),
];

function list(count: number): string {
  return Array.from({ length: count }, (_, index) => `- item ${index} with **words**\n`).join('');
}

function row(count: number): string {
  return Array.from({ length: count }, (_, index) => `| ${index} | \`x|${index}\` |\n`).join('');
}

function code(count: number): string {
  return Array.from({ length: count }, (_, index) => `  const line${index} = '${index}';`).join('\n');
}

/** The text as it grows by steps of so many characters. */
function grow(text: string, step: number): { steps: GrowingDocument[]; last: GrowingDocument } {
  const steps: GrowingDocument[] = [];
  let document: GrowingDocument | null = null;
  for (let end = step; end < text.length; end += step) {
    document = growDocument(text.slice(0, end), document, false);
    steps.push(document);
  }
  return { steps, last: growDocument(text, document, true) };
}

/** What is drawn of it, with nothing of where it was parsed. */
function drawn({ blocks }: GrowingDocument): unknown {
  const shown = blocks.flat().map(({ node, parts, begin, end }) => {
    const { children, value, ...own } = node as unknown as Record<string, unknown>;
    const [head] = node.type === 'table' ? node.children : [];
    const isDivided = parts.length > 0 || node.type === 'table';
    const content = isDivided ? { head, parts: parts.flat().map(partDrawn) } : { children, value };
    return { ...own, ...content, begin, end, isLoose: parts.flat().some((part) => part.isLoose) };
  });
  return JSON.parse(
    JSON.stringify(shown, (key, value) => (key === 'position' || key === 'spread' ? undefined : value)),
  );
}

const partDrawn = ({ node, source }: GrowingDocument['blocks'][number][number]['parts'][number][number]) =>
  node ?? { code: source };

test.each(TEXTS)('a text that has grown is drawn as one that comes whole (%#)', (text) => {
  const whole = drawn(growDocument(text, null, true));
  for (const step of [1, 2, 7, 50, 333]) expect(drawn(grow(text, step).last)).toEqual(whole);
});

test('so are texts put together by chance', () => {
  const random = createRandom(20_261_126);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const lines = TEXTS.join('\n')
    .split('\n')
    .filter((line) => !/^\[.*\]:/.test(line));
  const ends = ['\n', '\n', '\n', '\n\n', '\n\n\n'];
  for (let count = 0; count < 30; count += 1) {
    const text = Array.from({ length: 60 }, () => pick(lines) + pick(ends)).join('');
    const whole = drawn(growDocument(text, null, true));
    expect(drawn(grow(text, 1 + Math.floor(random() * 30)).last), text).toEqual(whole);
  }
});

test.each(TEXTS)('what is finished stays the same object (%#)', (text) => {
  // What a definition changes is drawn again, once.
  if (/^[>\s\d.-]*\[.*\]:/m.test(text)) return;
  const { steps, last } = grow(text, 1);
  const blocks = last.blocks.flat();
  for (const { finished, open } of steps) {
    const known = finished.flat();
    expect(blocks.slice(0, known.length).every((block, index) => block === known[index])).toBe(true);
    const parts = blocks[known.length]?.parts.flat() ?? [];
    expect(open?.parts.flat().every((part, index) => part === parts[index]) ?? true).toBe(true);
  }
});

const LONG: Record<string, string> = {
  paragraphs: 'A paragraph of some **words**.\n\n'.repeat(400),
  list: `An introduction:\n\n${list(400)}`,
  table: `An introduction:\n\n| a | b |\n| --- | --- |\n${row(400)}`,
  quote: '> A paragraph of some words.\n>\n'.repeat(400),
  code: `An introduction:\n\n\`\`\`ts\n${code(400)}`,
};

test.each(Object.keys(LONG))('what is parsed and made anew for a piece does not grow with the text: %s', (name) => {
  const { steps } = grow(LONG[name] ?? '', 20);
  const made = steps.map((step, index) => {
    const before = new Set<unknown>(steps[index - 1]?.blocks.flatMap((group) => group.flatMap(objectsOf)) ?? []);
    return step.blocks.flatMap((group) => group.flatMap(objectsOf)).filter((object) => !before.has(object)).length;
  });
  // Two parts of code at most; of the others a few lines.
  expect(Math.max(...steps.slice(20).map(({ parsed }) => parsed))).toBeLessThan(name === 'code' ? 2_500 : 400);
  expect(Math.max(...made.slice(20))).toBeLessThanOrEqual(8);
});

/** A block and its parts, as far as they are drawn by themselves. */
const objectsOf = (block: GrowingDocument['blocks'][number][number]) => [block, ...block.parts.flat()];
