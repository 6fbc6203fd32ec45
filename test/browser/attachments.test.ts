import { expect, test } from 'vitest';
import { usePage } from './page-fixture.ts';

const setup = usePage(undefined, { environment: { MAX_UPLOAD_MB: '1', USER_STORAGE_MB: '1' } });

const text = (name: string, words: string) => ({ name, type: 'text/markdown', text: `# ${name}\n\n${words}\n` });

test('several files at once: read, refused for their kind and for their size, each with its own reason', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.chooseFiles([
    text('tides.md', 'The tides follow the moon.'),
    text('winds.md', 'The winds follow the sun.'),
    { name: 'picture.exe', type: '', text: 'MZ\0\0\u0090\0\u0003\0\0\0\u0004\0\0\0\u00ff\u00ff' },
    { name: 'huge.txt', type: 'text/plain', text: 'word '.repeat(400_000) },
  ]);
  await person.attachment('tides.md').getByText('Ready').waitFor();
  await person.attachment('winds.md').getByText('Ready').waitFor();
  await person.attachment('picture.exe').getByText('This kind of file cannot be read.').waitFor();
  await person.attachment('huge.txt').getByText('The file has 2 MB. The server takes files of up to 1 MB.').waitFor();
  await person.attachment('huge.txt').getByRole('button', { name: 'Cancel the upload of huge.txt' }).click();
  await person.attachment('huge.txt').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Where to look for answers: 2 sources chosen' }).waitFor();
  // What could not be taken in any case was not sent.
  expect(person.requests.filter((url) => url.includes('huge.txt'))).toEqual([]);
  // What has failed keeps nobody from asking.
  await person.ask('What do the tides follow?');
  await person.answered();

  await page.route('**/files?*', () => {});
  await person.chooseFiles(Array.from({ length: 502 }, (_, index) => text(`${index}.md`, 'Of many.')));
  await page.getByText('No more than 500 files at a time: 2 were left out.').waitFor();
  expect(person.faults).toEqual([]);
});

test('how much room there is for files is shown, and told to who has not enough before anything is sent', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  const half = (name: string) => ({ ...text(name, `${name} `.repeat(60_000)), name: `${name}.md` });
  await person.goToKnowledge();
  const room = page.getByRole('meter', { name: 'Room for files' });
  await expect.poll(() => room.getAttribute('aria-valuetext')).toBe('0 B of 1 MB used');
  await person.chooseFiles([half('harbour')]);
  await expect.poll(() => room.getAttribute('aria-valuetext')).toBe('480 KB of 1 MB used');
  await person.chooseFiles([half('captain'), half('steamer')]);
  await person.file('harbour.md').waitFor();
  const refused = page.getByText(/^Of your 1 MB only 89 KB are left\./);
  await refused.waitFor();
  expect(await refused.count()).toBe(1);
  await expect.poll(() => room.getAttribute('aria-valuetext')).toBe('960 KB of 1 MB used');

  await page.getByRole('button', { name: /^Actions for harbour/ }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  // What had the focus has gone; it stays in the list.
  await expect
    .poll(() => page.evaluate("document.activeElement.getAttribute('aria-label')"))
    .toMatch(/^Actions for (captain|steamer)/);
  await expect.poll(() => room.getAttribute('aria-valuetext')).toBe('480 KB of 1 MB used');
  await page.getByRole('button', { name: /^Try (captain|steamer)\.md again$/ }).click();
  await expect.poll(() => room.getAttribute('aria-valuetext')).toBe('960 KB of 1 MB used');
  await page.goto(new URL('/settings/usage', page.url()).href);
  await page.getByRole('region', { name: 'In all' }).getByText('960 KB / 1 MB').waitFor();
  expect(person.faults).toEqual([]);
});

test('a question waits for the files that are still on their way; one that is cancelled is no longer waited for', async () => {
  await using person = await setup.newPerson();
  const { page, composer, prompts } = person;
  // Its bytes do not arrive before they are let through.
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/files**', async (route) => {
    await held;
    await route.continue();
  });
  await composer.fill('What do the tides follow?');
  await person.dropFiles([text('slow-tides.md', 'The tides follow the moon.')]);
  await page.getByText('Can be sent as soon as the files are read').waitFor();
  await page.keyboard.press('Enter');
  expect(await composer.inputValue()).toBe('What do the tides follow?');
  expect(await prompts.count()).toBe(0);

  await person.pasteFiles([text('not-meant.md', 'Nothing.')]);
  await person.attachment('not-meant.md').getByRole('button', { name: 'Cancel the upload of not-meant.md' }).click();
  await person.attachment('not-meant.md').waitFor({ state: 'detached' });
  release();
  await person.attachment('slow-tides.md').getByText('Ready').waitFor();
  await page.keyboard.press('Enter');
  await person.answered();
  expect(await prompts.count()).toBe(1);
  expect(await page.getByRole('list', { name: 'Attached files' }).count()).toBe(0);
  expect(person.faults).toEqual([]);
});

test('by touch Enter begins a new line; a very long paste, words without an end and text from right to left fit a phone', async () => {
  await using person = await setup.newPerson(undefined, {
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
  });
  const { page, composer, prompts } = person;
  const fits = () => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
  const ask = async (prompt: string) => {
    await composer.fill(prompt);
    await page.getByRole('button', { name: 'Send', exact: true }).tap();
    await person.answered();
  };
  await composer.fill('one');
  await page.keyboard.press('Enter');
  await page.keyboard.type('two');
  expect(await composer.inputValue()).toBe('one\ntwo');
  expect(await prompts.count()).toBe(0);
  // Of a keyboard that stands beside it.
  await page.keyboard.press('Control+Enter');
  await person.answered();

  await ask(
    `${'unbroken'.repeat(60)}\n\n| a | b |\n| - | - |\n| ${'cell'.repeat(60)} | x |\n\n\`\`\`\n${'code '.repeat(80)}\n\`\`\``,
  );
  expect(await fits()).toBe(true);
  await ask('שלום `x + 1` עולם\n\n1. ראשון\n   - nested\n\nA paragraph of its own\n\n```\nשלום\n```');
  // Each of them as its own words run.
  const directions = await person.answers
    .last()
    .locator('[data-markdown] :is(p, ol, ul, pre, code)')
    .evaluateAll((all) => all.map((one) => `${one.localName} ${one.matches(':dir(rtl)') ? 'rtl' : 'ltr'}`));
  expect(directions).toEqual([
    'p rtl',
    'code ltr',
    'ol rtl',
    'p rtl',
    'ul rtl',
    'p rtl',
    'p ltr',
    'pre ltr',
    'code ltr',
  ]);
  expect(await prompts.last().locator('div:dir(rtl)').first().textContent()).toMatch(/^שלום/);
  expect(await page.getByRole('heading', { level: 1 }).evaluate((title) => title.matches(':dir(ltr)'))).toBe(true);
  const long = 'sentence '.repeat(12_000);
  await composer.fill(long);
  expect(await composer.inputValue()).toHaveLength(long.length);
  await page.getByRole('button', { name: 'Send', exact: true }).tap();
  await expect.poll(() => prompts.count()).toBe(4);
  await person.answered();
  expect(await fits()).toBe(true);
  await composer.fill('x'.repeat(200_001));
  await page.getByRole('alert').getByText('A message has at most 200,000 characters.').waitFor();
  expect(person.faults).toEqual([]);
});
