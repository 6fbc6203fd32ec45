import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { audit as english } from '../../frontend/src/texts/english/admin/audit.ts';
import { createKey } from '../support/api-keys.ts';
import type { TestUser } from '../support/server.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage();
let admin: TestUser;

beforeAll(async () => {
  admin = await setup.server.register('the-admin');
});

const record = (events: { action: string; actorName?: string; details?: object; at?: Date }[]) =>
  setup.server.app.database.prisma.auditEvent.createMany({
    data: events.map(({ action, actorName = 'somebody', details = {}, at = new Date() }) => ({
      id: randomUUID(),
      createdAt: at,
      actorName,
      action,
      details,
    })),
  });

async function openLog() {
  const person = await setup.otherDevice(admin);
  await person.page.goto(`${setup.server.url}/admin/audit`);
  await person.page.getByRole('row').nth(1).waitFor();
  return person;
}

const actions = (page: Page) => page.getByRole('rowheader').locator('summary').allTextContents();

test('there are words for everything that the server records', async () => {
  const port = await readFile(new URL('../../src/ports/audit-log.ts', import.meta.url), 'utf8');
  const declared = /AuditAction =\s*((?:\|\s*'[\w-]+'\s*)+);/.exec(port)?.[1] ?? '';
  const recorded = [...declared.matchAll(/'([\w-]+)'/g)].map(([, action]) => action);
  expect(recorded).toContain('login-failed');
  expect(Object.keys(english.actions).sort()).toEqual(recorded.sort());
});

test('what was done is said in words, with all that is known of it; what is unknown is shown as it is', async () => {
  await createKey(setup.server, admin.token, { clientName: 'shop', tokensPerDay: 200_000 });
  await setup.server.request('mutation ($input: LoginInput!) { login(input: $input) { accessToken } }', {
    input: { username: admin.username, password: 'not the password' },
  });
  await record([
    { action: 'moon-landed', details: { crater: 'Copernicus' }, at: new Date('2026-03-04T05:06:09Z') },
    {
      action: 'user-changed',
      details: { role: 'ADMIN', disabled: true, email: null },
      at: new Date('2026-03-04T05:06:08Z'),
    },
    // A name is a name, also where it reads like a word of the server.
    {
      action: 'system-prompt-changed',
      details: { name: 'ADMIN', revision: 1_234 },
      at: new Date('2026-03-04T05:06:07Z'),
    },
  ]);
  await using person = await openLog();
  const { page } = person;
  expect(await actions(page)).toEqual([
    'Sign-in failed',
    'API key made',
    'moon-landed',
    'Account changed',
    'System prompt changed',
  ]);
  const detailsOf = async (action: string) => {
    const opened = page.locator('details').filter({ hasText: action }).first();
    await opened.locator('summary').press('Enter');
    const facts = await opened.locator('dl > div').all();
    return Promise.all(facts.map(async (fact) => (await fact.locator('dt, dd').allTextContents()).join(': ')));
  };
  expect(await detailsOf('Sign-in failed')).toEqual(
    expect.arrayContaining(['Reason: wrong password', 'Address: 127.0.0.1', 'Recorded as: login-failed']),
  );
  await page.getByRole('cell', { name: 'nobody signed in' }).waitFor();
  expect(await detailsOf('API key made')).toEqual(
    expect.arrayContaining(['Tokens a day: 200,000', 'Collection: none', expect.stringMatching(/^Begins with: api_/)]),
  );
  expect(await detailsOf('moon-landed')).toContain('crater: Copernicus');
  expect(await detailsOf('Account changed')).toEqual(
    expect.arrayContaining(['Role: Administrator', 'Disabled: yes', 'Email: none']),
  );
  expect(await detailsOf('System prompt changed')).toEqual(expect.arrayContaining(['Name: ADMIN', 'Revision: 1,234']));
  const time = page.getByRole('row').filter({ hasText: 'moon-landed' }).locator('time');
  expect(await time.getAttribute('title')).toMatch(/:06:09/);
  expect(person.faults).toEqual([]);
});

test('what has been loaded is filtered, and it is said that older events are not looked through', async () => {
  const old = Date.parse('2026-02-01T00:00:00Z');
  await record(
    Array.from({ length: 70 }, (_, index) => ({
      action: index % 10 === 0 ? 'model-removed' : 'cache-flushed',
      actorName: index < 60 ? 'grace' : 'linus',
      at: new Date(old - index * 1_000),
    })),
  );
  await using person = await openLog();
  const { page } = person;
  const total = (await setup.server.data('{ auditEvents { totalCount } }', {}, admin.token)).auditEvents.totalCount;
  await page.getByText(`${total} events`, { exact: true }).waitFor();
  expect(await actions(page)).toHaveLength(50);
  const kind = page.getByLabel('Filter by what was done');
  const actor = page.getByLabel('Filter by who did it');
  expect(await actor.getByRole('option', { name: 'linus' }).count()).toBe(0);
  await kind.selectOption('Models');
  const shown = (await actions(page)).length;
  expect(new Set(await actions(page))).toEqual(new Set(['Model deleted']));
  await page
    .getByText(
      `${shown} of the 50 events that have been loaded. The filter does not look into the other ${total - 50}`,
      { exact: false },
    )
    .waitFor();

  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText(`of the ${total} events that have been loaded. These are all that there are.`).waitFor();
  expect(await actions(page)).toHaveLength(7);
  await actor.selectOption('linus');
  expect(await actions(page)).toHaveLength(1);
  await kind.selectOption('Everything');
  expect(await actions(page)).toHaveLength(10);

  // What happens meanwhile is there when it is asked for, also where that fails at first.
  await record([{ action: 'reindex-ordered', actorName: 'command line' }]);
  const failure = { errors: [{ message: 'No.', extensions: { code: 'INTERNAL' } }] };
  await page.route('**/graphql', (route) => route.fulfill({ json: failure }));
  await page.getByRole('button', { name: 'Load again' }).click();
  const retry = page.getByRole('button', { name: 'Try again' });
  await retry.waitFor();
  await page.unroute('**/graphql');
  await retry.click();
  await page.getByText('0 of the 50 events').waitFor();
  // Who is chosen stays so, though the newest are by others.
  expect(await actor.inputValue()).toBe('linus');
  await actor.selectOption('Everybody');
  await expect.poll(async () => (await actions(page))[0]).toBe('Reading files anew ordered');
  expect(person.faults).toEqual([]);
});

test('the log is German for whoever reads German', async () => {
  await record([{ action: 'model-removed', actorName: 'anonymous' }]);
  await using person = await setup.otherDevice(admin);
  const { page } = person;
  await page.evaluate(`localStorage.setItem('colloquy.language', '"de"')`);
  await page.goto(`${setup.server.url}/admin/audit`);
  await page.getByRole('heading', { name: 'Protokoll' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'Modell gelöscht' }).getByText('niemand angemeldet').waitFor();
  await page.getByRole('link', { name: 'Benutzer' }).click();
  await page.getByRole('button', { name: 'Neues Konto' }).waitFor();
  expect(person.faults).toEqual([]);
});
