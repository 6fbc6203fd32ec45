import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { words } from '../support/stream-plan.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage(() => ({ tokens: words('An answer of six words altogether.') }));

async function openSettings(page: Page, section: string): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: section }).click();
  await page.getByRole('heading', { name: section, level: 2 }).waitFor();
}

test('a changed password signs out every other device, and what is wrong with it is said beside the field', async () => {
  await using person = await setup.newPerson();
  await using other = await setup.otherDevice(person);
  const { page } = person;
  await openSettings(page, 'Account');
  await page.getByRole('definition').filter({ hasText: person.username }).waitFor();
  const current = page.getByLabel('Current password');
  const next = page.getByLabel('New password');
  const change = page.getByRole('button', { name: 'Change password' });

  await current.fill('not what it is');
  await next.fill('another passphrase');
  await change.click();
  await page.getByText('This is not your password.').waitFor();
  expect(await current.getAttribute('aria-invalid')).toBe('true');
  expect(await next.getAttribute('aria-invalid')).toBeNull();
  await current.fill('a passphrase for tests');
  await next.fill('short');
  await change.click();
  await expect.poll(() => next.getAttribute('aria-invalid')).toBe('true');
  expect(await current.getAttribute('aria-invalid')).toBeNull();

  await next.fill('another passphrase');
  await change.click();
  await page.getByText('The password has been changed. Everywhere else you have been signed out.').waitFor();
  await other.page.getByText('Your session has ended.').waitFor();
  await other.page.getByLabel('Username or email').fill(person.username);
  await other.page.getByLabel('Password', { exact: true }).fill('another passphrase');
  await other.page.keyboard.press('Enter');
  await other.composer.waitFor();

  // Here it goes on, also with what needs the server.
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await person.ask('Still here');
  await person.answered();
  await openSettings(page, 'Account');
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect([...person.faults, ...other.faults]).toEqual([]);
});

test('conversations leave as a file and come into another account, once', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.ask('Of sealing wax');
  await person.answered();
  const saving = page.waitForEvent('download');
  await person.act('Of sealing wax', 'Save as Markdown');
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('Of sealing wax.md');
  expect(await readFile(await saved.path(), 'utf8')).toMatch(
    /^# Of sealing wax\n\n## You\n\n> Of sealing wax\n\n## Answer · .+\n\nAn answer of six words altogether\.\n$/,
  );

  await openSettings(page, 'Your data');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export conversations' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^colloquy-\d{4}-\d\d-\d\d\.json$/);
  const text = await readFile(await download.path(), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    format: 'colloquy.conversations',
    conversations: [{ title: 'Of sealing wax' }],
  });
  await page.getByText(/^Done: /).waitFor();

  await using heir = await setup.newPerson();
  await openSettings(heir.page, 'Your data');
  const imports = heir.page.getByRole('list', { name: 'Imports' }).getByRole('listitem');
  // While its bytes are on their way, and while the server reads them, it can be broken off.
  const held = Promise.withResolvers<void>();
  await heir.page.route('**/import', async (route) => {
    await held.promise;
    await route.continue().catch(() => {});
  });
  await heir.chooseFiles([{ name: 'not meant.json', text }]);
  await imports.getByText(/^\d.* of .*B sent$|^Sent\. The server is reading it …$/).waitFor();
  await heir.page.getByRole('button', { name: 'Stop the import of not meant.json' }).click();
  await imports.waitFor({ state: 'detached' });
  held.resolve();
  await heir.page.unroute('**/import');
  await heir.chooseFiles([{ name: 'mine.json', text }]);
  await imports.filter({ hasText: '1 conversation imported, 0 skipped, 0 refused.' }).waitFor();
  await heir.dropFiles([{ name: 'again.json', text }], 'main h2');
  await imports
    .filter({ hasText: 'again.json' })
    .getByText('0 conversations imported, 1 skipped, 0 refused.')
    .waitFor();

  const [known] = JSON.parse(text).conversations;
  const damaged = JSON.stringify({
    format: 'colloquy.conversations',
    version: 1,
    conversations: [{ ...known, id: 'x', messages: 'none' }],
  });
  await heir.chooseFiles([
    { name: 'damaged.json', text: damaged },
    { name: 'no export.json', text: '{"a": 1}' },
  ]);
  const broken = imports.filter({ hasText: 'damaged.json' });
  await broken.getByText('0 conversations imported, 0 skipped, 1 refused.').waitFor();
  await broken.getByText('1 conversation was refused').click();
  await broken.getByRole('listitem').filter({ hasText: 'Of sealing wax' }).waitFor();
  await imports.filter({ hasText: 'no export.json' }).getByRole('alert').waitFor();
  await imports.filter({ hasText: 'no export.json' }).getByRole('button', { name: 'Dismiss no export.json' }).click();
  expect(await heir.page.getByText('no export.json').count()).toBe(0);

  await heir.page.getByRole('link', { name: 'Of sealing wax' }).click();
  await heir.sees('An answer of six words altogether.');
  expect([...person.faults, ...heir.faults]).toEqual([]);
});

test('an export that is broken off is not saved', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await openSettings(page, 'Your data');
  await page.route('**/export', (route) =>
    route.fulfill({ body: '{"format":"colloquy.conversations","conversations":[' }),
  );
  let downloads = 0;
  page.on('download', () => {
    downloads += 1;
  });
  await page.getByRole('button', { name: 'Export conversations' }).click();
  await page.getByText('The server cannot be reached.').waitFor();
  await page.unroute('**/export');
  const [whole] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export conversations' }).click(),
  ]);
  expect(JSON.parse(await readFile(await whole.path(), 'utf8')).conversations).toEqual([]);
  expect(downloads).toBe(1);
});

test('the chosen theme holds before the page itself has been read', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await page.emulateMedia({ colorScheme: 'light' });
  await openSettings(page, 'Appearance');
  await page.getByLabel('Theme').selectOption('Dark');
  const colour = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
  const dark = await colour();
  const held = Promise.withResolvers<void>();
  await page.route('**/assets/*.js', async (route) => {
    await held.promise;
    await route.continue();
  });
  await page.reload({ waitUntil: 'commit' });
  await expect
    .poll(() => page.evaluate("document.styleSheets.length > 0 && document.querySelector('#root') !== null"))
    .toBe(true);
  expect(await page.evaluate("document.querySelector('#root').childElementCount")).toBe(0);
  expect(await colour()).toBe(dark);
  held.resolve();
  await page.getByLabel('Theme').selectOption('Same as the system');
  expect(await colour()).not.toBe(dark);
  await page.reload();
  await page.getByLabel('Theme').waitFor();
  expect(await colour()).not.toBe(dark);
  expect(person.faults).toEqual([]);
});

test('files are taken wherever they are dropped, and never opened in the place of the page', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await openSettings(page, 'Your data');
  await person.dropFiles([{ name: 'beside.json', text: '{"a": 1}' }], 'aside');
  await page.getByRole('list', { name: 'Imports' }).getByText('beside.json').waitFor();
  // As the browser asks: what nobody prevents it opens.
  const isOpened = (selector: string) =>
    page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['{}'], 'other.json'));
      const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer });
      return document.querySelector(${JSON.stringify(selector)}).dispatchEvent(event);
    })()`);
  await page.getByRole('link', { name: 'Appearance' }).click();
  await page.getByLabel('Theme').waitFor();
  expect(await isOpened('main')).toBe(false);
  await page.keyboard.press('Control+/');
  await page.getByRole('dialog').waitFor();
  expect(await isOpened('dialog')).toBe(false);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Your data' }).click();
  await page.getByRole('list', { name: 'Imports' }).waitFor();
  expect(await page.getByText('other.json').count()).toBe(0);

  await person.goToKnowledge();
  await person.dropFiles([{ name: 'notes.md', text: '# Notes' }], 'main nav');
  await person.file('notes.md').getByText('Ready').waitFor();
  await person.signOut();
  expect(await isOpened('main')).toBe(false);
  expect(person.faults).toEqual([]);
});

test('usage is shown by day and by model', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await openSettings(page, 'Usage');
  await page.getByText('No answers yet.').waitFor();
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await person.ask('One question');
  await person.answered();
  await openSettings(page, 'Usage');
  const row = page.getByRole('table', { name: 'By model' }).getByRole('row').filter({ hasText: 'openai/echo' });
  await row.waitFor();
  const cells = await row.getByRole('cell').allTextContents();
  expect(cells[0]).toBe('1');
  const tokens = Number(cells[1]) + Number(cells[2]);
  expect(tokens).toBeGreaterThan(6);
  const totals = page.getByRole('region', { name: 'In all' });
  await expect
    .poll(() => totals.locator('div').filter({ hasText: 'Tokens today' }).locator('dd').textContent())
    .toBe(String(tokens));

  await page.getByText('Answers', { exact: true }).and(page.locator('label')).click();
  const bars = page.getByRole('slider', { name: 'By day: read out a day' });
  await expect.poll(() => bars.getAttribute('aria-valuetext')).toBe('30 days: Answers 1');
  await page.getByRole('radio', { name: '30 days' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => bars.getAttribute('aria-valuetext')).toBe('90 days: Answers 1');
  await bars.focus();
  await expect.poll(() => bars.getAttribute('aria-valuetext')).toMatch(/: Answers 1$/);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => bars.getAttribute('aria-valuenow')).toBe('88');
  expect(await bars.getAttribute('aria-valuetext')).toMatch(/: Answers 0$/);
  await page.getByText('As a table').click();
  expect(await page.getByRole('table', { name: 'By day' }).getByRole('row').count()).toBe(2);
  expect(person.faults).toEqual([]);
});

test('every section fits on a phone', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await openSettings(page, 'Account');
  await page.setViewportSize({ width: 360, height: 740 });
  for (const section of ['Account', 'Appearance', 'Usage', 'Your data']) {
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: section }).click();
    await page.getByRole('heading', { name: section, level: 2 }).waitFor();
    const region = page.getByRole('region', { name: section, exact: true });
    const [inside, outside] = await region.evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    expect(inside, section).toBe(outside);
    // Also when it was gone to by its address, and stands behind others.
    await page.reload();
    const link = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: section });
    await expect
      .poll(
        async () => {
          const box = await link.boundingBox();
          return box && box.x >= 0 && box.x + box.width <= 360;
        },
        { message: section },
      )
      .toBe(true);
  }
  expect(person.faults).toEqual([]);
});
