import { expect, test } from 'vitest';
import { createHighlighter } from '../../frontend/src/highlight/highlighter.ts';
import { loadLanguage } from '../../frontend/src/highlight/languages.ts';
import type { LineParser } from '../../frontend/src/highlight/line-parser.ts';
import { type StreamPlan, words } from '../support/stream-plan.ts';
import { usePage } from './page-fixture.ts';

const CODE = "// A comment\nconst name = 'text'; /* over\nseveral\nlines */ return 42;\n\n<script>alert(1)</script>";
const LINES = 200;
const LONG = Array.from({ length: LINES }, (_, index) => `const name${index} = ${index};`).join('\n');

/** What is asked says what comes in the block, and whether it takes time. */
function script({ messages }: { messages: { content: string }[] }): StreamPlan | undefined {
  const prompt = messages.at(-1)?.content ?? '';
  if (prompt === 'Long') return { tokens: words(`\`\`\`js\n${LONG}\n\`\`\`\n\nEnd.`), intervalMs: 2 };
  if (prompt === 'Unknown') return { tokens: words(`\`\`\`nosuch\n${CODE}\n\`\`\``) };
  return prompt === 'Code' ? { tokens: words(`\`\`\`ts\n${CODE}\n\`\`\``) } : undefined;
}

const { newPerson } = usePage(script);

async function javascript(): Promise<LineParser> {
  const parser = await loadLanguage('JS');
  if (!parser) throw new Error('There is no such language.');
  return parser;
}

test('the words of a language have their kinds, across lines, and the text is whole', async () => {
  const page = idlePage();
  const highlighter = createHighlighter(await javascript(), () => {}, page.schedule);
  highlighter.update(CODE.split('\n'));
  page.rest();
  const lines = CODE.split('\n').map((_, index) => highlighter.part(index)?.lines[0]?.tokens ?? []);
  expect(lines.map((tokens) => tokens.map(({ text }) => text).join('')).join('\n')).toBe(CODE);
  const kindOf = (line: number, word: string) => lines[line]?.find(({ text }) => text.trim() === word)?.kind;
  expect(kindOf(0, '// A comment')).toBe('comment');
  expect(kindOf(1, 'const')).toBe('keyword');
  expect(kindOf(1, "'text'")).toBe('string');
  expect(kindOf(2, 'several')).toBe('comment');
  expect(kindOf(3, '42')).toBe('number');
});

test('a line is coloured once, however often the block grows below it', async () => {
  const parser = await javascript();
  let calls = 0;
  const counting: LineParser = {
    ...parser,
    token(stream, state) {
      calls += 1;
      return parser.token(stream, state);
    },
  };
  const page = idlePage();
  const once = createHighlighter(counting, () => {}, page.schedule);
  once.update([LONG]);
  page.rest();
  const whole = calls;
  calls = 0;
  const growing = createHighlighter(counting, () => {}, page.schedule);
  const lines = LONG.split('\n');
  for (let count = 1; count <= lines.length; count += 1) {
    growing.update([lines.slice(0, count).join('\n')]);
    page.rest();
  }
  expect(calls).toBe(whole);
  expect(growing.part(0)?.lines.map(({ tokens }) => tokens)).toEqual(once.part(0)?.lines.map(({ tokens }) => tokens));
});

test('work is done in slices; very long lines and blocks stay plain', async () => {
  const parser = await javascript();
  const page = idlePage();
  let time = 0;
  const highlighter = createHighlighter(
    parser,
    () => {},
    page.schedule,
    () => (time += 3),
  );
  highlighter.update(LONG.split('\n'));
  const slices = page.rest();
  expect(slices).toBeGreaterThan(LINES / 3);
  expect(highlighter.part(LINES - 1)?.lines).toHaveLength(1);

  const plain = createHighlighter(parser, () => {}, page.schedule);
  const line = `const x = '${'x'.repeat(2_000)}';`;
  plain.update([line]);
  page.rest();
  expect(plain.part(0)?.lines[0]?.tokens).toEqual([{ text: line, kind: null }]);
  const huge = createHighlighter(parser, () => {}, page.schedule);
  huge.update(['x'.repeat(300_000)]);
  page.rest();
  expect(huge.part(0)).toBeUndefined();
});

/** The words of a text and their kinds, without those that have none. */
async function coloured(language: string, text: string): Promise<string[]> {
  const parser = await loadLanguage(language);
  if (!parser) throw new Error('There is no such language.');
  const page = idlePage();
  const highlighter = createHighlighter(parser, () => {}, page.schedule);
  highlighter.update([text]);
  page.rest();
  const lines = highlighter.part(0)?.lines ?? [];
  expect(lines.map(({ tokens }) => tokens.map((token) => token.text).join('')).join('\n')).toBe(text);
  return lines.flatMap(({ tokens }) =>
    tokens.flatMap((token) => (token.kind ? [`${token.text.trim()}: ${token.kind}`] : [])),
  );
}

test('scripts and styles in a page have the colours of their own languages', async () => {
  const found = await coloured(
    'vue',
    `<template>\n  <p class="a">It's return</p>\n</template>\n<script setup lang="ts">\n// Don't\nconst a: number = 1;</script>\n` +
      `<style>\n.a { color: red; }\n</style>\n<p>const b</p>`,
  );
  expect(found).toContain("// Don't: comment");
  expect(found).toContain('const: keyword');
  expect(found).toContain('"a": string');
  expect(found.filter((word) => word === 'p: tag')).toHaveLength(4);
  expect(found.join('\n')).toMatch(/color: /);
  // Neither words of a text nor what follows a script are code.
  expect(found.filter((word) => /^(?:return|const|color): keyword$/.test(word))).toEqual(['const: keyword']);
  expect(found.filter((word) => /^(?:script|style): tag$/.test(word))).toHaveLength(4);
});

test('elements in a script, and code in elements', async () => {
  const code = `const a = b < c && c > d;
export function List({ items }) {
  // <p>
  return (
    <ul className="list" onClick={() => go({ to: \`/\${items}\` })}>
      {items.map((item) => <li key={item.id}>Don't return {item.name}</li>)}
      <br />
      <>for</>
    </ul>
  );
}
if (a) return null;`;
  for (const language of ['jsx', 'tsx', 'js']) {
    const found = await coloured(language, code);
    expect(found.filter((word) => /^(?:ul|li|br): tag$/.test(word))).toEqual(
      ['ul', 'li', 'li', 'br', 'ul'].map((name) => `${name}: tag`),
    );
    expect(found).toContain('className: property');
    expect(found).toContain('"list": string');
    // "Don't return" and "for" are text, and what follows the elements is code again.
    expect(found.filter((word) => /^(?:return|for|if): keyword$/.test(word))).toEqual([
      'return: keyword',
      'if: keyword',
      'return: keyword',
    ]);
    expect(found.filter((word) => word.includes("Don't"))).toEqual([]);
  }
});

test('what nobody knows is no language, also by the names of what every object has', async () => {
  expect(await loadLanguage('nosuch')).toBeNull();
  expect(await loadLanguage('constructor')).toBeNull();
  expect(await loadLanguage('__proto__')).toBeNull();
  for (const name of ['graphql', 'php', 'python', 'bash', 'html', 'tsx', 'rust', 'yaml']) {
    expect(await loadLanguage(name)).not.toBeNull();
  }
});

test('code gets its colours, keeps its text, and is copied as it is', async () => {
  await using person = await newPerson();
  const { page, answers, context } = person;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await person.ask('Code');
  await person.answered();
  const code = answers.last().locator('pre');
  await code.locator('span span').filter({ hasText: '// A comment' }).waitFor();
  expect(await code.textContent()).toBe(`${CODE}\n`);
  expect(await code.locator('script').count()).toBe(0);
  await answers.last().getByRole('button', { name: 'Copy the code' }).click();
  await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(CODE);
  await person.ask('Unknown');
  await person.answered();
  expect(await answers.last().locator('pre').textContent()).toBe(`${CODE}\n`);
  expect(await answers.last().locator('pre span span').count()).toBe(0);
  expect(person.faults).toEqual([]);
});

test('lines of a block that grows stay the elements that they were, also when the answer has ended', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  await person.ask('Long');
  await person.sees('name40');
  const first = answers.last().locator('pre code > span').first();
  await first.evaluate(mark);
  const inLines = answers.last().locator('pre code > span span');
  await inLines.first().evaluate(mark);
  await person.answered();
  expect(await page.evaluate("document.querySelector('pre code > span').marked")).toBe(true);
  expect(await page.evaluate("document.querySelector('pre code > span span').marked")).toBe(true);
  expect(await answers.last().locator('pre').textContent()).toBe(`${LONG}\n`);
});

/** Runs in the page. */
function mark(element: unknown): void {
  Object.assign(element as object, { marked: true });
}

/** A page that does what waits when the test says so. */
function idlePage() {
  const waiting: (() => void)[] = [];
  return {
    schedule(call: () => void): () => void {
      waiting.push(call);
      return () => {};
    },
    /** Returns in how many slices it was done. */
    rest(): number {
      let slices = 0;
      for (let call = waiting.shift(); call; call = waiting.shift()) {
        call();
        slices += 1;
      }
      return slices;
    },
  };
}
