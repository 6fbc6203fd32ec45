import type { CDPSession, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { lorem } from '../support/stream-plan.ts';
import { seedConversations, titlesOf } from './conversation-rows.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage(({ messages }) =>
  messages.at(-1)?.content.startsWith('Slowly') ? { tokens: lorem(120), intervalMs: 30 } : undefined,
);

const list = (page: Page) => page.getByRole('navigation', { name: 'Conversations' });
const row = (page: Page, title: string) => list(page).getByRole('link', { name: title, exact: true });
const shownTitles = (page: Page) => list(page).getByRole('link').allTextContents();
const focusedText = (page: Page) => page.evaluate('document.activeElement.textContent');
/** Longer than a notice can be taken at its word. */
const LATER_MS = 9_000;

/** Somebody with these conversations, the newest first. */
async function personWith(titles: readonly string[]) {
  const person = await setup.newPerson();
  for (const [index, title] of titles.entries()) {
    await seedConversations(setup.server, person.username, { count: 1, minutesApart: index + 1, titles: title });
  }
  await person.page.reload();
  await row(person.page, `${titles[0]} 1`).waitFor();
  return person;
}

test('a deletion is taken back by its button or by keys, and otherwise carried out', async () => {
  await using person = await personWith(['Of ships', 'Of wax', 'Of kings']);
  const { page, username } = person;
  const kept = () => titlesOf(setup.server, username);
  await page.clock.install();
  await row(page, 'Of ships 1').click();
  await expect.poll(() => page.title()).toContain('Of ships 1');
  await person.act('Of ships 1', 'Delete');
  await person.act('Of wax 1', 'Delete');
  expect(await shownTitles(page)).toEqual(['Of kings 1']);
  expect(new URL(page.url()).pathname).toBe('/');
  const notices = page.getByRole('status').filter({ hasText: 'has been deleted' });
  expect(await notices.getByRole('button', { name: 'Undo' }).count()).toBe(2);

  // The one that was shown is shown again.
  await notices.getByText('“Of ships 1” has been deleted.').locator('..').getByRole('button').click();
  await expect.poll(() => page.title()).toContain('Of ships 1');
  await row(page, 'Of ships 1').focus();
  await page.keyboard.press('Control+z');
  await expect.poll(() => shownTitles(page)).toEqual(['Of ships 1', 'Of wax 1', 'Of kings 1']);
  expect(await kept()).toHaveLength(3);

  // While it is looked at, its time stands still.
  await person.act('Of kings 1', 'Delete');
  await notices.getByRole('button', { name: 'Undo' }).hover();
  await page.clock.fastForward(LATER_MS);
  expect(await notices.getByRole('button', { name: 'Undo' }).count()).toBe(1);
  await page.mouse.move(700, 200);
  await page.clock.fastForward(LATER_MS);
  await expect.poll(kept).toEqual(['Of ships 1', 'Of wax 1']);
  expect(await shownTitles(page)).toEqual(['Of ships 1', 'Of wax 1']);
  expect(person.faults).toEqual([]);
});

test('a deletion leaves other tabs at once, and comes back there too', async () => {
  await using person = await personWith(['Of ships', 'Of wax']);
  const { page, context } = person;
  const other = await context.newPage();
  await other.goto(setup.server.url);
  await row(other, 'Of wax 1').waitFor();
  await page.bringToFront();
  await person.act('Of wax 1', 'Delete');
  await expect.poll(() => shownTitles(other)).toEqual(['Of ships 1']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => shownTitles(other)).toEqual(['Of ships 1', 'Of wax 1']);
  // The focus is where it was before.
  await expect.poll(() => focusedText(page)).toBe('Of wax 1');
  expect(person.faults).toEqual([]);
});

test('who leaves the page has deleted; where the server does not hear it, the next page does it', async () => {
  await using person = await personWith(['Of ships', 'Of wax', 'Of kings']);
  const { page, username } = person;
  await person.act('Of ships 1', 'Delete');
  await page.goto('about:blank');
  await expect.poll(() => titlesOf(setup.server, username)).toEqual(['Of wax 1', 'Of kings 1']);

  await page.goto(setup.server.url);
  await row(page, 'Of wax 1').waitFor();
  // As from a page that has lost its network.
  await page.evaluate(`{
    const { fetch } = window;
    window.fetch = (address, options) => options?.keepalive ? Promise.reject(new Error('cut')) : fetch(address, options);
  }`);
  await person.act('Of wax 1', 'Delete');
  await page.goto('about:blank');
  expect(await titlesOf(setup.server, username)).toEqual(['Of wax 1', 'Of kings 1']);
  await page.clock.install();
  await page.goto(setup.server.url);
  await row(page, 'Of kings 1').waitFor();
  expect(await shownTitles(page)).toEqual(['Of kings 1']);
  // A busy browser may not let a page say that it is left; then its time has to run out.
  await page.clock.fastForward(160_000);
  await expect.poll(() => titlesOf(setup.server, username)).toEqual(['Of kings 1']);
  expect(await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('deleting'))")).toEqual([]);
});

test('a deletion that fails says so, and the conversation is back; one before signing out is done first', async () => {
  await using person = await personWith(['Of ships', 'Of wax']);
  const { page, username } = person;
  await page.clock.install();
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('DeleteConversation') ? route.abort() : route.continue(),
  );
  await person.act('Of ships 1', 'Delete');
  await row(page, 'Of ships 1').waitFor({ state: 'detached' });
  await page.clock.fastForward(LATER_MS);
  await page.getByText('“Of ships 1” could not be deleted and is back. The server cannot be reached.').waitFor();
  await row(page, 'Of ships 1').waitFor();
  await page.unroute('**/graphql');
  await person.act('Of ships 1', 'Delete');
  await person.signOut();
  expect(await titlesOf(setup.server, username)).toEqual(['Of wax 1']);
});

test('a deletion outlives a sign-in that ends from elsewhere, and one that is ended without the server', async () => {
  await using person = await personWith(['Of ships', 'Of wax', 'Of kings']);
  const { page, username } = person;
  const kept = () => titlesOf(setup.server, username);
  const records = () => page.evaluate("Object.keys(localStorage).filter((key) => key.includes('deleting')).length");
  await person.act('Of ships 1', 'Delete');
  const stored = await page.evaluate("localStorage.getItem('colloquy.tokens')");
  await setup.server.data('mutation { logout }', {}, JSON.parse(String(stored)).accessToken);
  await page.getByText('Your session has ended.').waitFor();
  expect(await page.title()).toBe('Sign in · Colloquy');
  expect(await kept()).toHaveLength(3);
  expect(await records()).toBe(1);
  await person.signIn(username);
  await expect.poll(kept).toEqual(['Of wax 1', 'Of kings 1']);
  await expect.poll(records).toBe(0);
  expect(await shownTitles(page)).toEqual(['Of wax 1', 'Of kings 1']);

  await row(page, 'Of wax 1').click();
  await expect.poll(() => page.title()).toContain('Of wax 1');
  await page.route('**/graphql', (route) => route.abort());
  await person.act('Of wax 1', 'Delete');
  await person.signOut();
  // What was open is nobody's business any more.
  expect(new URL(page.url()).pathname).toBe('/');
  expect(await kept()).toHaveLength(2);
  await page.unroute('**/graphql');
  await person.signIn(username);
  await expect.poll(kept).toEqual(['Of kings 1']);
});

test('a search marks what it has found, says where, and is walked through by keys', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.ask('Tell of Cabbages');
  await person.answered();
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await person.ask('Of sealing wax, and of a king or two, who had cabbages for supper');
  await person.answered();
  await person.act('Of sealing wax', 'Rename');
  await page.getByLabel('Title of the conversation').fill('Another matter');
  await page.keyboard.press('Enter');
  await person.act('Another matter', 'Archive');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('cabbage');
  await page.getByText('2 results').waitFor();
  const results = list(page).getByRole('link');
  await expect.poll(() => results.first().textContent()).toMatch(/^Another matter… .*had cabbages for supperarchived$/);
  await expect.poll(() => results.locator('mark').allTextContents()).toEqual(['cabbage', 'Cabbage']);

  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => focusedText(page)).toBe('Tell of Cabbages');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('search');
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.title()).toContain('Tell of Cabbages');
  await results.first().focus();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByLabel('Search conversations').inputValue()).toBe('');
  await page.keyboard.type('another');
  await page.getByText('1 result').waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.title()).toContain('Another matter');
  expect(person.faults).toEqual([]);
});

test('an answer that comes late does not take the place of a newer one', async () => {
  await using person = await personWith(['Of ships', 'Of shoes']);
  const { page } = person;
  const held = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    if (route.request().postDataJSON()?.variables?.filter?.text !== 'of s') return route.continue();
    await held.promise;
    await route.continue().catch(() => {});
    late.resolve();
  });
  const search = page.getByLabel('Search conversations');
  const asked = page.waitForRequest((request) => request.postData()?.includes('"of s"') ?? false);
  await search.fill('of s');
  await asked;
  await search.fill('of shoes');
  await page.getByText('1 result').waitFor();
  held.resolve();
  await late.promise;
  await search.press('ArrowDown');
  expect(await shownTitles(page)).toEqual(['Of shoes 1']);
  expect(person.faults).toEqual([]);
});

test('days have their own names, which change at midnight, in German too', async () => {
  await using person = await setup.newPerson();
  const { page, username } = person;
  await seedConversations(setup.server, username, { count: 3, minutesApart: 26 * 60 });
  await seedConversations(setup.server, username, { count: 1, minutesApart: 1, titles: 'Just now' });
  await seedConversations(setup.server, username, { count: 1, minutesApart: 400 * 24 * 60, titles: 'Long ago' });
  await page.evaluate("localStorage.setItem('colloquy.language', '\"de\"')");
  const now = new Date();
  const evening = new Date(now.getFullYear(), now.getMonth(), now.getDate(), 23, 59, 0);
  await page.clock.install({ time: evening });
  await page.reload();
  const groups = page.getByRole('navigation', { name: 'Gespräche' }).getByRole('region');
  const names = () => groups.evaluateAll((all) => all.map((group) => group.getAttribute('aria-label')));
  await groups.first().waitFor();
  const before = await names();
  expect(before[0]).toBe('Heute');
  expect(before).toContain('Letzte 7 Tage');
  expect(before.at(-1)).toMatch(
    /^(Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember) \d{4}$/,
  );
  await page.clock.fastForward(5 * 60_000);
  await expect.poll(async () => (await names())[0]).toBe('Gestern');
  expect(await groups.first().textContent()).toContain('Just now 1');
  expect(person.faults).toEqual([]);
});

test('two thousand conversations are scrolled through smoothly and are two steps from what follows them', async () => {
  await using person = await setup.newPerson();
  const { page, username } = person;
  await seedConversations(setup.server, username, { count: 2_000, minutesApart: 60 });
  await page.reload();
  await row(page, 'Of things 1').waitFor();
  const session = await person.context.newCDPSession(page);
  await session.send('Performance.enable');
  const before = await workOf(session);
  const frames = await page.evaluate<number>(SCROLL_TO_END);
  expect(await list(page).getByRole('link').count()).toBe(2_000);
  // What the page itself does for a frame, in milliseconds, with its reading on: 5 on a quiet machine. Tests have
  // none, so this holds off only what grows with the list.
  expect((1_000 * ((await workOf(session)) - before)) / frames).toBeLessThan(50);

  await row(page, 'Of things 2000').focus();
  await page.keyboard.press('ArrowUp');
  expect(await focusedText(page)).toBe('Of things 1999');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await focusedText(page)).toContain(username);
  expect(person.faults).toEqual([]);
});

/** Scrolls the list to its very end. Returns in how many frames. */
const SCROLL_TO_END = `(async () => {
  const list = document.querySelector('[data-conversations]');
  const rows = list.getElementsByTagName('a');
  const deadline = performance.now() + 90_000;
  let frames = 0;
  while (rows.length < 2_000 && performance.now() < deadline) {
    list.scrollTop += 400;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    frames += 1;
  }
  return frames;
})()`;

/** The seconds that a page has spent on its scripts, its styles and its layout. */
async function workOf(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  const counted = new Set(['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration']);
  return metrics.reduce((sum, { name, value }) => sum + (counted.has(name) ? value : 0), 0);
}

test('a title is written by double click, by F2 or from the menu; Escape takes it back, nothing is no title', async () => {
  await using person = await personWith(['Of ships']);
  const { page, username } = person;
  const field = page.getByLabel('Title of the conversation');
  await row(page, 'Of ships 1').dblclick();
  await field.fill('Of sails');
  await page.keyboard.press('Escape');
  await expect.poll(() => focusedText(page)).toBe('Of ships 1');
  await page.keyboard.press('F2');
  await field.fill(' ');
  await page.keyboard.press('Enter');
  await page.getByText('A conversation needs a title.').waitFor();
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  await field.fill('Of boats');
  await page.keyboard.press('Enter');
  await row(page, 'Of boats').waitFor();
  await expect.poll(() => focusedText(page)).toBe('Of boats');
  expect(await titlesOf(setup.server, username)).toEqual(['Of boats']);

  await person.act('Of boats', 'Archive');
  await page.getByText('“Of boats” has been archived.').waitFor();
  await row(page, 'Of boats').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await row(page, 'Of boats').waitFor();
  expect(person.faults).toEqual([]);
});

test('a title appears by itself, and what is being answered is marked, in every tab', async () => {
  await using person = await setup.newPerson();
  const { page, context } = person;
  const other = await context.newPage();
  await other.goto(setup.server.url);
  await other.getByLabel('Message', { exact: true }).waitFor();
  await page.bringToFront();
  await person.ask('Slowly, of ships');
  await list(other).getByRole('link', { name: 'Slowly, of ships' }).waitFor();
  const mark = list(other).getByRole('img', { name: 'An answer is being written' });
  await mark.waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('You stopped this answer.').waitFor();
  await mark.waitFor({ state: 'detached' });
  expect(person.faults).toEqual([]);
});
