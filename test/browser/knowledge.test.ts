import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { LIGHTHOUSE, PICTURE, RECIPES } from './knowledge-documents.ts';
import { usePage } from './page-fixture.ts';

const FACT = 'The lamp of the tower is seen for twenty-one nautical miles in clear weather.';
const QUESTION = 'How far is the lamp of the tower seen?';

const setup = usePage(undefined, { defaultModel: 'builtin/extractive' });
const { newPerson } = setup;

test('a document is uploaded, read and asked about; a citation opens it at the right place', async () => {
  await using person = await newPerson();
  const { page, panel } = person;
  await person.goToKnowledge();
  await page.getByText('No files here yet').waitFor();
  await person.chooseFiles([LIGHTHOUSE]);
  await person.file(LIGHTHOUSE.name).getByText('Ready').waitFor();

  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await person.ask(QUESTION);
  expect(await person.answered()).toContain('twenty-one nautical miles');
  const chip = person.answers
    .last()
    .locator('[data-markdown]')
    .getByRole('button', { name: /^Source 1: lighthouse\.md/ });
  await chip.first().click();
  await panel.waitFor();
  expect(await panel.locator('mark').textContent()).toContain(FACT);
  // With what stands around it, in its order.
  await expect.poll(() => panel.locator('blockquote').textContent()).toContain('Entry 1 of the register');
  const shown = (await panel.locator('blockquote').textContent()) ?? '';
  const plain = (text: string) => text.replaceAll(/[\s…#]+/g, ' ').trim();
  expect(plain(LIGHTHOUSE.text)).toContain(plain(shown));
  expect(await panel.locator('mark').isVisible()).toBe(true);

  // By keyboard: it is closed, and the number has the focus again.
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toMatch(/^Source 1/);
  await page.keyboard.press('Enter');
  await panel.waitFor();
  const saving = page.waitForEvent('download');
  await panel.getByRole('button', { name: 'Download the file' }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe(LIGHTHOUSE.name);
  expect(await readFile(await saved.path(), 'utf8')).toBe(LIGHTHOUSE.text);

  // The same from what the server has kept, on a phone: the passage takes its place, and nothing is cut off.
  await page.setViewportSize({ width: 390, height: 780 });
  await page.reload();
  const composer = await person.composer.boundingBox();
  expect((composer?.x ?? 0) + (composer?.width ?? 391)).toBeLessThanOrEqual(390);
  await person.answers.last().getByRole('region', { name: 'Sources' }).getByRole('button').first().click();
  await expect.poll(() => panel.locator('mark').textContent()).toContain(FACT);
  expect((await panel.boundingBox())?.width).toBeCloseTo(390);
  expect(await page.locator('main[inert]').count()).toBe(1);
  expect(person.faults).toEqual([]);
});

test('files are dropped on a conversation and pasted into it; they are what it is about', async () => {
  await using person = await newPerson();
  const { page, composer } = person;
  const send = page.getByRole('button', { name: 'Send', exact: true });
  await composer.fill(QUESTION);
  // What is no model is not called by a name.
  await page.getByRole('button', { name: 'Model: Quotes from your files' }).waitFor();
  await person.dropFiles([LIGHTHOUSE]);
  await person.attachment(LIGHTHOUSE.name).waitFor();
  await composer.focus();
  await person.pasteFiles([RECIPES]);
  await person.attachment(LIGHTHOUSE.name).getByText('Ready').waitFor();
  await person.attachment(RECIPES.name).getByText('Ready').waitFor();
  await page.getByRole('button', { name: 'Where to look for answers: 2 sources chosen' }).waitFor();
  await person.attachment(RECIPES.name).getByRole('button', { name: 'Do not ask about recipes.md' }).click();
  const scope = page.getByRole('button', { name: 'Where to look for answers: lighthouse.md' });
  await scope.waitFor();
  await send.click();
  expect(await person.answered()).toContain('twenty-one nautical miles');
  expect(await page.getByRole('list', { name: 'Attached files' }).count()).toBe(0);

  // The conversation keeps it, a new one begins with everything.
  await page.reload();
  await scope.waitFor();
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await page.getByRole('button', { name: 'Where to look for answers: All files' }).waitFor();
  expect(person.faults).toEqual([]);
});

test('a conversation looks only where it is told to', async () => {
  await using person = await newPerson();
  const { page, answers } = person;
  await person.goToKnowledge();
  await person.chooseFiles([LIGHTHOUSE]);
  await person.file(LIGHTHOUSE.name).getByText('Ready').waitFor();
  await page.getByRole('button', { name: 'New collection' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Kitchen');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Kitchen' }).waitFor();
  await person.dropFiles([RECIPES]);
  await person.file(RECIPES.name).getByText('Ready').waitFor();

  await page.getByRole('link', { name: 'New conversation' }).first().click();
  const sources = () => answers.last().getByRole('region', { name: 'Sources' });
  await page.getByRole('button', { name: /^Where to look for answers/ }).click();
  await page.getByRole('radio', { name: /^No files/ }).check();
  await page.keyboard.press('Escape');
  await person.ask(QUESTION);
  await person.answered();
  expect(await sources().count()).toBe(0);

  await page.getByRole('button', { name: 'Where to look for answers: No files' }).click();
  await page.getByRole('checkbox', { name: 'Kitchen' }).check();
  await page.keyboard.press('Escape');
  await person.ask('Is the barley soup simmered with marjoram, and how far is the lamp of the tower seen?');
  await person.answered();
  await sources().waitFor();
  // Also those that are folded.
  const named = (await sources().locator('button').allTextContents()).join();
  expect(named).toContain('recipes.md');
  expect(named).not.toContain('lighthouse.md');

  // What is gone is asked about no more.
  await page.getByRole('link', { name: 'Knowledge' }).click();
  await page
    .getByRole('navigation', { name: 'Collections' })
    .getByRole('link', { name: /^Kitchen/ })
    .click();
  await page.getByRole('button', { name: 'Actions for Kitchen' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Larder');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Larder' }).waitFor();
  await page.getByRole('button', { name: 'Actions for Larder' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByText('“Larder” and 1 file in it will be deleted.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('The collection has been deleted.').waitFor();
  await person.file(LIGHTHOUSE.name).waitFor();
  expect(await person.file(RECIPES.name).count()).toBe(0);
  await page.getByRole('link', { name: QUESTION }).click();
  await page.getByRole('button', { name: 'Where to look for answers: All files' }).waitFor();
  await person.ask(QUESTION);
  await person.answered();
  await sources()
    .getByRole('button', { name: /lighthouse\.md/ })
    .first()
    .waitFor();
  expect(person.faults).toEqual([]);
});

test('a deleted file leaves the list; what was quoted from it can still be opened and says so', async () => {
  await using person = await newPerson();
  const { page, panel } = person;
  await person.chooseFiles([LIGHTHOUSE]);
  await person.attachment(LIGHTHOUSE.name).getByText('Ready').waitFor();
  await person.ask(QUESTION);
  await person.answered();
  const path = new URL(page.url()).pathname;
  await person.goToKnowledge();
  await person.file(LIGHTHOUSE.name).getByRole('button', { name: 'Actions for lighthouse.md' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No files here yet').waitFor();
  await page.reload();
  await page.getByText('No files here yet').waitFor();

  await page.goto(new URL(path, page.url()).href);
  await person.answers
    .last()
    .getByRole('button', { name: /^Source 1/ })
    .first()
    .click();
  await panel.getByText('This file has been deleted.').waitFor();
  expect(await panel.locator('mark').textContent()).toContain(FACT);
  expect(await panel.getByRole('button', { name: 'Download the file' }).count()).toBe(0);
  expect(person.faults).toEqual([]);
});

test('passages are searched with the rank that each way of looking gave them', async () => {
  await using person = await newPerson();
  const { page, panel } = person;
  await person.goToKnowledge();
  await person.chooseFiles([LIGHTHOUSE, RECIPES]);
  await person.file(LIGHTHOUSE.name).getByText('Ready').waitFor();
  await person.file(RECIPES.name).getByText('Ready').waitFor();
  const search = page.getByLabel('Search in the files');
  await search.fill('barley marjoram');
  const hits = page.getByRole('region', { name: 'Passages' }).getByRole('listitem');
  await expect.poll(() => hits.first().textContent()).toContain('recipes.md');
  expect(await hits.first().textContent()).toContain('No. 1 by words');
  await hits.first().getByRole('button').click();
  await expect.poll(() => panel.locator('mark').textContent()).toContain('Simmer the barley');
  await panel.getByRole('button', { name: 'Close the source' }).click();

  await search.fill('zxqvjk');
  await page.getByText('No passage has these words.').waitFor();
  await search.press('Escape');
  await person.file(RECIPES.name).waitFor();
  await page.getByLabel('Filter by name').fill('LIGHT');
  await person.file(RECIPES.name).waitFor({ state: 'detached' });
  expect(await person.file(LIGHTHOUSE.name).count()).toBe(1);
  await page.getByLabel('Filter by state').selectOption('Not read');
  await page.getByText('No file matches.').waitFor();
  expect(person.faults).toEqual([]);
});

test('what cannot be read or sent says why, can be tried again and be dismissed', async () => {
  await using person = await newPerson();
  const { page } = person;
  await person.goToKnowledge();
  await person.chooseFiles([PICTURE, RECIPES]);
  await person.file(RECIPES.name).getByText('Ready').waitFor();
  const refused = person.file(PICTURE.name);
  await refused.getByRole('alert').waitFor();
  expect((await refused.getByRole('alert').textContent())?.length).toBeGreaterThan(10);
  await refused.getByRole('button', { name: /^Dismiss/ }).click();
  await refused.waitFor({ state: 'detached' });

  await page.route('**/files?*', (route) => route.abort());
  await person.chooseFiles([LIGHTHOUSE]);
  await person.file(LIGHTHOUSE.name).getByText('The server cannot be reached.').waitFor();
  await page.unroute('**/files?*');
  await person
    .file(LIGHTHOUSE.name)
    .getByRole('button', { name: /^Try .* again/ })
    .click();
  await person.file(LIGHTHOUSE.name).getByText('Ready').waitFor();

  // One that is on its way is cancelled, and the server never has it.
  const held = Promise.withResolvers<void>();
  await page.route('**/files?*', async (route) => {
    await held.promise;
    await route.abort().catch(() => {});
  });
  await person.chooseFiles([{ ...LIGHTHOUSE, name: 'slow.md', text: `${LIGHTHOUSE.text} slow` }]);
  await person
    .file('slow.md')
    .getByRole('button', { name: /^Cancel/ })
    .click();
  await person.file('slow.md').waitFor({ state: 'detached' });
  held.resolve();
  await page.unroute('**/files?*');
  await page.reload();
  await person.file(LIGHTHOUSE.name).waitFor();
  expect(await person.file('slow.md').count()).toBe(0);
});

test('a file that could not be read says why, and is read again when it is asked for', async () => {
  await using person = await newPerson();
  const { page } = person;
  await person.goToKnowledge();
  await person.chooseFiles([RECIPES]);
  const row = person.file(RECIPES.name);
  await row.getByText('Ready').waitFor();
  await setup.server.app.database.sql.query(
    `UPDATE files SET status = 'FAILED', error = 'The oven was not hot.' FROM users
     WHERE users.id = files.user_id AND users.username = $1`,
    [person.username],
  );
  await page.reload();
  await row.getByText('The oven was not hot.').waitFor();
  await page.getByLabel('Filter by state').selectOption('Not read');
  await row.getByText('Not read', { exact: true }).waitFor();
  await row.getByRole('button', { name: 'Actions for recipes.md' }).click();
  await page.getByRole('menuitem', { name: 'Read it again' }).click();
  await row.getByText('Ready').waitFor();
  expect(await row.getByText('The oven was not hot.').count()).toBe(0);
  expect(person.faults).toEqual([]);
});
