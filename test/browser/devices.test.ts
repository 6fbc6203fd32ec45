import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { words } from '../support/stream-plan.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage(({ messages }) => {
  const prompt = messages.at(-1)?.content ?? '';
  if (prompt.startsWith('At length')) return { tokens: words('This far and'), finishReason: 'length' };
  if (prompt.startsWith('Please continue')) return { tokens: words('no further.') };
  return undefined;
});

test('a version of a message is shown with what followed it, also on another device', async () => {
  await using person = await setup.newPerson();
  const { prompts, page } = person;
  await person.ask('The first question');
  await person.answered();
  await prompts.first().getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Edit the message').fill('Another first question');
  await page.keyboard.press('Enter');
  await person.sees('Another first question');
  await person.answered();

  await using other = await setup.otherDevice(person);
  await other.page.getByRole('link', { name: 'The first question' }).click();
  await other.prompts.first().getByText('2/2').waitFor();
  await other.prompts.first().getByRole('button', { name: 'Previous version' }).click();
  await other.prompts.first().getByText('1/2').waitFor();
  await other.sees('The first question');

  // Meanwhile the second version is gone on with.
  await person.ask('What follows it');
  await expect.poll(() => person.answers.count()).toBe(2);
  await person.answered();
  expect(await other.prompts.count()).toBe(1);
  await other.prompts.first().getByRole('button', { name: 'Next version' }).click();
  await other.sees('What follows it');
  expect(await other.prompts.allInnerTexts()).toEqual([
    expect.stringContaining('Another first question'),
    expect.stringContaining('What follows it'),
  ]);
  expect([...person.faults, ...other.faults]).toEqual([]);
});

test('a version that cannot be read is said, and what was shown stays', async () => {
  await using person = await setup.newPerson();
  const { answers, page } = person;
  await person.ask('The only question');
  await person.answered();
  await answers.last().getByRole('button', { name: 'Answer again' }).first().click();
  await answers.last().getByText('2/2').waitFor();
  await person.answered();
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('NewestLeaf') ? route.abort() : route.continue(),
  );
  await answers.last().getByRole('button', { name: 'Previous version' }).click();
  await page.getByText('The server cannot be reached.').waitFor();
  await answers.last().getByText('2/2').waitFor();
  await page.unroute('**/graphql');
  await answers.last().getByRole('button', { name: 'Previous version' }).click();
  await answers.last().getByText('1/2').waitFor();
});

const titles = (page: Page) =>
  page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').allTextContents();

test('the list is in the order of what was last said, on every device; a new name moves nothing', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.ask('Of ships');
  await person.answered();
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await person.ask('Of wax');
  await person.answered();
  await using other = await setup.otherDevice(person);
  await expect.poll(() => titles(other.page)).toEqual(['Of wax', 'Of ships']);

  await person.act('Of ships', 'Rename');
  await page.getByLabel('Title of the conversation').fill('Of boats');
  await page.keyboard.press('Enter');
  await expect.poll(() => titles(other.page)).toEqual(['Of wax', 'Of boats']);
  expect(await titles(page)).toEqual(['Of wax', 'Of boats']);

  await page.getByRole('link', { name: 'Of boats' }).click();
  await person.sees('Of ships');
  await person.ask('And of sails');
  await expect.poll(() => titles(other.page)).toEqual(['Of boats', 'Of wax']);
  expect(await titles(page)).toEqual(['Of boats', 'Of wax']);
});

test('a conversation that is deleted on another device leaves the list, and the screen', async () => {
  await using person = await setup.newPerson();
  await person.ask('Of cabbages');
  await person.answered();
  await using other = await setup.otherDevice(person);
  await other.page.getByRole('link', { name: 'Of cabbages' }).click();
  await other.sees('Of cabbages');

  await person.act('Of cabbages', 'Delete');
  await other.page.getByText('The conversation has been deleted.').waitFor();
  await other.page.getByRole('link', { name: 'Of cabbages' }).waitFor({ state: 'detached' });
  await expect.poll(() => new URL(other.page.url()).pathname).toBe('/');
  expect(await other.composer.isVisible()).toBe(true);
  expect([...person.faults, ...other.faults]).toEqual([]);
});

test('an answer that was cut at its length limit says so and can be gone on with', async () => {
  await using person = await setup.newPerson();
  const { page, answers, prompts } = person;
  await person.ask('At length, please');
  await person.answered();
  const note = page.getByText('The answer was cut off at its length limit.');
  await note.waitFor();
  await page.setViewportSize({ width: 260, height: 600 });
  await page.reload();
  await note.waitFor();
  const box = await note.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(260);
  // What is being written is not what is sent.
  await person.composer.fill('Not sent yet');
  await answers.last().getByRole('button', { name: 'Continue' }).click();
  await person.sees('no further.');
  await person.answered();
  expect(await prompts.count()).toBe(2);
  expect(await note.count()).toBe(1);
  expect(await page.getByRole('button', { name: 'Continue' }).count()).toBe(0);
  await page.reload();
  expect(await person.composer.inputValue()).toBe('Not sent yet');
});
