import { expect, test } from 'vitest';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { lorem, type StreamPlan, words } from '../support/stream-plan.ts';
import { usePage } from './page-fixture.ts';

const SLOW = 90;
const SLOW_TEXT = lorem(SLOW).join('').trim();

/** What is asked says how it is answered. */
function script({ messages }: { messages: { content: string }[] }): StreamPlan | undefined {
  const prompt = messages.at(-1)?.content ?? '';
  // Longer than it takes to load a page on a busy machine.
  if (prompt.startsWith('Very slowly')) return { tokens: lorem(SLOW), intervalMs: 70 };
  if (prompt.startsWith('Slowly')) return { tokens: lorem(SLOW), intervalMs: 20 };
  if (prompt.startsWith('Fail')) {
    return { tokens: words('As far as it went'), fault: { type: 'error', after: 3, error: { message: 'scripted' } } };
  }
  if (prompt.startsWith('Think')) return { reasoning: words('First this, then that.'), tokens: words('Thought.') };
  return undefined;
}

/** The keys that end the compositions of an input method, as Chromium and as Safari tell of them. */
const COMPOSED = `for (const how of [{ isComposing: true }, { keyCode: 229 }])
  for (const key of ['Enter', 'Escape'])
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...how }))`;

const setup = usePage(script);
const { newPerson } = setup;

test('a person registers, asks and reads a streamed answer; the conversation has an address and a title', async () => {
  await using person = await newPerson();
  const { page, composer } = person;
  await composer.fill('にほんご');
  await page.evaluate(COMPOSED);
  expect(await composer.inputValue()).toBe('にほんご');
  expect(await person.prompts.count()).toBe(0);
  await person.ask('Tell me **what** tides are');
  expect(await person.answered()).toBe('Tell me what tides are');
  expect(await person.answers.locator('strong').textContent()).toBe('what');
  expect(new URL(page.url()).pathname).toMatch(/^\/c\/[\w-]+$/);
  await page.getByRole('link', { name: 'Tell me **what** tides are' }).waitFor();
  await expect.poll(() => page.title()).toBe('Tell me **what** tides are · Colloquy');
  // Said once, when it is finished.
  expect(await page.getByRole('log').textContent()).toContain('Answer: Tell me **what** tides are');
  expect(person.faults).toEqual([]);
});

test('a reload in the middle of an answer goes on to the same text', async () => {
  await using person = await newPerson();
  await person.ask('Very slowly, please');
  await person.sees('lorem elit labore');
  await person.page.reload();
  await person.stopButton.waitFor();
  const partial = await person.answerText();
  expect(partial.length).toBeLessThan(SLOW_TEXT.length);
  expect(SLOW_TEXT.startsWith(partial)).toBe(true);
  expect(await person.answered()).toBe(SLOW_TEXT);
});

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
});

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
});

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
  await page.evaluate(COMPOSED);
  expect(await page.getByLabel('Edit the message').inputValue()).toBe('Another first question');
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
});

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
});

test('conversations are searched, renamed, pinned, archived and deleted, in every tab', async () => {
  await using person = await newPerson();
  const { page, context } = person;
  await person.ask('Of ships and sails');
  await person.answered();
  await page.getByRole('link', { name: 'New conversation' }).first().click();
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
  await person.composer.waitFor();
  await expect.poll(() => new URL(page.url()).pathname).toBe('/');
  await other.getByRole('link', { name: 'Of cabbages' }).waitFor({ state: 'detached' });
  expect(person.faults).toEqual([]);
});

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
  await person.signOut({ losing: true });
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
});
