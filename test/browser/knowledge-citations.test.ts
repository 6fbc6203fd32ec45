import { expect, test } from 'vitest';
import { type StreamPlan, words } from '../support/stream-plan.ts';
import { HOSTILE } from './hostile-markdown.ts';
import { LIGHTHOUSE } from './knowledge-documents.ts';
import type { TestFile } from './page-driver.ts';
import { usePage } from './page-fixture.ts';

/** What only looks like a citation, between two that are ones. */
const BRACKETS = [
  'Lamp and tower[1]. Both [1, 2]; nothing has the number [99].',
  '`array[1]` and [a link](https://example.org/[1]) and a note[^1].',
  '```\nrow[1] = 2\n```',
  '- [ ] a task [1]',
  '[^1]: The note.',
].join('\n\n');

const LISTED = 'The lamp is seen far [1].\n\n[1]: lighthouse.md';
const SLOW = 'The lamp [1] of the tower is seen for so many miles that nobody has counted them until now.';

function script({ messages }: { messages: { content: string }[] }): StreamPlan | undefined {
  const asked = messages.at(-1)?.content ?? '';
  if (asked.includes('BRACKETS')) return { tokens: words(BRACKETS) };
  if (asked.includes('LISTED')) return { tokens: words(LISTED) };
  if (asked.includes('SLOWLY')) return { tokens: words(SLOW), intervalMs: 150 };
  return { tokens: words('Nothing.') };
}

// Asked to put passages into order, the scripted model talks of something else.
const setup = usePage(script, { environment: { RERANK_ENABLED: 'true' } });

const SECOND: TestFile = {
  name: 'tower.md',
  type: 'text/markdown',
  text: '# How far is the lamp of the tower seen?\n\nThe lamp of the tower is seen from as far as the islands.\n',
};

async function personWithFiles(files: readonly TestFile[]) {
  const person = await setup.newPerson();
  await person.goToKnowledge();
  await person.chooseFiles(files);
  for (const { name } of files) await person.file(name).getByText('Ready').waitFor();
  await person.page.getByRole('link', { name: 'New conversation' }).first().click();
  return person;
}

test('only the numbers of passages become chips, not the brackets of code, links, tasks and notes', async () => {
  await using person = await personWithFiles([LIGHTHOUSE, SECOND]);
  await person.ask('BRACKETS: how far is the lamp of the tower seen?');
  await person.answered();
  const text = person.answers.last().locator('[data-markdown]');
  const chips = text.getByRole('button', { name: /^Source \d/ });
  expect(await chips.evaluateAll((all) => all.map(({ textContent }) => textContent))).toEqual([
    '[1]',
    '[1]',
    '[2]',
    '[1]',
  ]);
  expect(await text.textContent()).toContain('nothing has the number [99]');
  expect(await text.locator('p code').textContent()).toBe('array[1]');
  expect(await text.locator('pre').textContent()).toContain('row[1] = 2');
  expect(await text.getByRole('link', { name: 'a link' }).getAttribute('href')).toBe('https://example.org/%5B1%5D');
  await person.answers.last().getByText('No model could put the passages into order').waitFor();
  // The cited ones are listed, each once.
  const listed = person.answers.last().getByRole('region', { name: 'Sources' });
  expect(await listed.locator('> ul > li').count()).toBe(2);

  // Each number opens its own passage; from there one can go to the others.
  const labels = await chips.evaluateAll((all) => all.map((chip) => chip.getAttribute('aria-label') ?? ''));
  for (const at of [2, 0]) {
    await chips.nth(at).click();
    await expect.poll(() => person.panel.getAttribute('aria-label')).toBe(labels[at]);
  }
  await person.panel.getByRole('button', { name: 'Next source' }).click();
  await expect.poll(() => person.panel.getAttribute('aria-label')).toBe(labels[2]);
  expect(labels[2]).not.toBe(labels[0]);

  await person.ask('LISTED: how far is the lamp of the tower seen?');
  await person.answered();
  await chips.first().click();
  await expect.poll(() => person.panel.getAttribute('aria-label')).toMatch(/^Source 1/);
  expect(person.faults).toEqual([]);
});

test('a chip opens its passage while the answer is still being written', async () => {
  await using person = await personWithFiles([LIGHTHOUSE]);
  const { page, panel, stopButton } = person;
  await person.ask('SLOWLY: how far is the lamp of the tower seen?');
  await person.answers
    .last()
    .getByRole('button', { name: /^Source 1/ })
    .click();
  await expect.poll(() => panel.locator('mark').textContent()).toContain('lamp of the tower');
  expect(await stopButton.isVisible()).toBe(true);
  // Escape closes what has the focus, not the answer.
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await person.answered();
  expect(await person.answerText()).toContain('until now.');
  expect(person.faults).toEqual([]);
});

test('a hostile document is text: in the panel, in the search, in its name', async () => {
  const name = '\u202egpj.<img src=x onerror=globalThis.attacked=1>.md';
  await using person = await personWithFiles([]);
  const { page, panel } = person;
  await person.goToKnowledge();
  await person.chooseFiles([{ name, type: 'text/markdown', text: `The password of the harbour.\n\n${HOSTILE}` }]);
  await page.getByRole('list', { name: 'Files', exact: true }).getByText('Ready').waitFor();
  await page.getByLabel('Search in the files').fill('password of the harbour');
  await page.getByRole('region', { name: 'Passages' }).getByRole('listitem').first().getByRole('button').click();
  await panel.locator('mark').waitFor();
  await expect.poll(() => panel.locator('blockquote').textContent()).toContain('globalThis.attacked');
  expect(await panel.locator('blockquote :not(mark)').count()).toBe(0);
  expect(await page.locator('main, aside').locator('img, iframe, script, a[href^="javascript"]').count()).toBe(0);
  expect(await page.evaluate('globalThis.attacked')).toBeUndefined();
  expect(await panel.getByRole('heading').textContent()).not.toContain('\u202e');
  expect(person.requests.filter((url) => !url.startsWith(setup.server.url))).toEqual([]);
  expect(person.faults).toEqual([]);
});
