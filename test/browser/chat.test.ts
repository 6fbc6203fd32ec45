import { expect, test } from 'vitest';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { lorem, type StreamPlan, words } from '../support/stream-plan.ts';
import { HOSTILE } from './hostile-markdown.ts';
import { usePage } from './page-fixture.ts';

const SLOW = 90;
const SLOW_TEXT = lorem(SLOW).join('').trim();

/** What is asked says how it is answered. */
function script({ messages }: { messages: { content: string }[] }): StreamPlan | undefined {
  const prompt = messages.at(-1)?.content ?? '';
  if (prompt.startsWith('Slowly')) return { tokens: lorem(SLOW), intervalMs: 20 };
  if (prompt.startsWith('Fail')) {
    return { tokens: words('As far as it went'), fault: { type: 'error', after: 3, error: { message: 'scripted' } } };
  }
  if (prompt.startsWith('Think')) return { reasoning: words('First this, then that.'), tokens: words('Thought.') };
  return undefined;
}

const setup = usePage(script);
const { newPerson } = setup;

test('a person registers, asks and reads a streamed answer; the conversation has an address and a title', async () => {
  await using person = await newPerson();
  const { page } = person;
  await person.ask('Tell me **what** tides are');
  expect(await person.answered()).toBe('Tell me what tides are');
  expect(await person.answers.locator('strong').textContent()).toBe('what');
  expect(new URL(page.url()).pathname).toMatch(/^\/c\/[\w-]+$/);
  await page.getByRole('link', { name: 'Tell me **what** tides are' }).waitFor();
  await expect.poll(() => page.title()).toBe('Tell me **what** tides are · Colloquy');
  // Said once, when it is finished.
  expect(await page.getByRole('log').textContent()).toContain('Answer: Tell me **what** tides are');
  expect(person.faults).toEqual([]);
}, 60_000);

test('a reload in the middle of an answer goes on to the same text', async () => {
  await using person = await newPerson();
  await person.ask('Slowly, please');
  await person.sees('lorem elit labore');
  await person.page.reload();
  await person.stopButton.waitFor();
  const partial = await person.answerText();
  expect(partial.length).toBeLessThan(SLOW_TEXT.length);
  expect(SLOW_TEXT.startsWith(partial)).toBe(true);
  expect(await person.answered()).toBe(SLOW_TEXT);
}, 60_000);

test('an answer survives connections that break', async () => {
  const proxy = await startCuttingProxy(setup.server.url);
  try {
    await using person = await newPerson(proxy.url);
    await person.ask('Slowly, please');
    await person.sees('lorem elit labore');
    expect(proxy.cut()).toBeGreaterThan(0);
    expect(await person.answered()).toBe(SLOW_TEXT);
  } finally {
    await proxy.close();
  }
}, 60_000);

test('stop keeps the text; another answer stands beside it', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  await person.ask('Slowly, please');
  await person.sees('lorem elit labore');
  await page.keyboard.press('Escape');
  await page.getByText('You stopped this answer.').waitFor();
  const stopped = await person.answerText();
  expect(SLOW_TEXT.startsWith(stopped)).toBe(true);

  await answers.last().getByRole('button', { name: 'Answer again' }).first().click();
  expect(await person.answered()).toBe(SLOW_TEXT);
  await answers.last().getByText('2/2').waitFor();

  await answers.last().getByRole('button', { name: 'Previous version' }).click();
  await answers.last().getByText('1/2').waitFor();
  expect(await person.answerText()).toBe(stopped);
}, 60_000);

test('an edited prompt makes a branch, also the first one; both can be gone back to', async () => {
  await using person = await newPerson();
  const { prompts, answers, page } = person;
  await person.ask('The first question');
  await person.answered();
  await person.ask('A further question');
  await expect.poll(() => answers.count()).toBe(2);
  await person.answered();

  await prompts.first().getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Edit the message').fill('Another first question');
  await page.keyboard.press('Enter');
  await person.sees('Another first question');
  await person.answered();
  await expect.poll(() => prompts.count()).toBe(1);
  await prompts.first().getByText('2/2').waitFor();

  await prompts.first().getByRole('button', { name: 'Previous version' }).click();
  await person.sees('A further question');
  expect(await prompts.allInnerTexts()).toEqual([
    expect.stringContaining('The first question'),
    expect.stringContaining('A further question'),
  ]);
  // What is asked now goes on from what is shown.
  await person.ask('A third question');
  await person.answered();
  await page.reload();
  await expect.poll(() => prompts.count()).toBe(3);
}, 60_000);

test('a failed answer keeps its text, says why and can be asked for again; reasoning is folded', async () => {
  await using person = await newPerson();
  await person.ask('Fail, please');
  await person.page.getByText('The answer could not be finished.').waitFor();
  expect(await person.answerText()).toBe('As far as');
  await person.ask('Think about it');
  await person.sees('Thought.');
  await person.answered();
  const thought = person.page.getByText('First this, then that.');
  expect(await thought.isVisible()).toBe(false);
  await person.answers.last().getByText('Reasoning').click();
  await thought.waitFor();
}, 60_000);

test('conversations are searched, renamed, pinned, archived and deleted, in every tab', async () => {
  await using person = await newPerson();
  const { page, context } = person;
  await person.ask('Of ships and sails');
  await person.answered();
  await page.getByRole('button', { name: 'New conversation' }).first().click();
  await person.ask('Of sealing wax');
  await person.answered();
  const other = await context.newPage();
  await other.goto(setup.server.url);
  await other.getByRole('link', { name: 'Of sealing wax' }).waitFor();
  // A page in the background is drawn once a second.
  await page.bringToFront();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('SHIPS');
  await page.getByText('1 result').waitFor();
  await page.keyboard.press('Escape');

  await person.act('Of sealing wax', 'Rename');
  await page.getByLabel('Title of the conversation').fill('Of cabbages');
  await page.keyboard.press('Enter');
  await other.getByRole('link', { name: 'Of cabbages' }).waitFor();
  await person.act('Of cabbages', 'Pin');
  await other.getByRole('region', { name: 'Pinned' }).getByRole('link', { name: 'Of cabbages' }).waitFor();
  await person.act('Of ships and sails', 'Archive');
  await other.getByRole('link', { name: 'Of ships and sails' }).waitFor({ state: 'detached' });

  await person.act('Of cabbages', 'Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await person.composer.waitFor();
  await expect.poll(() => new URL(page.url()).pathname).toBe('/');
  await other.getByRole('link', { name: 'Of cabbages' }).waitFor({ state: 'detached' });
  expect(person.faults).toEqual([]);
}, 60_000);

test('signing out ends it in every tab; a session that is revoked leads to the form and keeps the draft', async () => {
  await using person = await newPerson();
  const { page, context, username } = person;
  await person.composer.fill('Not sent yet');
  const stored = await page.evaluate("localStorage.getItem('colloquy.tokens')");
  const { accessToken } = JSON.parse(String(stored));
  await setup.server.data('mutation { logout }', {}, accessToken);
  await page.getByText('Your session has ended.').waitFor();

  await person.signIn(username);
  expect(await person.composer.inputValue()).toBe('Not sent yet');
  const other = await context.newPage();
  await other.goto(setup.server.url);
  await other.getByLabel('Message', { exact: true }).waitFor();
  await page.bringToFront();
  await person.signOut();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
}, 60_000);

test('hostile Markdown is inert: nothing runs, nothing is loaded, nothing is sent elsewhere', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  await person.ask(HOSTILE);
  await person.answered();
  const last = answers.last();
  expect(
    await last.locator('script, iframe, object, embed, style, form, svg:not([aria-hidden]), img, video').count(),
  ).toBe(0);
  const elements = await last.locator('[data-markdown] *').evaluateAll(readAttributes);
  const names = elements.flatMap((attributes) => Object.keys(attributes));
  expect(names.filter((name) => name.startsWith('on') || name === 'srcdoc' || name === 'style')).toEqual([]);
  const links = elements.filter(({ href }) => href !== undefined);
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) {
    expect(link.href).toMatch(/^(https?:|mailto:|#)/);
    if (!link.href?.startsWith('#')) {
      expect(link).toMatchObject({ rel: 'noopener noreferrer nofollow', target: '_blank' });
    }
  }
  expect(await page.evaluate('globalThis.attacked')).toBeUndefined();
  expect(person.requests.filter((url) => !url.startsWith(setup.server.url) && !url.startsWith('data:'))).toEqual([]);
  // The content policy had nothing to stop: nothing was tried.
  expect(person.faults).toEqual([]);
}, 60_000);

type MarkedElement = { attributes: Iterable<{ name: string; value: string }> };

/** Runs in the page. */
function readAttributes(elements: unknown): Record<string, string>[] {
  return (elements as MarkedElement[]).map(({ attributes }) =>
    Object.fromEntries([...attributes].map(({ name, value }) => [name, value])),
  );
}
