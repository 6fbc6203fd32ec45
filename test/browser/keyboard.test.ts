import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { lorem } from '../support/stream-plan.ts';
import { seedConversations } from './conversation-rows.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage(({ messages }) =>
  messages.at(-1)?.content.startsWith('Slowly') ? { tokens: lorem(200), intervalMs: 30 } : undefined,
);

const focusedId = (page: Page) => page.evaluate('document.activeElement.id');
const help = (page: Page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' });
const blur = (page: Page) => page.evaluate('document.activeElement.blur()');

test('conversations are begun, found, walked through and named by keys', async () => {
  await using person = await setup.newPerson();
  const { page, username } = person;
  await seedConversations(setup.server, username, { count: 3, minutesApart: 1 });
  await page.reload();
  await page.getByRole('link', { name: 'Of things 3' }).waitFor();
  // The message field is empty, and has the focus.
  await page.keyboard.press('Alt+ArrowDown');
  await expect.poll(() => page.title()).toContain('Of things 1');
  await page.keyboard.press('Alt+ArrowDown');
  await expect.poll(() => page.title()).toContain('Of things 2');
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(() => page.title()).toContain('Of things 1');
  // Where something is written they are the field's.
  await person.composer.fill('not empty');
  await page.keyboard.press('Alt+ArrowDown');
  await page.keyboard.press('F2');
  expect(await page.title()).toContain('Of things 1');
  expect(await page.getByLabel('Title of the conversation').count()).toBe(0);
  await blur(page);
  await page.keyboard.press('F2');
  await page.getByLabel('Title of the conversation').fill('Of ships');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Of ships' }).waitFor();

  await page.keyboard.press('Control+Shift+O');
  await expect.poll(() => new URL(page.url()).pathname).toBe('/');
  await expect.poll(() => focusedId(page)).toBe('composer');
  await page.keyboard.press('Control+k');
  expect(await focusedId(page)).toBe('search');
  await page.keyboard.press('Control+Shift+F');
  expect(await focusedId(page)).toBe('composer');
  // From another page too.
  await person.goToKnowledge();
  await page.keyboard.press('Control+Shift+F');
  await expect.poll(() => focusedId(page)).toBe('composer');

  const sidebar = page.getByRole('complementary', { name: 'Conversations' });
  await page.keyboard.press('Control+.');
  await sidebar.waitFor({ state: 'hidden' });
  await page.keyboard.press('Control+k');
  await sidebar.waitFor();
  await expect.poll(() => focusedId(page)).toBe('search');
  expect(person.faults).toEqual([]);
});

test('an answer is stopped and copied by keys', async () => {
  await using person = await setup.newPerson();
  const { page, context } = person;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.keyboard.press('Control+Shift+Y');
  await page.getByText('There is no answer yet that could be copied.').waitFor();
  await person.ask('Echo of **things**');
  await person.answered();
  await page.keyboard.press('Control+Shift+Y');
  await page.getByText('The last answer has been copied.').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe('Echo of **things**');
  await person.ask('Slowly, please');
  await person.sees('lorem');
  await page.keyboard.press('Escape');
  await page.getByText('You stopped this answer.').waitFor();
  expect(person.faults).toEqual([]);
});

test('the overview shows every key; what is written in a field is left alone', async () => {
  await using person = await setup.newPerson();
  const { page, composer } = person;
  await composer.focus();
  await page.keyboard.type('What? ');
  expect(await composer.inputValue()).toBe('What? ');
  expect(await help(page).count()).toBe(0);
  // While an input method composes, its keys are its own.
  await composer.dispatchEvent('keydown', { key: '/', ctrlKey: true, isComposing: true });
  expect(await help(page).count()).toBe(0);
  // AltGr is Ctrl and Alt, and writes.
  await composer.dispatchEvent('keydown', { key: '.', ctrlKey: true, altKey: true });
  expect(await page.getByRole('complementary', { name: 'Conversations' }).isVisible()).toBe(true);

  await page.keyboard.press('Control+/');
  await help(page).waitFor();
  expect(await help(page).locator('dt').allTextContents()).toEqual([
    'New conversation',
    'Search conversations',
    'Conversation above',
    'Conversation below',
    'Rename the conversation',
    'Write a message',
    'Copy the last answer',
    'Stop the answer, or close what is open',
    'Show or hide the conversations',
    'Undo what was just deleted or archived',
    'This overview',
  ]);
  expect(await help(page).locator('dd').first().locator('kbd').allTextContents()).toEqual(['Ctrl', 'Shift', 'O']);
  // A dialog has the keys to itself.
  await page.keyboard.press('Control+k');
  expect(await focusedId(page)).not.toBe('search');
  await page.keyboard.press('Escape');
  await help(page).waitFor({ state: 'detached' });
  expect(await focusedId(page)).toBe('composer');

  await blur(page);
  await page.keyboard.press('?');
  await help(page).waitFor();
  await page.keyboard.press('?');
  await help(page).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click();
  await help(page).waitFor();
  expect(person.faults).toEqual([]);
});

test('on a Mac the keys have ⌘, and are written as there', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await page.addInitScript("Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' })");
  await page.reload();
  await person.composer.waitFor();
  await page.keyboard.press('Control+k');
  expect(await focusedId(page)).not.toBe('search');
  await page.keyboard.press('Meta+k');
  expect(await focusedId(page)).toBe('search');
  await page.keyboard.press('Meta+/');
  await help(page).waitFor();
  expect(await help(page).locator('dd').first().locator('kbd').allTextContents()).toEqual(['⌘', '⇧', 'O']);
  expect(person.faults).toEqual([]);
});
