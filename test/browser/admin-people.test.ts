import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { codeOf } from '../support/errors.ts';
import { PASSWORD, type TestUser } from '../support/server.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage();
let admin: TestUser;

beforeAll(async () => {
  admin = await setup.server.register('the-admin');
});

const asAdmin = (query: string, variables: Record<string, unknown> = {}) =>
  setup.server.data(query, variables, admin.token);

const CREATE = 'mutation ($input: RegisterInput!, $role: Role) { createUser(input: $input, role: $role) { id } }';
const FIND = 'query ($text: String) { users(text: $text) { edges { node { id username email role disabledAt } } } }';

const makeUser = async (username: string, role = 'USER', email: string | null = null): Promise<string> =>
  (await asAdmin(CREATE, { input: { username, email, password: PASSWORD }, role })).createUser.id;

const found = async (text: string) =>
  (await asAdmin(FIND, { text })).users.edges.map(({ node }: { node: object }) => node);

/** The administrator's page, with a section open. */
async function openSection(section: string, username = admin.username) {
  const person = await setup.otherDevice({ username });
  const { page } = person;
  await page.goto(`${setup.server.url}/admin/${section}`);
  await page.getByRole('region').getByRole('heading', { level: 2 }).waitFor();
  return person;
}

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });

async function act(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

const faultOf = (page: Page, label: string) => page.getByLabel(label, { exact: true }).getAttribute('aria-invalid');

test('an account is made, with what is wrong with it beside its fields, and is signed in with', async () => {
  await using person = await openSection('users');
  const { page, context } = person;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'New user' }).click();
  const dialog = page.getByRole('dialog', { name: 'New user' });
  const create = dialog.getByRole('button', { name: 'Create account' });
  expect(await create.isDisabled()).toBe(true);
  for (const [label, value, fault] of [
    ['Username', 'no blanks', 'A username has letters, digits, dots, hyphens and underscores'],
    ['Email (optional)', 'nonsense', 'This is not an email address.'],
    ['Password', 'password', 'This password is among those that are tried first.'],
  ] as const) {
    // Each of the others is right, so that only this one is told.
    await dialog.getByLabel('Username').fill('right');
    await dialog.getByLabel('Email (optional)').fill('');
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await dialog.getByLabel(label, { exact: true }).fill(value);
    await create.click();
    await dialog.getByRole('alert').filter({ hasText: fault }).waitFor();
    expect(await faultOf(page, label)).toBe('true');
    expect(await dialog.getByRole('alert').count()).toBe(1);
  }

  await dialog.getByLabel('Username').fill(admin.username);
  await dialog.getByLabel('Email (optional)').fill('made@example.com');
  await dialog.getByRole('button', { name: 'Generate a password' }).click();
  const password = await dialog.getByLabel('Password', { exact: true }).inputValue();
  expect(password).toMatch(/^(?:\w{5}-){3}\w{5}$/);
  await dialog.getByRole('button', { name: 'Copy the password' }).click();
  await dialog.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(password);
  await create.click();
  await dialog.getByText('This username is taken.').waitFor();
  expect(await faultOf(page, 'Username')).toBe('true');
  expect(await faultOf(page, 'Email (optional)')).toBe(null);

  await dialog.getByLabel('Username').fill('made-here');
  await dialog.getByLabel('Role').selectOption('Administrator');
  await create.click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('The account made-here has been created.').waitFor();
  await row(page, 'made-here').getByText('Administrator').waitFor();
  await row(page, 'made-here').getByText('made@example.com').waitFor();
  // Whoever made it goes on where he was.
  expect(await page.evaluate('document.activeElement.textContent')).toBe('New user');
  const { login } = await setup.server.data(
    'mutation ($input: LoginInput!) { login(input: $input) { user { role } } }',
    { input: { username: 'made-here', password } },
  );
  expect(login.user.role).toBe('ADMIN');
  expect(person.faults).toEqual([]);
});

test('accounts are found by names and addresses, and their addresses changed', async () => {
  await makeUser('zoe', 'USER', 'zoe@library.example');
  await makeUser('theo', 'USER', 'theo@museum.example');
  await using person = await openSection('users');
  const { page } = person;
  const names = () => page.getByRole('rowheader').allTextContents();
  await row(page, 'theo').waitFor();
  const search = page.getByRole('searchbox', { name: 'Search names and addresses' });
  await search.fill('LIBRARY');
  await expect.poll(names).toEqual(['zoe']);
  await page.getByText('1 account', { exact: true }).waitFor();
  await search.fill('nobody at all');
  await page.getByText('No account is called like that.').waitFor();
  await search.fill('museum');
  await expect.poll(names).toEqual(['theo']);

  await act(page, 'theo', 'Change email');
  const dialog = page.getByRole('dialog', { name: 'Email of theo' });
  const email = dialog.getByLabel('Email');
  expect(await email.inputValue()).toBe('theo@museum.example');
  await email.fill('theo@');
  await page.keyboard.press('Enter');
  await dialog.getByText('This is not an email address.').waitFor();
  await email.fill('ZOE@library.example');
  await page.keyboard.press('Enter');
  await dialog.getByText('An account with this email address exists already.').waitFor();
  await email.fill('');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await row(page, 'theo').getByRole('cell', { name: '—' }).waitFor();
  expect(await found('theo')).toMatchObject([{ email: null }]);
  expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Actions for theo');
  expect(person.faults).toEqual([]);
});

test('somebody becomes an administrator and stops being one; who is disabled is signed out at once', async () => {
  await makeUser('iris');
  await using person = await openSection('users');
  await using other = await setup.otherDevice({ username: 'iris' });
  const { page } = person;
  const confirm = (name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  const isOut = () => other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await row(page, 'iris').getByText('User', { exact: true }).waitFor();

  await act(page, 'iris', 'Make administrator');
  await page.getByRole('dialog', { name: 'Make iris an administrator?' }).waitFor();
  await page.keyboard.press('Escape');
  expect(await found('iris')).toMatchObject([{ role: 'USER' }]);
  await act(page, 'iris', 'Make administrator');
  await confirm('Make administrator');
  await row(page, 'iris').getByText('Administrator').waitFor();
  expect(await found('iris')).toMatchObject([{ role: 'ADMIN' }]);

  await act(page, 'iris', 'Make an ordinary user');
  await confirm('Take the role away');
  await row(page, 'iris').getByText('User', { exact: true }).waitFor();
  await isOut();
  await other.signIn('iris');

  await act(page, 'iris', 'Disable');
  await page.getByText('cannot sign in until it is enabled again', { exact: false }).waitFor();
  await confirm('Disable');
  await row(page, 'iris').getByText('Disabled').waitFor();
  await isOut();
  await act(page, 'iris', 'Enable');
  await row(page, 'iris').getByText('Active').waitFor();
  await other.signIn('iris');
  expect([...person.faults, ...other.faults]).toEqual([]);
});

test('an account is deleted once its name has been typed', async () => {
  await makeUser('brief-guest');
  await using person = await openSection('users');
  const { page } = person;
  await act(page, 'brief-guest', 'Delete');
  const dialog = page.getByRole('dialog', { name: 'Delete brief-guest?' });
  await dialog.getByText('collections with everything in them', { exact: false }).waitFor();
  const remove = dialog.getByRole('button', { name: 'Delete', exact: true });
  expect(await remove.isDisabled()).toBe(true);
  await dialog.getByRole('textbox').fill('brief');
  expect(await remove.isDisabled()).toBe(true);
  await dialog.getByRole('textbox').fill('brief-guest');
  await remove.click();
  await page.getByText('The account brief-guest has been deleted.').waitFor();
  expect(await row(page, 'brief-guest').count()).toBe(0);
  expect(await found('brief-guest')).toEqual([]);
  // The button that had the focus went with its row.
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Users');
  expect(person.faults).toEqual([]);
});

test('the last administrator stays one, and is told so; another one may step down', async () => {
  await using person = await openSection('users');
  const { page } = person;
  await row(page, `${admin.username} you`).waitFor();
  for (const { id, username, role } of await found('')) {
    if (role === 'ADMIN' && username !== admin.username) {
      await asAdmin('mutation ($id: ID!) { updateUser(id: $id, role: USER) { id } }', { id });
    }
  }
  const LAST = 'This is the last admin. Make somebody else an admin first.';
  await page.getByRole('button', { name: `Actions for ${admin.username}` }).click();
  await page.getByText('This is your own account.', { exact: false }).waitFor();
  await page.getByRole('menuitem', { name: 'Step down as administrator' }).click();
  const dialog = page.getByRole('dialog', { name: 'Step down as administrator?' });
  await dialog.getByText('You are signed out at once', { exact: false }).waitFor();
  await dialog.getByRole('button', { name: 'Take the role away' }).click();
  await dialog.getByRole('alert').filter({ hasText: LAST }).waitFor();
  await page.keyboard.press('Escape');
  await act(page, admin.username, 'Delete');
  await page.getByRole('dialog').getByRole('textbox').fill(admin.username);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('alert').filter({ hasText: LAST }).waitFor();
  await page.keyboard.press('Escape');
  expect(await found(admin.username)).toMatchObject([{ role: 'ADMIN', disabledAt: null }]);

  await makeUser('second-admin', 'ADMIN');
  await using second = await openSection('users', 'second-admin');
  await act(second.page, 'second-admin', 'Step down as administrator');
  await second.page.getByRole('dialog').getByRole('button', { name: 'Take the role away' }).click();
  await second.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  // He is where he was, as whoever he is now.
  await second.page.getByLabel('Username or email').fill('second-admin');
  await second.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await second.page.keyboard.press('Enter');
  await second.page.getByText('Only administrators see this.').waitFor();
  expect([...person.faults, ...second.faults]).toEqual([]);
});

test('a plain user sees nothing of it, and is refused', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).waitFor();
  expect(await page.getByRole('menuitem', { name: 'Administration' }).count()).toBe(0);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.postData() ?? ''));
  for (const section of ['users', 'keys', 'audit']) {
    await page.goto(`${setup.server.url}/admin/${section}`);
    await page.getByRole('alert').filter({ hasText: 'Only administrators see this.' }).waitFor();
    expect(await page.getByRole('table').count()).toBe(0);
  }
  expect(asked.join()).not.toMatch(/query (?:Users|ApiKeys|AuditEvents)\b/);
  const { token } = await setup.server.register();
  for (const field of ['users', 'apiKeys', 'auditEvents']) {
    expect(codeOf(await setup.server.request(`{ ${field} { totalCount } }`, {}, token))).toBe('FORBIDDEN');
  }
  expect(person.faults).toEqual([]);
});

test('everything fits a phone', async () => {
  await makeUser('somebody-with-a-very-long-name-that-no-phone-has-room-for-at-all', 'ADMIN', 'a.long@address.example');
  await using person = await openSection('users');
  const { page } = person;
  await page.setViewportSize({ width: 360, height: 740 });
  const overflow = () =>
    page.evaluate(
      `[document.scrollingElement, ...document.querySelectorAll('main > section, dialog[open]')]
        .map((element) => element.scrollWidth - element.clientWidth)`,
    );
  await row(page, 'somebody-with-a-very-long-name-that-no-phone-has-room-for-at-all').waitFor();
  expect(await overflow()).toEqual([0, 0]);
  await page.getByRole('button', { name: 'New user' }).click();
  expect(await overflow()).toEqual([0, 0, 0]);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Collection', { exact: true }).selectOption('Another one, by its id …');
  await page.getByLabel('System prompt', { exact: true }).selectOption('A new one …');
  expect(await overflow()).toEqual([0, 0, 0]);
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByRole('row').nth(1).locator('summary').click();
  expect(await overflow()).toEqual([0, 0]);
  expect(person.faults).toEqual([]);
});
