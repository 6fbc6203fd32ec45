import { expect, test } from 'vitest';
import { PASSWORD } from '../support/server.ts';
import type { StreamPlan } from '../support/stream-plan.ts';
import { contraband, watchForContraband } from './contraband.ts';
import { HOSTILE, HOSTILE_NAMES } from './hostile-markdown.ts';
import type { PageDriver } from './page-driver.ts';
import { usePage } from './page-fixture.ts';

/** The server refuses to be told NUL; a model may say it. */
const TOLD = HOSTILE.replaceAll('\0', '').toWellFormed();
const DEEP = '>'.repeat(20_000);
/** A cell in each of its rows, and room for half a million. */
const WIDE = `${'|a'.repeat(1_000)}\n${'|-'.repeat(1_000)}\n${'|x\n'.repeat(500)}`;

/** What is asked says how it is answered. */
function script({ messages }: { messages: { content: string }[] }): StreamPlan | undefined {
  const prompt = messages.at(-1)?.content ?? '';
  // A character at a time: every beginning of it is on the page once.
  if (prompt.startsWith('Recite')) {
    return { tokens: [...HOSTILE], tokensPerWrite: 3, reasoning: [HOSTILE], usage: null };
  }
  if (prompt.startsWith('Deep')) return { tokens: [DEEP.slice(0, 9_000), DEEP.slice(9_000)] };
  if (prompt.startsWith('Wide')) return { tokens: [WIDE] };
  if (prompt.startsWith('Fail')) {
    return { tokens: ['As '], fault: { type: 'error', after: 1, error: { message: HOSTILE.slice(0, 4_000) } } };
  }
  return undefined;
}

const setup = usePage(script);

type Person = PageDriver & { faults: string[]; requests: string[] };

/** Nothing ran, nothing was loaded, nothing was sent elsewhere, and the content policy had nothing to stop. */
async function expectUnharmed({ page, faults, requests }: Person): Promise<void> {
  expect(await contraband(page)).toEqual([]);
  expect(await page.evaluate('globalThis.attacked')).toBeUndefined();
  expect(requests.filter((url) => !url.startsWith(setup.server.url))).toEqual([]);
  expect(faults).toEqual([]);
}

test('a hostile answer is inert, as it streams and when it is finished, and so are its reasoning and its prompt', async () => {
  await using person = await setup.newPerson();
  const { page, answers } = person;
  await watchForContraband(page);
  await person.composer.fill(`Recite ${TOLD}`);
  await page.keyboard.press('Enter');
  await person.prompts.first().waitFor();
  await person.answered();
  await answers.last().getByText('Reasoning').click();
  // What is kept of it, too.
  await page.reload();
  await person.answered();
  const links = await answers.last().locator('[data-markdown] a[target=_blank]').evaluateAll(readLinks);
  expect(links.length).toBeGreaterThan(10);
  for (const { href, text } of links) {
    const { protocol, host, pathname } = new URL(href);
    expect(text, href).toContain(protocol === 'mailto:' ? pathname : host);
  }
  await expectUnharmed(person);
});

test('what was imported is inert: titles, prompts, answers, passages, names of files and reasons of failures', async () => {
  await using person = await setup.newPerson();
  const { page, answers, panel } = person;
  await watchForContraband(page);
  const token = await page.evaluate("JSON.parse(localStorage.getItem('colloquy.tokens')).accessToken");
  const imported = await fetch(`${setup.server.url}/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(exported()),
  });
  expect(await imported.json()).toMatchObject({ imported: HOSTILE_NAMES.length, failed: [] });
  await page.reload();
  for (const name of HOSTILE_NAMES) {
    await page.getByRole('link', { name }).first().click();
    await page.getByRole('heading', { name }).waitFor();
    await answers
      .last()
      .getByRole('button', { name: /^Source 1/ })
      .first()
      .click();
    await panel.locator('mark').waitFor();
    expect(await panel.textContent()).not.toMatch(/\u202E/);
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('Control+k');
  await page.keyboard.type('onerror');
  await page.getByText(/\d results?/).waitFor();
  await expectUnharmed(person);
});

test('hostile names of collections, files, prompts and accounts are inert wherever they are listed', async () => {
  const { server } = setup;
  await using person = await setup.newPerson();
  const { page } = person;
  await server.app.database.sql.query(`UPDATE users SET role = 'ADMIN' WHERE username = $1`, [person.username]);
  await page.reload();
  await person.signOut();
  await person.signIn(person.username);
  await watchForContraband(page);
  const token = String(await page.evaluate("JSON.parse(localStorage.getItem('colloquy.tokens')).accessToken"));
  for (const [index, name] of HOSTILE_NAMES.entries()) {
    await server.data('mutation ($name: String!) { createCollection(name: $name) { id } }', { name }, token);
    await server.data(CREATE_PROMPT, { input: { name, text: TOLD.slice(0, 5_000) } }, token);
    await server.data(CREATE_KEY, { input: { clientName: name } }, token);
    const email = `attacker-${index}@attacker.invalid`;
    await server.data(CREATE_USER, { input: { username: `attacker-${index}`, email, password: PASSWORD } }, token);
  }
  await person.goToKnowledge();
  await person.chooseFiles(
    HOSTILE_NAMES.map((name, index) => ({
      name: `${name.replaceAll('/', '_')}.md`,
      type: 'text/markdown',
      text: `Passage ${index} of ${HOSTILE.replaceAll(/[^\x20-\x7E\n]/g, '')}`,
    })),
  );
  // Not by the text alone: the filter offers "Ready" too.
  const rows = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
  await expect.poll(() => rows.getByText('Ready', { exact: true }).count()).toBe(HOSTILE_NAMES.length);
  await page.getByLabel('Search in the files').fill('passage attacker');
  await page.getByRole('region', { name: 'Passages' }).getByRole('listitem').first().waitFor();
  for (const url of await sectionAddresses(person)) {
    await page.goto(url);
    await page.locator('main h2').first().waitFor();
    await expect.poll(() => page.locator('[aria-busy=true]').count()).toBe(0);
    await expectUnharmed(person);
  }
}, 180_000);

test('nesting without end and a failure that speaks Markdown leave the page in use', async () => {
  await using person = await setup.newPerson();
  const { page, answers } = person;
  await watchForContraband(page);
  const start = performance.now();
  await person.ask('Deep, please');
  expect(await person.answered()).toBe(DEEP);
  expect(performance.now() - start).toBeLessThan(15_000);
  await person.ask('Wide, please');
  await person.answered();
  expect(await answers.last().locator('td').count()).toBe(1_000);
  await person.ask('Fail, please');
  await page.getByText('The answer could not be finished.').waitFor();
  await person.ask('And now in **good** words');
  expect(await person.answered()).toBe('And now in good words');
  // Each block is in the direction of its script.
  await person.ask('- **مرحبا** Colloquy\n\nThen on.');
  await person.answered();
  const directions = await answers.last().locator('[data-markdown] > *').evaluateAll(readDirections);
  expect(directions).toEqual(['rtl', 'ltr']);
  await expectUnharmed(person);
});

/** Every section of settings and of administration, as their navigations list them. */
async function sectionAddresses({ page }: Person): Promise<string[]> {
  const addresses: string[] = [];
  for (const path of ['/settings', '/admin']) {
    await page.goto(new URL(path, setup.server.url).href);
    await page.locator('main nav a').first().waitFor();
    addresses.push(...(await page.locator('main nav a').evaluateAll(readLinks)).map(({ href }) => href));
  }
  return addresses;
}

/** Runs in the page. */
function readDirections(elements: unknown): string[] {
  return (elements as Parameters<typeof getComputedStyle>[0][]).map((element) => getComputedStyle(element).direction);
}

/** Runs in the page. */
function readLinks(elements: unknown): { href: string; text: string }[] {
  return (elements as { href: string; textContent: string }[]).map(({ href, textContent }) => ({
    href,
    text: textContent,
  }));
}

const CREATE_PROMPT = 'mutation ($input: CreateSystemPromptInput!) { createSystemPrompt(input: $input) { id } }';
const CREATE_KEY = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }';
const CREATE_USER = 'mutation ($input: RegisterInput!) { createUser(input: $input) { id } }';

function exported() {
  const passage = (name: string) => ({
    fileId: 'b5a7cbb2-5d0f-4c56-8e0b-5e7f4f0b8f11',
    fileName: `${name.replaceAll('/', '_')}.pdf`,
    text: HOSTILE.slice(0, 3_000),
    page: 1,
    start: 0,
    end: 3_000,
    score: 1,
  });
  return {
    format: 'colloquy.conversations',
    version: 1,
    conversations: HOSTILE_NAMES.map((name, index) => ({
      id: `hostile-${index}`,
      title: name,
      model: `openai/${name}`,
      createdAt: `2026-11-0${index + 1}T10:00:00Z`,
      messages: [
        { id: 'prompt', role: 'USER', content: HOSTILE, createdAt: `2026-11-0${index + 1}T10:00:00Z` },
        {
          id: 'answer',
          parentId: 'prompt',
          role: 'ASSISTANT',
          content: `A claim [1].\n\n${HOSTILE}`,
          reasoning: HOSTILE,
          status: 'FAILED',
          model: `openai/${name}`,
          degraded: name,
          error: { code: 'PROVIDER_UNAVAILABLE', message: HOSTILE.slice(0, 1_000), retryable: true },
          citations: [{ index: 1, passage: passage(name) }],
          createdAt: `2026-11-0${index + 1}T10:00:01Z`,
        },
      ],
    })),
  };
}
