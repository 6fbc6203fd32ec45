import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { Data, TestUser } from '../support/server.ts';
import { usePage } from './page-fixture.ts';

const CREATE = 'mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { id name } }';
const UPDATE = 'mutation ($input: UpdateSystemPromptInput!) { updateSystemPrompt(input: $input) { revision } }';
const READ = 'query ($id: ID!) { systemPrompt(id: $id) { name text version revision } }';
const CREATE_KEY = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { id } } }';
const CONVERSE = 'mutation ($input: CreateConversationInput!) { createConversation(input: $input) { id } }';

const setup = usePage();
let admin: TestUser;
beforeAll(async () => {
  admin = await setup.server.register('the-admin');
});

const ask = (document: string, variables: object): Promise<Data> =>
  setup.server.data(document, { ...variables }, admin.token);

async function createPrompt(text: string, name = `prompt-${randomUUID()}`): Promise<{ id: string; name: string }> {
  return (await ask(CREATE, { input: { name, text } })).createSystemPrompt;
}

const read = async (id: string): Promise<Data> => (await ask(READ, { id })).systemPrompt;

async function openAdmin(path: string) {
  const person = await setup.otherDevice(admin);
  await person.page.goto(`${setup.server.url}/admin/${path}`);
  const { page } = person;
  return {
    ...person,
    text: page.getByLabel('Text', { exact: true }),
    save: page.getByRole('button', { name: 'Save', exact: true }),
    dialog: page.getByRole('dialog'),
    history: page.getByRole('table', { name: 'History' }),
    async choose(revision: number, action: string): Promise<void> {
      await page.getByRole('button', { name: `Actions for revision ${revision}`, exact: true }).click();
      await page.getByRole('menuitem', { name: action }).click();
    },
  };
}

test('a prompt is made, changed and found in the list; every save is a revision', async () => {
  await using person = await openAdmin('prompts');
  const { page, text, save, history } = person;
  await page.getByRole('button', { name: 'New prompt' }).click();
  const create = page.getByRole('button', { name: 'Create', exact: true });
  expect(await create.isDisabled()).toBe(true);
  await page.getByLabel('Name', { exact: true }).fill('Of the harbour');
  await text.fill('Be brief.\nBe kind.');
  await page.getByText('18 of 100,000 characters').waitFor();
  await create.click();
  await page.getByText('The prompt has been created.').waitFor();
  await page.getByRole('heading', { name: 'Of the harbour' }).waitFor();
  const path = new URL(page.url()).pathname;
  expect(path).toMatch(/^\/admin\/prompts\/[\w-]+$/);
  const id = path.split('/').at(-1) ?? '';
  expect(await read(id)).toEqual({ name: 'Of the harbour', text: 'Be brief.\nBe kind.', version: '1', revision: 1 });

  await text.fill('Be brief.\nBe very kind.');
  await page.getByLabel('Version label').fill('1.1');
  await page.getByText('Not saved yet').waitFor();
  await page.keyboard.press('Control+s');
  await page.getByText('Saved as revision 2.').waitFor();
  await expect.poll(() => save.isDisabled()).toBe(true);
  await history.getByText('Revision 2').waitFor();
  expect(await history.getByRole('row').filter({ hasText: 'Revision 2' }).textContent()).toMatch(
    /1\.1[\s\S]*the-admin/,
  );
  expect(await read(id)).toMatchObject({ text: 'Be brief.\nBe very kind.', version: '1.1', revision: 2 });

  await page.getByRole('link', { name: 'All prompts' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Of the harbour' });
  await row.getByRole('cell', { name: '1.1' }).waitFor();
  // Where a keyboard goes on: the page has not lost it.
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Prompts');
  await page.goBack();
  await expect.poll(() => text.inputValue()).toBe('Be brief.\nBe very kind.');
  expect(person.faults).toEqual([]);
});

test('what cannot be saved is said, and nothing is lost', async () => {
  const { name } = await createPrompt('Taken');
  const { id } = await createPrompt('Mine');
  await using person = await openAdmin(`prompts/${id}`);
  const { page, text, save } = person;
  await text.fill('x'.repeat(100_002));
  await page.getByText('2 characters too long.').waitFor();
  expect(await save.isDisabled()).toBe(true);
  await text.fill('   ');
  expect(await save.isDisabled()).toBe(true);
  await text.fill('Mine, and more');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await save.click();
  await page.getByText('There is a system prompt with this name already.').waitFor();
  expect(await text.inputValue()).toBe('Mine, and more');
  await page.getByLabel('Name', { exact: true }).fill(`${name}-too`);
  await save.click();
  await page.getByText('Saved as revision 2.').waitFor();
  expect(await page.getByText('There is a system prompt with this name already.').count()).toBe(0);

  await page.goto(`${setup.server.url}/admin/prompts/U3lzdGVtUHJvbXB0OjA`);
  await page.getByText('This is not a valid id.').waitFor();
});

test('what is not saved is not left by accident, by a link, the history or the tab', async () => {
  const { id, name } = await createPrompt('As it was');
  await using person = await openAdmin('prompts');
  const { page, text, dialog } = person;
  const path = () => new URL(page.url()).pathname;
  await page.goto(`${setup.server.url}/admin/audit`);
  await page.getByRole('link', { name: 'Prompts' }).click();
  await page.getByRole('link', { name }).click();
  await text.fill('As it is to be');

  await page.getByRole('link', { name: 'All prompts' }).click();
  await dialog.getByText('Leave without saving?').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await text.inputValue()).toBe('As it is to be');
  expect(path()).toBe(`/admin/prompts/${id}`);

  await page.goBack();
  await dialog.getByText('Leave without saving?').waitFor();
  await expect.poll(path).toBe(`/admin/prompts/${id}`);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await text.inputValue()).toBe('As it is to be');

  let asked = 0;
  page.on('dialog', (alert) => {
    asked += 1;
    void alert.dismiss();
  });
  await page.close({ runBeforeUnload: true });
  await expect.poll(() => asked).toBe(1);
  expect(page.isClosed()).toBe(false);

  // Back is back: the entries around it are as they were.
  await page.goBack();
  await dialog.getByRole('button', { name: 'Leave', exact: true }).click();
  await expect.poll(path).toBe('/admin/prompts');
  await page.getByRole('heading', { name: 'Prompts' }).waitFor();
  await page.goBack();
  await expect.poll(path).toBe('/admin/audit');
  await page.goForward();
  await page.goForward();
  await expect.poll(() => text.inputValue()).toBe('As it was');
  expect(asked).toBe(1);
  expect(await read(id)).toMatchObject({ text: 'As it was', revision: 1 });
});

test('a session that ends takes nothing that was written, which only its writer gets back', async () => {
  const { id } = await createPrompt('As it was');
  const other = await setup.server.register();
  await ask('mutation ($id: ID!) { updateUser(id: $id, role: ADMIN) { id } }', { id: other.id });
  await using person = await openAdmin(`prompts/${id}`);
  const { page, text, save } = person;
  const isBack = page.getByText('What you had written and not saved is back.');
  const signIn = async (username: string) => {
    await page.getByLabel('Username or email').fill(username);
    await page.getByLabel('Password', { exact: true }).fill('a passphrase for tests');
    await page.keyboard.press('Enter');
    await text.waitFor();
  };
  const endSession = async () => {
    const stored = await page.evaluate("localStorage.getItem('colloquy.tokens')");
    await setup.server.data('mutation { logout }', {}, JSON.parse(String(stored)).accessToken);
    await page.getByText('Your session has ended.').waitFor();
  };
  await text.fill('As it is to be');
  await endSession();
  await signIn(other.username);
  expect(await text.inputValue()).toBe('As it was');
  expect(await isBack.count()).toBe(0);
  await endSession();
  await signIn(admin.username);
  await isBack.waitFor();
  expect(await text.inputValue()).toBe('As it is to be');
  expect(await read(id)).toMatchObject({ text: 'As it was', revision: 1 });

  // Somebody else has saved while nobody was signed in: that is not written over unread, also after one more reload.
  await endSession();
  await ask(UPDATE, { input: { id, text: 'As others want it' } });
  await signIn(admin.username);
  const conflict = page.getByRole('alert').getByText('Somebody has changed this prompt meanwhile');
  await conflict.waitFor();
  expect(await text.inputValue()).toBe('As it is to be');
  page.on('dialog', (alert) => void alert.accept());
  await page.reload();
  await conflict.waitFor();
  await page.getByRole('button', { name: 'Take theirs' }).click();
  await expect.poll(() => text.inputValue()).toBe('As others want it');
  await text.fill('As all want it');
  await save.click();
  await page.getByText('Saved as revision 3.').waitFor();

  await page.goto(`${setup.server.url}/admin/prompts/new`);
  await page.getByLabel('Name', { exact: true }).fill('Not yet');
  await endSession();
  await signIn(admin.username);
  await isBack.waitFor();
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Not yet');
  // Who signs out leaves nothing behind, and is asked before.
  await person.signOut({ losing: true });
  expect(await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('prompt'))")).toEqual([]);
  expect(person.faults).toEqual([]);
});

test('any revision is compared with the one before it and with the newest, and restored', async () => {
  const lines = Array.from({ length: 30 }, (_, index) => `Rule ${index + 1}`);
  const { id } = await createPrompt(lines.join('\n'));
  await ask(UPDATE, { input: { id, text: lines.with(2, 'Rule 3, but gently').join('\n'), version: '2' } });
  await ask(UPDATE, { input: { id, text: lines.with(2, 'Rule 3, but gently').slice(0, -1).join('\n') } });
  await using person = await openAdmin(`prompts/${id}`);
  const { page, text, dialog, history } = person;

  await person.choose(2, 'Compare with the one before');
  await dialog.getByRole('heading', { name: 'From revision 1 to revision 2' }).waitFor();
  await dialog.getByText('Version label: “1” became “2”.').waitFor();
  await dialog.getByText('1 line added, 1 line removed').waitFor();
  expect(await dialog.locator('del').allInnerTexts()).toEqual([expect.stringMatching(/Removed:\s*Rule 3$/)]);
  expect(await dialog.locator('ins').allInnerTexts()).toEqual([expect.stringMatching(/Added:\s*Rule 3, but gently$/)]);
  expect(await dialog.locator('ins mark').allInnerTexts()).toEqual([', but gently']);
  expect(await dialog.getByText('Rule 20').count()).toBe(0);
  await dialog.getByRole('button', { name: 'Show 24 unchanged lines' }).click();
  await dialog.getByText('Rule 20').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Actions for revision 2');

  await person.choose(1, 'Compare with the newest');
  await dialog.getByRole('heading', { name: 'From revision 1 to revision 3' }).waitFor();
  await dialog.getByText('1 line added, 2 lines removed').waitFor();
  await dialog.getByRole('button', { name: 'Restore revision 1' }).click();
  await dialog.getByText('Nothing is lost').waitFor();
  // The second click orders nothing more.
  await dialog.getByRole('button', { name: 'Restore', exact: true }).dblclick();
  await page.getByText('Revision 1 applies again, as revision 4.').waitFor();
  expect(await text.inputValue()).toBe(lines.join('\n'));
  await history.getByText('Revision 4').waitFor();
  expect(await read(id)).toMatchObject({ text: lines.join('\n'), version: '1', revision: 4 });
  // The first has none before it, and the newest is what applies.
  await page.getByRole('button', { name: 'Actions for revision 1', exact: true }).click();
  expect(await page.getByRole('menuitem').allInnerTexts()).toEqual(['Compare with the newest', 'Restore']);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Actions for revision 4', exact: true }).click();
  expect(await page.getByRole('menuitem').allInnerTexts()).toEqual(['Compare with the one before']);
  expect(person.faults).toEqual([]);
});

test('a long history is read page by page', async () => {
  const { id } = await createPrompt('Text 1');
  for (let revision = 2; revision <= 53; revision += 1) await ask(UPDATE, { input: { id, text: `Text ${revision}` } });
  await using person = await openAdmin(`prompts/${id}`);
  const { page, dialog, history } = person;
  await history.getByText('Revision 53').waitFor();
  expect(await history.getByRole('row').count()).toBe(51);
  await page.getByRole('button', { name: 'Show more' }).click();
  await history.getByText('Revision 1', { exact: true }).waitFor();
  await person.choose(3, 'Compare with the one before');
  await expect.poll(() => dialog.locator('del mark').allInnerTexts()).toEqual(['2']);
  expect(await dialog.locator('ins mark').allInnerTexts()).toEqual(['3']);
});

test('what somebody else has saved meanwhile is told, compared, and written over only on purpose', async () => {
  const { id } = await createPrompt('Be brief.');
  await using one = await openAdmin(`prompts/${id}`);
  await using other = await openAdmin(`prompts/${id}`);
  await one.text.fill('Be brief and kind.');
  await other.text.fill('Be brief and bold.');
  await one.save.click();
  await one.page.getByText('Saved as revision 2.').waitFor();

  await other.save.click();
  const { page, dialog } = other;
  await page.getByRole('alert').getByText('Somebody has changed this prompt meanwhile').waitFor();
  expect(await read(id)).toMatchObject({ text: 'Be brief and kind.', revision: 2 });
  expect(await other.text.inputValue()).toBe('Be brief and bold.');
  await page.getByRole('button', { name: 'Compare with mine' }).click();
  expect(await dialog.locator('del mark').allInnerTexts()).toEqual(['kind']);
  expect(await dialog.locator('ins mark').allInnerTexts()).toEqual(['bold']);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Save mine over it' }).click();
  await page.getByText('Saved as revision 3.').waitFor();
  expect(await read(id)).toMatchObject({ text: 'Be brief and bold.', revision: 3 });

  await one.text.fill('Be silent.');
  await one.save.click();
  await one.page.getByRole('button', { name: 'Take theirs' }).click();
  await expect.poll(() => one.text.inputValue()).toBe('Be brief and bold.');
  expect(await one.save.isDisabled()).toBe(true);
  expect(await read(id)).toMatchObject({ revision: 3 });
});

test('one that is in use says by whom, and stays; one that is not is deleted', async () => {
  const { id, name } = await createPrompt('In use');
  await ask(CREATE_KEY, { input: { clientName: 'the kiosk', systemPromptId: id } });
  await ask(CONVERSE, { input: { systemPromptId: id, title: 'Of use' } });
  await using person = await openAdmin(`prompts/${id}`);
  const { page, dialog } = person;
  await page.getByRole('region', { name: 'API keys that use it' }).getByRole('link', { name: 'the kiosk' }).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  const fault = await dialog.getByRole('alert').textContent();
  expect(fault).toMatch(/in use/);
  expect(fault).toContain('the-admin');
  expect(fault).toContain('the kiosk');
  await page.keyboard.press('Escape');

  const unused = await createPrompt('Unused');
  await page.goto(`${setup.server.url}/admin/prompts/${unused.id}`);
  await page.getByLabel('Text', { exact: true }).fill('Changed, but not saved');
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('The prompt has been deleted.').waitFor();
  await page.getByRole('link', { name, exact: true }).waitFor();
  expect(await page.getByRole('link', { name: unused.name }).count()).toBe(0);
  expect(await read(unused.id)).toBeNull();
});

test('on a phone everything is there, and nothing is cut off', async () => {
  const { id } = await createPrompt(`A line\n${'long'.repeat(90)}`);
  await ask(UPDATE, { input: { id, text: `Another line\n${'long'.repeat(90)}` } });
  await using person = await openAdmin(`prompts/${id}`);
  const { page, dialog } = person;
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('button', { name: 'Actions for revision 2' }).waitFor();
  const width = () => page.evaluate<number>('document.querySelector("main section").scrollWidth');
  expect(await width()).toBeLessThanOrEqual(360);
  await person.choose(2, 'Compare with the one before');
  await dialog.locator('ins').waitFor();
  const box = await dialog.boundingBox();
  expect((box?.x ?? -1) >= 0 && (box?.width ?? 361) <= 360).toBe(true);
  expect(await page.evaluate('document.querySelector("dialog").scrollWidth')).toBeLessThanOrEqual(360);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.goto(`${setup.server.url}/admin/prompts`);
  await page.getByRole('table', { name: 'Prompts' }).waitFor();
  expect(await width()).toBeLessThanOrEqual(360);
});
