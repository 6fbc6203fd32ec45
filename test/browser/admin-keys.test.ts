import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { createKey } from '../support/api-keys.ts';
import { codeOf } from '../support/errors.ts';
import type { TestUser } from '../support/server.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage();
let admin: TestUser;

beforeAll(async () => {
  admin = await setup.server.register('the-admin');
});

const asAdmin = (query: string, variables: Record<string, unknown> = {}, token = admin.token) =>
  setup.server.data(query, variables, token);

const VIEWER = `{ viewer { apiKey { clientName notes requestsPerMinute tokensPerDay expiresAt
  collection { name } systemPrompt { name } } } }`;
const MAKE_COLLECTION = 'mutation ($name: String!) { createCollection(name: $name) { id } }';
const MAKE_PROMPT = 'mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { id } }';

const keyOf = async (secret: string) => (await asAdmin(VIEWER, {}, secret)).viewer.apiKey;
const isRefused = async (secret: string) =>
  codeOf(await setup.server.request(VIEWER, {}, secret)) === 'UNAUTHENTICATED';

async function openKeys(prepare: (person: Awaited<ReturnType<typeof setup.otherDevice>>) => Promise<void>) {
  const person = await setup.otherDevice(admin);
  await prepare(person);
  await person.page.goto(`${setup.server.url}/admin/keys`);
  await person.page.getByRole('heading', { name: 'API keys' }).waitFor();
  return person;
}

const open = () => openKeys(async () => {});

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${name} `) }) });

async function act(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

const startKey = async (page: Page, name: string) => {
  await page.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await dialog.getByLabel('Name of the program').fill(name);
  return { dialog, create: dialog.getByRole('button', { name: 'Create key' }) };
};

const secretDialog = (page: Page, name: string) => page.getByRole('dialog', { name: `The key for ${name}` });

/** Everything that the page holds and keeps, in which a secret could be. */
const heldBy = (page: Page) =>
  page.evaluate(`JSON.stringify([
    document.documentElement.outerHTML,
    [...document.querySelectorAll('input, textarea')].map((control) => control.value),
    { ...localStorage }, { ...sessionStorage }, history.state, location.href, document.cookie,
  ])`) as Promise<string>;

/** Follows a link in the very moment in which a secret is shown. */
const LEAVE_WITH_THE_SECRET = `void new MutationObserver((_, observer) => {
  if (!document.querySelector('dialog input[readonly]')) return;
  observer.disconnect();
  document.querySelector('a[href="/admin/users"]').click();
}).observe(document.body, { childList: true, subtree: true })`;

/** As `datetime-local` wants it. */
const localTime = (date: Date) =>
  new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

test('a key is made with all that it can have, and its secret is shown once', async () => {
  await asAdmin(MAKE_COLLECTION, { name: 'Handbook' });
  await using person = await open();
  const { page, context } = person;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { dialog, create } = await startKey(page, 'the shop');
  await dialog.getByLabel('Notes (optional)').fill('for example.org');
  await dialog.getByLabel('Collection', { exact: true }).selectOption('Handbook');
  await dialog.getByLabel('System prompt', { exact: true }).selectOption('A new one …');
  await dialog.getByLabel('Name of the prompt').fill('Seller');
  await dialog.getByLabel('Requests a minute').fill('0');
  await dialog.getByLabel('Tokens a day').fill('1.5');
  await create.click();
  await expect.poll(() => dialog.getByText('A whole number, 1 or more.').count()).toBe(2);
  // The first of what is wrong, which may be out of sight.
  expect(await page.evaluate('document.activeElement.getAttribute("aria-invalid")')).toBe('true');
  expect(await dialog.getByLabel('Text of the prompt').evaluate((area) => area.matches(':focus'))).toBe(true);
  await dialog.getByLabel('Tokens a day').fill('3,000,000,000');
  await dialog.getByLabel('Ends at (optional)').fill('2001-01-01T00:00');
  await create.click();
  await dialog.getByText('A whole number, 1 or more.').waitFor();
  await dialog.getByText('At most 2,147,483,647.').waitFor();
  await dialog.getByText('This has to lie in the future.').waitFor();
  await dialog.getByText('This is needed.').waitFor();
  expect(await dialog.getByLabel('Text of the prompt').getAttribute('aria-invalid')).toBe('true');
  expect((await asAdmin('{ apiKeys { totalCount } }')).apiKeys.totalCount).toBe(0);

  const end = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 86_400_000);
  await dialog.getByLabel('Text of the prompt').fill('Sell.');
  await dialog.getByLabel('Requests a minute').fill('60');
  await dialog.getByLabel('Tokens a day').fill('200,000');
  await dialog.getByLabel('Ends at (optional)').fill(localTime(end));
  await create.click();
  const shown = secretDialog(page, 'the shop');
  const secret = await shown.getByLabel('Secret', { exact: true }).inputValue();
  expect(secret).toMatch(/^api_[\w-]{43}$/);
  expect(await keyOf(secret)).toEqual({
    clientName: 'the shop',
    notes: 'for example.org',
    requestsPerMinute: 60,
    tokensPerDay: 200_000,
    expiresAt: end.toISOString(),
    collection: { name: 'Handbook' },
    systemPrompt: { name: 'Seller' },
  });
  expect(await shown.locator('pre').textContent()).toContain(`X-API-Key: ${secret}`);
  await shown.getByRole('button', { name: 'TypeScript' }).click();
  expect(await shown.locator('pre').textContent()).toContain(`apiKey: '${secret}'`);

  // Neither of these closes it.
  const close = shown.getByRole('button', { name: 'Close' });
  expect(await close.isDisabled()).toBe(true);
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  await page.keyboard.press('Escape');
  expect(await shown.isVisible()).toBe(true);
  expect(await shown.getByLabel('Secret', { exact: true }).inputValue()).toBe(secret);

  await shown.getByRole('button', { name: 'Copy the secret' }).click();
  await shown.getByText('Copied. Put it in a safe place').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(secret);
  await page.keyboard.press('Escape');
  await shown.waitFor({ state: 'detached' });
  await row(page, 'the shop').getByText('Active').waitFor();
  expect(await row(page, 'the shop').textContent()).toContain(secret.slice(0, 12));
  expect(await heldBy(page)).not.toContain(secret.slice(12));

  const again = await startKey(page, 'The Shop');
  await again.create.click();
  await again.dialog.getByText('There is an API key with this client name already.').waitFor();
  expect(await again.dialog.getByLabel('Name of the program').getAttribute('aria-invalid')).toBe('true');
  expect(person.faults).toEqual([]);
});

test('a secret is copied where the browser has no clipboard for the page, by keyboard, or is said to be kept', async () => {
  await using person = await openKeys(async ({ context }) => {
    // As on an unencrypted page that is not on this machine.
    await context.addInitScript('Object.defineProperty(navigator, "clipboard", { value: undefined })');
  });
  const { page } = person;
  const pasted = async () => {
    const search = page.getByLabel('Search conversations');
    await search.fill('');
    await search.press('ControlOrMeta+V');
    const text = await search.inputValue();
    await search.fill('');
    return text;
  };
  const make = async (name: string) => {
    const { create } = await startKey(page, name);
    await create.click();
    const shown = secretDialog(page, name);
    return { shown, secret: await shown.getByLabel('Secret', { exact: true }).inputValue() };
  };

  const first = await make('first');
  await first.shown.getByRole('button', { name: 'Copy the secret' }).click();
  await first.shown.getByText('Copied. Put it in a safe place').waitFor();
  await first.shown.getByRole('button', { name: 'Close' }).click();
  await first.shown.waitFor({ state: 'detached' });
  expect(await pasted()).toBe(first.secret);

  const second = await make('second');
  await second.shown.getByLabel('Secret', { exact: true }).press('ControlOrMeta+C');
  await second.shown.getByText('Copied. Put it in a safe place').waitFor();
  await page.keyboard.press('Escape');
  await second.shown.waitFor({ state: 'detached' });
  expect(await pasted()).toBe(second.secret);

  const third = await make('third');
  const asked = page.waitForEvent('dialog');
  void page.reload().catch(() => {});
  // The browser asks before the page goes with what nobody has copied.
  await (await asked).dismiss();
  expect(await third.shown.isVisible()).toBe(true);
  await third.shown.getByRole('checkbox', { name: 'I have put the secret in a safe place' }).check();
  await third.shown.getByRole('button', { name: 'Close' }).click();
  await third.shown.waitFor({ state: 'detached' });
  for (const { secret } of [first, second, third]) expect(await heldBy(page)).not.toContain(secret.slice(12));
  expect(person.faults).toEqual([]);
});

test('a secret that nobody has kept is not left by the history, nor with the tab', async () => {
  await using person = await open();
  const { page } = person;
  const path = () => new URL(page.url()).pathname;
  await page.goto(`${setup.server.url}/admin/users`);
  await page.getByRole('link', { name: 'API keys' }).click();
  const { create } = await startKey(page, 'forgetful');
  await page.evaluate(LEAVE_WITH_THE_SECRET);
  await create.click();
  const shown = secretDialog(page, 'forgetful');
  const secret = await shown.getByLabel('Secret', { exact: true }).inputValue();
  const question = page.getByRole('dialog', { name: 'Leave without the secret?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  await question.waitFor({ state: 'detached' });
  expect(path()).toBe('/admin/keys');

  await page.goBack();
  await question.getByText('shown only here and now').waitFor();
  await expect.poll(path).toBe('/admin/keys');
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  expect(await shown.getByLabel('Secret', { exact: true }).inputValue()).toBe(secret);
  // What closed above it has not closed it.
  await page.keyboard.press('Escape');
  expect(await shown.isVisible()).toBe(true);

  let asked = 0;
  page.on('dialog', (alert) => {
    asked += 1;
    void alert.dismiss();
  });
  await page.close({ runBeforeUnload: true });
  await expect.poll(() => asked).toBe(1);
  expect(await shown.isVisible()).toBe(true);

  await page.goBack();
  await question.getByRole('button', { name: 'Leave', exact: true }).click();
  await expect.poll(path).toBe('/admin/users');
  await page.getByRole('heading', { name: 'Users' }).waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(await heldBy(page)).not.toContain(secret.slice(12));

  // One that has been kept holds nobody.
  await page.goForward();
  const kept = await startKey(page, 'careful');
  await kept.create.click();
  await secretDialog(page, 'careful').getByRole('checkbox').check();
  await page.goBack();
  await expect.poll(path).toBe('/admin/users');
  await secretDialog(page, 'careful').waitFor({ state: 'detached' });
  expect(asked).toBe(1);
  expect(person.faults).toEqual([]);
});

test('a key gets a collection that only its owner sees, by its id, and another prompt', async () => {
  const owner = await setup.server.register();
  const { createCollection } = await asAdmin(MAKE_COLLECTION, { name: 'Kept apart' }, owner.token);
  await asAdmin(MAKE_PROMPT, { input: { name: 'Polite', text: 'Be polite.' } });
  await using person = await open();
  const { page } = person;
  const { dialog, create } = await startKey(page, 'helper');
  await dialog.getByLabel('Collection', { exact: true }).selectOption('Another one, by its id …');
  await dialog.getByLabel('Id of the collection').fill('no-id');
  await create.click();
  await dialog.getByText('This is not a valid id.').waitFor();
  await dialog.getByLabel('Id of the collection').fill(createCollection.id);
  await create.click();
  const shown = secretDialog(page, 'helper');
  const secret = await shown.getByLabel('Secret', { exact: true }).inputValue();
  await shown.getByRole('checkbox').check();
  await shown.getByRole('button', { name: 'Close' }).click();
  await row(page, 'helper').getByText('Kept apart').waitFor();

  await act(page, 'helper', 'Change prompt');
  const prompt = page.getByRole('dialog', { name: 'System prompt of helper' });
  await prompt.getByLabel('System prompt', { exact: true }).selectOption('Polite');
  await prompt.getByRole('button', { name: 'Save' }).click();
  await row(page, 'helper').getByText('Prompt: Polite').waitFor();
  expect(await keyOf(secret)).toMatchObject({ systemPrompt: { name: 'Polite' }, collection: { name: 'Kept apart' } });
  await act(page, 'helper', 'Change prompt');
  await prompt.getByLabel('System prompt', { exact: true }).selectOption('The server’s own');
  await prompt.getByRole('button', { name: 'Save' }).click();
  await row(page, 'helper').getByText('Prompt: Polite').waitFor({ state: 'detached' });
  expect(await keyOf(secret)).toMatchObject({ systemPrompt: null });
  expect(person.faults).toEqual([]);
});

test('what a key has used of its tokens is shown, and when it was last used', async () => {
  const busy = await createKey(setup.server, admin.token, { clientName: 'busy', tokensPerDay: 1_000 });
  await using person = await open();
  const { page } = person;
  await row(page, 'busy').getByText('0 of 1,000').waitFor();
  await row(page, 'busy').getByText('Never').waitFor();
  const send = 'mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { id } }';
  await asAdmin(send, { input: { turnKey: crypto.randomUUID(), text: 'So many words' } }, busy.secret);
  await page.getByRole('button', { name: 'Load again' }).click();
  const bar = row(page, 'busy').getByRole('progressbar', { name: 'Tokens of busy today' });
  await expect.poll(async () => Number(await bar.getAttribute('value'))).toBeGreaterThan(0);
  expect(await row(page, 'busy').textContent()).toMatch(/[1-9]\d* of 1,000/);
  expect(await row(page, 'busy').getByText('Never').count()).toBe(0);
  expect(person.faults).toEqual([]);
});

test('a key is deactivated and deleted; a secret is checked and kept nowhere', async () => {
  const ending = await createKey(setup.server, admin.token, { clientName: 'ending' });
  const old = await createKey(setup.server, admin.token, {
    clientName: 'old',
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const stopped = await createKey(setup.server, admin.token, { clientName: 'stopped' });
  await asAdmin('mutation ($id: ID!) { deactivateApiKey(id: $id) { id } }', { id: stopped.id });
  // Their time is over; one of them was ended before.
  await setup.server.app.database.prisma.apiKey.updateMany({
    where: { clientName: { in: ['old', 'stopped'] } },
    data: { expiresAt: new Date(Date.now() - 1_000) },
  });
  await using person = await open();
  const { page } = person;
  await row(page, 'old').getByText('Expired').waitFor();
  await row(page, 'stopped').getByText('Deactivated').waitFor();
  const check = async (secret: string) => {
    await page.getByRole('button', { name: 'Check a secret' }).click();
    const dialog = page.getByRole('dialog', { name: 'Check a secret' });
    await dialog.getByLabel('Secret', { exact: true }).fill(` ${secret} `);
    await page.keyboard.press('Enter');
    const said = dialog.getByRole('status').locator('p');
    const text = await said.textContent();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    return text;
  };
  expect(await check(ending.secret)).toBe('This is the key of ending, and it is good.');
  expect(await check(old.secret)).toBe('This is the key of old. It has ended and is refused.');
  expect(await check('api_nothing')).toBe('The server knows no key with this secret.');
  expect(await heldBy(page)).not.toContain(ending.secret.slice(12));

  await act(page, 'ending', 'Deactivate');
  const ask = page.getByRole('dialog', { name: 'Deactivate the key of ending?' });
  await ask.getByText('There is no way back', { exact: false }).waitFor();
  expect(await isRefused(ending.secret)).toBe(false);
  await ask.getByRole('button', { name: 'Deactivate' }).click();
  await row(page, 'ending').getByText('Deactivated').waitFor();
  expect(await isRefused(ending.secret)).toBe(true);
  await page.getByRole('button', { name: 'Actions for ending' }).click();
  expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Delete']);
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const removal = page.getByRole('dialog', { name: 'Delete the key of ending?' });
  await removal.getByText('the files that it has uploaded', { exact: false }).waitFor();
  await removal.getByRole('button', { name: 'Delete' }).click();
  await row(page, 'ending').waitFor({ state: 'detached' });
  expect(await page.evaluate('document.activeElement.textContent')).toBe('API keys');
  expect(person.faults).toEqual([]);
});
