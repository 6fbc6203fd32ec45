import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { LIGHTHOUSE, RECIPES } from './knowledge-documents.ts';
import type { TestFile } from './page-driver.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage(undefined, { defaultModel: 'builtin/extractive' });

const documents = (count: number, topic = 'harbour'): TestFile[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${topic}-${String(index + 1).padStart(2, '0')}.md`,
    type: 'text/markdown',
    text: `# The ${topic} ${index + 1}\n\nOf the ${topic} number ${index + 1} nothing is known but its boats.\n`,
  }));

const rows = (page: Page) => page.getByRole('list', { name: 'Files', exact: true }).getByRole('listitem');
const box = (page: Page, name: string) => page.getByRole('checkbox', { name: `Choose ${name}`, exact: true });
const namesOf = (page: Page) => rows(page).locator('bdi').allTextContents();

test('fifty files go up three at a time, with one progress for all, and each becomes ready by itself', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.goToKnowledge();
  let running = 0;
  let most = 0;
  const held = Promise.withResolvers<void>();
  await page.route('**/files?*', async (route) => {
    running += 1;
    most = Math.max(most, running);
    await held.promise;
    const response = await route.fetch();
    running -= 1;
    await route.fulfill({ response });
  });
  await person.chooseFiles(documents(50));
  await page.getByText('0 of 50 files uploaded').waitFor();
  await page.getByRole('progressbar', { name: 'Progress of all uploads' }).waitFor();
  await page.getByText('37 more files wait.').waitFor();
  held.resolve();
  await page.getByText('50 files', { exact: true }).waitFor({ timeout: 60_000 });
  expect(most).toBe(3);
  await expect.poll(() => rows(page).getByText('Ready').count(), { timeout: 90_000 }).toBe(50);
  expect(await page.getByRole('progressbar').count()).toBe(0);
  expect(person.faults).toEqual([]);
}, 180_000);

test('those that fail are tried again together, the rest is cancelled, what is there already is said', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.goToKnowledge();
  await page.route('**/files?*', (route) => route.abort());
  await person.chooseFiles(documents(4, 'quay'));
  await page.getByText('0 of 4 files uploaded · 4 failed').waitFor();
  await page.unroute('**/files?*');
  await page.getByRole('button', { name: 'Try the failed ones again' }).click();
  await expect.poll(() => rows(page).getByText('Ready').count()).toBe(4);

  // The server says that it is asked too much: that is waited for.
  let refusals = 0;
  await page.route('**/files?*', (route) => {
    refusals += 1;
    if (refusals > 1) return route.continue();
    const error = { message: 'Too much.', extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 1 } };
    return route.fulfill({ status: 429, headers: { 'retry-after': '1' }, json: { errors: [error] } });
  });
  await person.chooseFiles(documents(1, 'jetty'));
  await person.file('jetty-01.md').getByText('Ready').waitFor();
  expect(refusals).toBe(2);
  await page.unroute('**/files?*');

  const [first] = documents(1, 'quay');
  await person.chooseFiles([{ ...(first as TestFile), name: 'another-name.md' }, RECIPES]);
  await page.getByText('2 of 2 files uploaded · 1 there already, with the same content').waitFor();
  expect((await namesOf(page)).sort()).toEqual([
    'jetty-01.md',
    'quay-01.md',
    'quay-02.md',
    'quay-03.md',
    'quay-04.md',
    'recipes.md',
  ]);
  await page.getByRole('button', { name: 'Dismiss' }).click();

  await page.route('**/files?*', () => {});
  await person.chooseFiles(documents(5, 'pier'));
  await page.getByText('0 of 5 files uploaded').waitFor();
  await page.getByRole('button', { name: 'Cancel the rest' }).click();
  await page.getByText('0 of 5 files uploaded').waitFor({ state: 'detached' });
  expect(await namesOf(page)).toHaveLength(6);
  expect(person.faults).toEqual([]);
});

test('two files of one name are both kept; a filter hides what comes, and says so', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.goToKnowledge();
  await person.chooseFiles([RECIPES]);
  await person.file(RECIPES.name).getByText('Ready').waitFor();
  await person.chooseFiles([{ ...RECIPES, text: `${RECIPES.text}\nAnd thyme.\n` }]);
  await expect.poll(() => rows(page).getByText('Ready').count()).toBe(2);
  expect(await namesOf(page)).toEqual([RECIPES.name, RECIPES.name]);

  // What comes under a filter follows it, and is not lost sight of.
  // A moment after the last key.
  const filtered = page.waitForRequest((request) => request.postData()?.includes('"text":"recipes"') ?? false);
  await page.getByLabel('Filter by name').fill('recipes');
  await filtered;
  await page.getByText('2 files', { exact: true }).waitFor();
  await person.chooseFiles([LIGHTHOUSE]);
  await page.getByText('The filter hides 1 file that you have just uploaded.').waitFor();
  expect(await namesOf(page)).toEqual([RECIPES.name, RECIPES.name]);
  await page.getByRole('button', { name: 'Show all files' }).click();
  await person.file(LIGHTHOUSE.name).waitFor();
  expect(await page.getByText('The filter hides').count()).toBe(0);
  await page.getByLabel('Filter by state').selectOption('Ready');
  await page.getByLabel('Search in the files').fill('thyme');
  await page.getByText('1 passage found').waitFor();
  // It is not ready yet when it comes.
  await person.chooseFiles(documents(1, 'dock'));
  await person.file('dock-01.md').waitFor();
  await page.getByText('4 files', { exact: true }).waitFor();
});

test('a folder is dropped with the folders in it, without what systems leave there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'colloquy-folder-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'papers', 'older'), { recursive: true });
  await writeFile(join(folder, 'papers', 'new.md'), '# New\n\nOf new things.\n');
  await writeFile(join(folder, 'papers', '.hidden'), 'nothing');
  await writeFile(join(folder, 'papers', 'older', 'old.md'), '# Old\n\nOf old things.\n');
  await using person = await setup.newPerson();
  const { page, context } = person;
  await person.goToKnowledge();
  await page.getByText('No files here yet').waitFor();
  const session = await context.newCDPSession(page);
  const data = { items: [], files: [join(folder, 'papers')], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 700, y: 400, data });
  }
  await expect.poll(() => rows(page).getByText('Ready').count()).toBe(2);
  expect((await namesOf(page)).sort()).toEqual(['new.md', 'old.md']);
  expect(person.faults).toEqual([]);
});

test('several files are chosen, also from one to another, and deleted together', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.goToKnowledge();
  await person.chooseFiles(documents(6, 'mole'));
  await expect.poll(() => rows(page).getByText('Ready').count()).toBe(6);
  const names = await namesOf(page);
  await box(page, names[1] ?? '').check();
  await box(page, names[3] ?? '').click({ modifiers: ['Shift'] });
  await page.getByText('3 files chosen').waitFor();
  await page.getByRole('button', { name: 'Ask about them' }).waitFor();
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('DeleteFile') ? route.abort() : route.continue(),
  );
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete 3 files?' });
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByText('3 files could not be deleted. The server cannot be reached.').waitFor();
  await page.unroute('**/graphql');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('3 files have been deleted.').waitFor();
  expect(await namesOf(page)).toEqual([names[0], names[4], names[5]]);
  await page.getByRole('checkbox', { name: 'Choose all that are listed' }).check();
  await page.getByText('3 files chosen').waitFor();
  await page.getByRole('button', { name: 'Choose none' }).click();
  await page.getByText('3 files chosen').waitFor({ state: 'detached' });
  expect(person.faults).toEqual([]);
});

test('what has been read of the list is deleted, and the rest of it is there', async () => {
  await using person = await setup.newPerson();
  const { page, username } = person;
  await setup.server.app.database.sql.query(
    `INSERT INTO files (id, user_id, scope_id, name, kind, mime_type, size, sha256, status, progress)
     SELECT gen_random_uuid(), users.id, users.id, 'paper-' || number || '.txt', 'text', 'text/plain', 1,
            encode(sha256(number::text::bytea), 'hex'), 'READY', 1
     FROM users, generate_series(1, 53) AS number WHERE users.username = $1`,
    [username],
  );
  await person.goToKnowledge();
  await page.getByText('53 files', { exact: true }).waitFor();
  await expect.poll(() => rows(page).count()).toBe(50);
  await page.getByRole('checkbox', { name: 'Choose all that are listed' }).check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('50 files have been deleted.').waitFor({ timeout: 60_000 });
  await expect.poll(() => rows(page).count()).toBe(3);
  await page.getByText('3 files', { exact: true }).waitFor();

  // What another tab has deleted meanwhile is not there either.
  const [name] = await namesOf(page);
  await setup.server.app.database.sql.query('DELETE FROM files WHERE name = $1', [name]);
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => rows(page).count()).toBe(2);
  expect(person.faults).toEqual([]);
});

test('what is found is marked; there is more of it, and a search that fails can be tried again', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.goToKnowledge();
  await person.chooseFiles([...documents(25), LIGHTHOUSE]);
  await expect.poll(() => rows(page).getByText('Ready').count(), { timeout: 60_000 }).toBe(26);
  const search = page.getByLabel('Search in the files');
  const hits = page.getByRole('region', { name: 'Passages' }).getByRole('listitem');
  await search.fill('nautical mile');
  await expect.poll(() => hits.first().locator('mark').allTextContents()).toEqual(['nautical', 'miles']);
  await search.fill('harbours');
  await page.getByText('20 passages found').waitFor();
  expect(await hits.first().locator('mark').first().textContent()).toBe('harbour');
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('25 passages found').waitFor();

  const held = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('query Search')) return route.continue();
    await held.promise;
    return route.abort();
  });
  await search.fill('boats');
  await page.getByText('Searching …').waitFor();
  held.resolve();
  await page.getByRole('region', { name: 'Passages' }).getByText('The server cannot be reached.').waitFor();
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('20 passages found').waitFor();
  expect(person.faults).toEqual([]);
});

test('a collection says what it is about, on a phone too', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.goToKnowledge();
  await page.getByRole('button', { name: 'New collection' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Coast');
  await page.getByLabel('Description (optional)').fill('Towers and quays.');
  await page.getByRole('button', { name: 'Create' }).click();
  const description = page.getByRole('region', { name: 'Coast' }).getByText('Towers and quays.');
  await description.waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('button', { name: 'Actions for Coast' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  expect(await page.getByLabel('Description (optional)').inputValue()).toBe('Towers and quays.');
  await page.getByLabel('Description (optional)').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await description.waitFor({ state: 'detached' });
  await person.chooseFiles(documents(2, 'a-name-that-is-far-too-long-for-the-width-of-a-phone'));
  await expect.poll(() => rows(page).getByText('Ready').count()).toBe(2);
  await rows(page).getByRole('checkbox').first().check();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  const right = await rows(page)
    .first()
    .evaluate((row) => row.getBoundingClientRect().right);
  expect(right).toBeLessThanOrEqual(360);
  expect(person.faults).toEqual([]);
});
