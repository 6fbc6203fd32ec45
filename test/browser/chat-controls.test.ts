import { expect, test } from 'vitest';
import type { ChatCompletionBody } from '../support/scripted-upstream.ts';
import { lorem, type StreamPlan, words } from '../support/stream-plan.ts';
import { usePage } from './page-fixture.ts';

const MANY = ['alder', 'birch', 'cedar-small', 'cedar-large', 'elm', 'fir', 'hazel', 'oak'];
let listed = ['echo', ...MANY];
/** What the provider was asked, for whoever looks for it by its prompt. */
const asked = new Map<string, ChatCompletionBody>();

function script(body: ChatCompletionBody): StreamPlan {
  const prompt = body.messages.at(-1)?.content ?? '';
  asked.set(prompt, body);
  if (prompt.startsWith('Wait')) return { tokens: words('Too late.'), firstTokenDelayMs: 60_000 };
  if (prompt.startsWith('At length')) return { tokens: lorem(400), intervalMs: 20 };
  // Until somebody stops it, however long that takes.
  if (prompt.startsWith('On and on')) return { tokens: lorem(3_000), intervalMs: 30 };
  if (prompt.startsWith('Think'))
    return { reasoning: words('First this.'), tokens: words('Thought.'), intervalMs: 100 };
  if (!listed.includes(body.model)) return { fault: { type: 'status', status: 404 } };
  return { tokens: words(`${body.model}: ${prompt}`) };
}

const setup = usePage(script, { models: () => listed });
const { newPerson } = setup;

test('options are checked, kept with their conversation, sent with every question, and taken back', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  const button = page.getByRole('button', { name: /^Options of the answers/ });
  const dialog = page.getByRole('dialog', { name: 'Options of the answers' });
  await button.click();
  await dialog.getByLabel('Temperature').fill('3');
  await dialog.getByText('A number from 0 to 2.').waitFor();
  expect(await dialog.getByRole('button', { name: 'Save' }).isEnabled()).toBe(false);
  await dialog.getByLabel('Temperature').fill('0,5');
  await dialog.getByLabel('Maximum tokens').fill('1.5');
  await dialog.getByText('A whole number from 1 to 1,000,000.').waitFor();
  await dialog.getByLabel('Maximum tokens').fill('64');
  await dialog.getByLabel('JSON Schema').fill('{\n  "type" "object"\n}');
  await dialog.getByText('This is not JSON: look at line 2.').waitFor();
  await dialog.getByLabel('JSON Schema').fill('{"type": "object"}');
  await dialog.getByLabel('Stop texts').fill('END\nstop here');
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await button.getAttribute('aria-label')).toBe('Options of the answers: 4 set');
  expect(await button.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);

  const expected = { temperature: 0.5, max_tokens: 64, stop: ['END', 'stop here'] };
  await person.ask('With options');
  await person.answered();
  expect(asked.get('With options')).toMatchObject(expected);
  expect(asked.get('With options')?.response_format).toBeDefined();
  asked.clear();
  await answers.last().getByRole('button', { name: 'Answer again', exact: true }).click();
  await answers.last().getByText('2/2').waitFor();
  await person.answered();
  expect(asked.get('With options')).toMatchObject(expected);

  // Another conversation has its own.
  await page.reload();
  await expect.poll(() => button.getAttribute('aria-label')).toBe('Options of the answers: 4 set');
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await expect.poll(() => button.getAttribute('aria-label')).toBe('Options of the answers');
  await page.getByRole('link', { name: 'With options' }).click();
  await person.answered();
  await button.click();
  expect(await dialog.getByLabel('Temperature').inputValue()).toBe('0.5');
  await dialog.getByRole('button', { name: 'Reset all' }).click();
  await dialog.waitFor({ state: 'detached' });
  await person.ask('Without options');
  await person.answered();
  expect(asked.get('Without options')).not.toHaveProperty('temperature');
  expect(person.faults).toEqual([]);
});

test('a thumb asks why; what is said is kept, shown, changed, seen elsewhere and taken back', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  await person.ask('To be judged');
  await person.answered();
  await using other = await setup.otherDevice(person);
  await other.page.getByRole('link', { name: 'To be judged' }).click();
  await other.answered();

  const bad = answers.last().getByRole('button', { name: 'Bad answer' });
  await bad.click();
  const field = answers.last().getByLabel('What was missing?');
  await field.fill('The moon.');
  await page.keyboard.press('Control+Enter');
  await answers.last().getByText('The moon.').waitFor();
  expect(await bad.getAttribute('aria-pressed')).toBe('true');
  await other.answers.last().getByText('The moon.').waitFor();

  await answers.last().getByRole('button', { name: 'Edit the comment' }).click();
  expect(await field.inputValue()).toBe('The moon.');
  await field.fill('The moon and the stars.');
  await answers.last().getByRole('button', { name: 'Save' }).click();
  await other.answers.last().getByText('The moon and the stars.').waitFor();
  // A comment that was not meant after all changes nothing.
  await answers.last().getByRole('button', { name: 'Edit the comment' }).click();
  await field.fill('Nonsense');
  await page.keyboard.press('Escape');
  await answers.last().getByText('The moon and the stars.').waitFor();

  await bad.click();
  await answers.last().getByText('The moon').waitFor({ state: 'detached' });
  await other.answers.last().getByText('The moon').waitFor({ state: 'detached' });
  await expect
    .poll(() => other.answers.last().getByRole('button', { name: 'Bad answer' }).getAttribute('aria-pressed'))
    .toBe('false');
  expect([...person.faults, ...other.faults]).toEqual([]);
});

test('a comment that cannot be saved is not lost', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  await person.ask('To be judged');
  await person.answered();
  await answers.last().getByRole('button', { name: 'Good answer' }).click();
  const field = answers.last().getByLabel('What was good?');
  await field.fill('All of it.');
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('RateMessage') ? route.abort() : route.continue(),
  );
  await answers.last().getByRole('button', { name: 'Save' }).click();
  await page.getByText('The server cannot be reached.').waitFor();
  expect(await field.inputValue()).toBe('All of it.');
  await page.unroute('**/graphql');
  await answers.last().getByRole('button', { name: 'Save' }).click();
  await answers.last().getByText('All of it.').waitFor();
});

test('models are searched and chosen by keyboard; another one answers again, and the answers say which', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  const picker = page.getByRole('button', { name: /^Model: / });
  await picker.focus();
  await page.keyboard.press('Enter');
  const search = page.getByRole('combobox', { name: 'Search for a model' });
  await search.waitFor();
  expect(await page.getByRole('option', { name: /^echo/ }).textContent()).toContain('default');
  await page.keyboard.type('openai cedar');
  await expect.poll(() => page.getByRole('option').allTextContents()).toEqual(['cedar-small', 'cedar-large']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await search.waitFor({ state: 'detached' });
  expect(await picker.getAttribute('aria-label')).toBe('Model: cedar-large');
  expect(await picker.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);

  await person.ask('Who are you?');
  expect(await person.answered()).toBe('cedar-large: Who are you?');
  await answers
    .last()
    .getByText(/^cedar-large · \d+ tokens · [\d.]+ s$/)
    .waitFor();
  // Keys that come right after the click are for the search already.
  const focused = await answers
    .last()
    .getByRole('button', { name: 'Answer again with another model' })
    .evaluate((button: HTMLElement) => {
      button.click();
      return button.ownerDocument.activeElement?.getAttribute('role');
    });
  expect(focused).toBe('combobox');
  await page.keyboard.type('oak');
  await page.keyboard.press('Enter');
  await answers.last().getByText('2/2').waitFor();
  expect(await person.answered()).toBe('oak: Who are you?');
  await answers
    .last()
    .getByText(/^oak · /)
    .waitFor();
  // Escape closes the list, and the answer stays.
  await picker.click();
  await search.waitFor();
  await page.keyboard.press('Escape');
  await search.waitFor({ state: 'detached' });
  expect(person.faults).toEqual([]);
});

test('stopped before its first word, by the button or the key', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  await person.ask('Wait for it');
  await person.stopButton.click();
  await answers.last().getByText('You stopped this answer.').waitFor();
  await person.ask('Wait once more');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByText('You stopped this answer.').count()).toBe(2);
  expect(await person.composer.isVisible()).toBe(true);
  expect(await person.stopButton.count()).toBe(0);
});

test('two tabs show the same answer as it comes; either stops it, and what one edits the other shows', async () => {
  await using person = await newPerson();
  const { context, prompts } = person;
  await person.ask('On and on, for two');
  await person.sees('lorem elit labore');
  const other = await context.newPage();
  await other.goto(person.page.url());
  const otherAnswer = other.getByRole('article', { name: 'Answer' }).last();
  await otherAnswer.getByText('lorem elit labore').waitFor();
  await other.getByRole('button', { name: 'Stop the answer' }).click();
  await otherAnswer.getByText('You stopped this answer.').waitFor();
  await person.page.bringToFront();
  await person.answers.last().getByText('You stopped this answer.').waitFor();

  await prompts.first().getByRole('button', { name: 'Edit' }).click();
  await person.page.getByLabel('Edit the message').fill('Something else');
  await person.page.keyboard.press('Enter');
  await person.answered();
  await other.bringToFront();
  await other.getByRole('article', { name: 'You' }).getByText('Something else').waitFor();
  await otherAnswer.getByText('echo: Something else').waitFor();
  expect(person.faults).toEqual([]);
});

test('an answer that grows is followed; who scrolls up, however little, stays there; printed, it is there whole', async () => {
  await using person = await newPerson(undefined, { viewport: { width: 800, height: 420 } });
  const { page } = person;
  const messages = page.getByRole('region', { name: 'Messages' });
  const read = (what: string) =>
    page.evaluate(`(({ scrollTop, scrollHeight, clientHeight }) => ${what})(
    document.querySelector('main > section'))`);
  const distance = async () => Number(await read('scrollHeight - scrollTop - clientHeight'));
  await person.ask('At length');
  await expect.poll(() => read('scrollTop')).toBeGreaterThan(60);
  expect(await distance()).toBeLessThan(64);
  await messages.hover();
  await page.mouse.wheel(0, -30);
  await person.answered();
  expect(await distance()).toBeGreaterThan(100);
  await page.getByRole('button', { name: 'Go to the newest message' }).click();
  await expect.poll(distance).toBeLessThan(2);

  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const printed = await page.evaluate(`(() => {
    const { height } = document.querySelector('[data-markdown]').getBoundingClientRect();
    const ink = getComputedStyle(document.querySelector('[data-markdown]')).color;
    return { isWhole: document.documentElement.scrollHeight > height && height > 420, ink };
  })()`);
  expect(printed).toEqual({ isWhole: true, ink: 'rgb(29, 31, 29)' });
  expect(await person.composer.isVisible()).toBe(false);
  expect(await page.getByRole('navigation').count()).toBe(0);
  expect(person.faults).toEqual([]);
});

test('reasoning is folded, and says how long it took', async () => {
  await using person = await newPerson();
  await person.ask('Think about it');
  await person.sees('Thought.');
  await person.answered();
  await person.answers
    .last()
    .getByText(/^Reasoning · \d+ seconds?$/)
    .waitFor();
});

test('a model that is no longer there is said, and another one can be chosen', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  await page.getByRole('button', { name: /^Model: / }).click();
  await page.getByRole('option', { name: 'elm' }).click();
  await person.ask('Are you there?');
  expect(await person.answered()).toBe('elm: Are you there?');
  const before = listed;
  listed = listed.filter((model) => model !== 'elm');
  try {
    // The server looks again after a while.
    await expect
      .poll(
        async () => {
          await page.reload();
          await person.answered();
          return page.getByRole('button', { name: /^Model: / }).getAttribute('aria-label');
        },
        { timeout: 60_000, interval: 1_000 },
      )
      .toBe('Model: elm. It cannot be reached at the moment; choose another one.');
    await answers.last().getByRole('button', { name: 'Answer again', exact: true }).click();
    await answers.last().getByText('openai has no model "elm".').waitFor();
    await page.getByRole('button', { name: /^Model: / }).click();
    await page.getByRole('option', { name: 'oak' }).click();
    await answers.last().getByRole('button', { name: 'Answer again', exact: true }).first().click();
    await person.sees('oak: Are you there?');
  } finally {
    listed = before;
  }
});
