import { expect, test } from 'vitest';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { lorem, type StreamPlan } from '../support/stream-plan.ts';
import { usePage } from './page-fixture.ts';

const SLOW = 120;

const setup = usePage(({ messages }): StreamPlan | undefined =>
  messages.at(-1)?.content.startsWith('Slowly') ? { tokens: lorem(SLOW), intervalMs: 30 } : undefined,
);
const { newPerson } = setup;

test('each conversation keeps its draft: over a reload, and over a session that ends', async () => {
  await using person = await newPerson();
  const { page, composer, username } = person;
  await person.ask('Of ships');
  await person.answered();
  await composer.fill('More of ships');
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  expect(await composer.inputValue()).toBe('');
  await composer.fill('Something new');
  await page.reload();
  expect(await composer.inputValue()).toBe('Something new');

  const stored = await page.evaluate("localStorage.getItem('colloquy.tokens')");
  await setup.server.data('mutation { logout }', {}, JSON.parse(String(stored)).accessToken);
  await page.getByText('Your session has ended.').waitFor();
  await person.signIn(username);
  expect(await composer.inputValue()).toBe('Something new');
  await page.getByRole('link', { name: 'Of ships' }).click();
  await expect.poll(() => composer.inputValue()).toBe('More of ships');

  // Who signs out leaves nothing behind for the next one at this machine, and is asked before.
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await person.leaving.getByText('not sent or saved is forgotten').waitFor();
  await page.keyboard.press('Escape');
  await person.leaving.waitFor({ state: 'detached' });
  expect(await composer.inputValue()).toBe('More of ships');
  await person.signOut({ losing: true });
  await person.signIn(username);
  expect(await composer.inputValue()).toBe('');
  expect(await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('draft')).length")).toBe(0);
});

test('without a connection it is said quietly, one can go on writing, and everything goes on by itself', async () => {
  const proxy = await startCuttingProxy(setup.server.url);
  try {
    await using person = await newPerson(proxy.url);
    const { page, composer } = person;
    await person.ask('Slowly, please');
    await person.sees('lorem elit labore');
    proxy.refuse();
    proxy.cut();
    await page.getByText('The connection was lost.').waitFor();
    await composer.fill('Written meanwhile');
    proxy.accept();
    await page.getByText('The connection was lost.').waitFor({ state: 'detached' });
    expect(await person.answered()).toBe(lorem(SLOW).join('').trim());
    expect(await composer.inputValue()).toBe('Written meanwhile');

    // What is sent without a connection is sent when it is back, once.
    proxy.refuse();
    proxy.cut();
    await page.getByText('The connection was lost.').waitFor();
    await page.keyboard.press('Enter');
    await person.prompts.last().getByText('Written meanwhile').waitFor();
    proxy.accept();
    expect(await person.answered()).toBe('Written meanwhile');
    expect(await person.prompts.count()).toBe(2);
    await page.reload();
    await expect.poll(() => person.prompts.count()).toBe(2);
    expect(person.faults).toEqual([]);
  } finally {
    await proxy.close();
  }
});

test('tabs sign out and in together; who signs in elsewhere is here at once', async () => {
  await using person = await newPerson();
  const { page, context, username } = person;
  const other = await context.newPage();
  await other.goto(setup.server.url);
  await other.getByLabel('Message', { exact: true }).waitFor();
  await person.signOut();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await person.signIn(username);
  await other.getByLabel('Message', { exact: true }).waitFor();
  // A wrong password is written anew: the field has the focus.
  await person.signOut();
  await page.getByLabel('Username or email').fill(username);
  await page.getByLabel('Password', { exact: true }).fill('not what it is');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The name or the password is not right.').waitFor();
  expect(await page.evaluate('document.activeElement.name')).toBe('password');
  expect(person.faults).toEqual([]);
});

test('an address inside the page is there after signing in; one that names nothing leads to a new conversation', async () => {
  await using person = await newPerson();
  const { page, username } = person;
  await page.goto(new URL('/settings/usage', page.url()).href);
  await page.getByRole('heading', { name: 'Usage' }).waitFor();
  await page.evaluate("localStorage.removeItem('colloquy.tokens')");
  await page.reload();
  await page.getByLabel('Username or email').fill(username);
  await page.getByLabel('Password', { exact: true }).fill('a passphrase for tests');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Usage' }).waitFor();
  await page.getByRole('link', { name: 'Knowledge' }).click();
  await page.getByRole('heading', { name: 'All my files' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Usage' }).waitFor();
  await page.goForward();
  await page.getByRole('heading', { name: 'All my files' }).waitFor();
  await page.goto(new URL('/no/such/place', page.url()).href);
  await person.composer.waitFor();
  expect(new URL(page.url()).pathname).toBe('/');

  // On a phone it can be put beside the others there.
  const browser = await person.context.newCDPSession(page);
  const { url, errors, data } = await browser.send('Page.getAppManifest');
  expect([new URL(url).pathname, errors]).toEqual(['/manifest.webmanifest', []]);
  for (const { src, type } of JSON.parse(data ?? '').icons) {
    const icon = await fetch(new URL(src, url));
    expect([icon.status, icon.headers.get('content-type')], src).toEqual([200, type]);
  }

  // What one has read there the next one at this page is not shown, not even until their own is there.
  const account = async () => {
    await page.getByRole('button', { name: /^Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
  };
  const owner = page.getByRole('definition').filter({ hasText: username });
  await account();
  await owner.waitFor();
  await person.signOut();
  await person.register('the-next-one');
  const held = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('query Viewer')) await held.promise;
    await route.continue();
  });
  await account();
  await page.getByRole('main').getByText('Loading …').waitFor();
  expect(await owner.count()).toBe(0);
  held.resolve();
  await page.getByRole('definition').filter({ hasText: 'the-next-one' }).waitFor();
  expect(person.faults).toEqual([]);
});

test('offline is said, and over when the network is back; a page that is gone to meanwhile comes then', async () => {
  await using person = await newPerson();
  const { page, context, username } = person;
  await context.setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await page.getByRole('button', { name: `Account of ${username}` }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('main').getByText('Loading …').waitFor();
  await context.setOffline(false);
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
  await page.goBack();
  await person.composer.waitFor();
  expect(await page.getByText('You are offline.').count()).toBe(0);
});

test('a part of the page that a newer server does not have says so, and takes nothing else with it', async () => {
  await using person = await newPerson();
  const { page, composer } = person;
  await page.route(/\/assets\/(options-dialog|model-list|settings-view)/, (route) => route.fulfill({ status: 404 }));
  await composer.fill('Not sent yet');
  const outdated = page.getByRole('alert').getByText('The server has got a newer version of this page.');
  await page.getByRole('button', { name: /^Model: / }).click();
  await outdated.waitFor();
  await page.keyboard.press('Escape');
  await outdated.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Options of the answers' }).click();
  await outdated.waitFor();
  await person.ask('Sent all the same');
  await person.answered();
  await composer.fill('Not sent yet');
  await page.unroute(/\/assets\/(options-dialog|model-list|settings-view)/);
  await page.getByRole('button', { name: 'Load the page again' }).click();
  await outdated.waitFor({ state: 'detached' });
  expect(await composer.inputValue()).toBe('Not sent yet');
  await page.getByRole('button', { name: 'Options of the answers' }).click();
  await page.getByRole('dialog', { name: 'Options of the answers' }).waitFor();
});

test('where the browser keeps nothing, a person signs in all the same, until the page is left', async () => {
  await using visitor = await setup.newVisitor();
  const { page, context } = visitor;
  // As Chromium is with cookies blocked.
  await context.addInitScript(`
    const refuse = () => { throw new DOMException('denied', 'SecurityError'); };
    Object.defineProperty(window, 'localStorage', { get: refuse });
    Object.defineProperty(navigator, 'locks', { value: { request: async () => refuse() } });
  `);
  await page.reload();
  await visitor.register('person-without-storage');
  await visitor.ask('Of ships');
  await visitor.answered();
  await page.getByRole('link', { name: 'Of ships' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(visitor.faults).toEqual([]);
});

test('what is wrong with a new account is said beside its field, in the language of the page', async () => {
  await using person = await newPerson();
  const { page, username } = person;
  await page.evaluate(`localStorage.setItem('colloquy.language', '"de"')`);
  await person.signOut();
  await page.reload();
  await page.getByRole('button', { name: 'Konto anlegen' }).click();
  const name = page.getByLabel('Benutzername');
  const password = page.getByLabel('Passwort', { exact: true });
  await name.fill('ä b');
  await password.fill('short');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('am Anfang ein Buchstabe oder eine Ziffer').waitFor();
  expect(await name.getAttribute('aria-invalid')).toBe('true');
  await name.fill(username);
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Mindestens 8 Zeichen.').waitFor();
  await password.fill('password');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Dieses Passwort ist zu leicht zu erraten.').waitFor();
  await password.fill('a passphrase for tests');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Dieser Name ist schon vergeben.').waitFor();
});
