import { lorem } from '../../test/support/stream-plan.ts';

/** Kinds of answers, from what most are like to those that are one single block. */
export const SHAPES = ['mixed', 'list', 'table', 'code', 'paragraphs'] as const;
export type Shape = (typeof SHAPES)[number];

const words = (count: number) => lorem(count).join('').trim();

const CODE_LINE = "  const total = items.filter((item) => item.count > 3).map(({ name }) => name + 'x'); // adds up\n";
const PIECES: Record<Exclude<Shape, 'code'>, (index: number) => string> = {
  paragraphs: () => `A **paragraph** with \`code\` and [a link](https://example.org/): ${words(60)}\n\n`,
  list: (index) => `- Item ${index} of *many*: ${words(12)}\n`,
  table: (index) => `| ${index} | ${words(4)} | \`${index * 7}\` |\n`,
  mixed: (index) =>
    [
      `## Section ${index}\n\nA **paragraph** with \`code\`: ${words(60)}\n\n`,
      `1. First: ${words(8)}\n2. Second: ${words(8)}\n   - nested ${words(5)}\n3. Third\n\n`,
      `| name | value |\n| --- | ---: |\n${Array.from({ length: 6 }, (_, row) => `| ${words(2)} | ${row} |\n`).join('')}\n`,
      `\`\`\`ts\n${CODE_LINE.repeat(12)}\`\`\`\n\n`,
      `> ${words(30)}\n\n`,
    ][index % 5] ?? '',
};
const HEADS: Record<Shape, string> = {
  mixed: '',
  paragraphs: '',
  list: 'A list:\n\n',
  table: 'A table:\n\n| number | words | code |\n| ---: | --- | --- |\n',
  code: 'Some code:\n\n```ts\n',
};

/** An answer of so many tokens, each a word with what follows it or a few signs. */
export function tokensOf(shape: Shape, count: number): string[] {
  const tokens = split(HEADS[shape]);
  for (let index = 0; tokens.length < count; index += 1) {
    tokens.push(...split(shape === 'code' ? CODE_LINE : PIECES[shape](index)));
  }
  return tokens.slice(0, count);
}

const split = (text: string): string[] => text.match(/\w+\s?|[^\w\s]+\s?|\s+/g) ?? [];
