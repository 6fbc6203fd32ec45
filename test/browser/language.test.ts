import { expect, test } from 'vitest';
import { admin as englishAdmin } from '../../frontend/src/texts/english/admin/admin.ts';
import { english } from '../../frontend/src/texts/english/english.ts';
import { admin as germanAdmin } from '../../frontend/src/texts/german/admin/admin.ts';
import { german } from '../../frontend/src/texts/german/german.ts';
import { useWorld } from './world-fixture.ts';

const setup = useWorld();

/** The texts that differ between the two, and are long enough to be told from a name. */
function foreignTexts(): Set<string> {
  const own = new Set<string>();
  const foreign = new Set<string>();
  collect({ ...german, admin: germanAdmin }, own);
  collect({ ...english, admin: englishAdmin }, foreign);
  return new Set([...foreign].filter((text) => text.length > 3 && !own.has(text)));
}

function collect(texts: unknown, found: Set<string>): void {
  if (typeof texts === 'string') found.add(texts);
  else if (typeof texts === 'object' && texts !== null) for (const text of Object.values(texts)) collect(text, found);
}

/** All that is read on the page, by eye or aloud. */
const SHOWN = `(() => {
  const shown = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest('[data-markdown], blockquote')) shown.push(walker.currentNode.data.trim());
  for (const element of document.body.querySelectorAll('*'))
    for (const name of ['aria-label', 'title', 'placeholder', 'aria-description']) {
      const value = element.getAttribute(name);
      if (value) shown.push(value.trim());
    }
  return shown;
})()`;

test('the German page says nothing in English, and writes numbers and days as Germans do', async () => {
  await using person = await setup.newVisitor('de');
  const { page } = person;
  const foreign = foreignTexts();
  expect(foreign.size).toBeGreaterThan(100);
  const findings: string[] = [];
  const look = async (scenes: typeof person.outside) => {
    for (const { name, open } of scenes) {
      await open(page);
      const shown = (await page.evaluate(SHOWN)) as string[];
      findings.push(...shown.filter((text) => foreign.has(text)).map((text) => `${name}: ${text}`));
    }
  };
  await look(person.outside);
  await person.signIn();
  await look(await person.scenesInside());
  expect(findings).toEqual([]);
  await page.goto(new URL('/knowledge', setup.server.url).href);
  await page
    .getByText(/\d{1,2}\. \p{Lu}\p{L}+/u)
    .first()
    .waitFor();
}, 300_000);

test('another language keeps the draft and the conversation', async () => {
  await using person = await setup.newVisitor('en');
  const { page, place } = person;
  await person.signIn();
  await page.goto(new URL(place.world.heroPath, place.url).href);
  await page.getByRole('region', { name: english.sources.label }).last().waitFor();
  await person.composer.fill('Not sent yet');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: english.account.settings }).click();
  await page.getByRole('link', { name: english.settings.appearance }).click();
  await page.getByLabel(english.settings.language).selectOption('de');
  await page.getByRole('heading', { name: german.settings.appearance }).waitFor();
  expect(await page.evaluate('document.documentElement.lang')).toBe('de');
  await page.getByRole('link', { name: /^From how far away/ }).click();
  await page.getByRole('region', { name: german.sources.label }).last().waitFor();
  expect(await page.getByLabel(german.composer.label, { exact: true }).inputValue()).toBe('Not sent yet');

  // What the server says and no catalogue has is quoted, and is read aloud as what it is.
  await page.goto(new URL('/knowledge', place.url).href);
  const refusal = { errors: [{ message: 'It is odd.', extensions: { code: 'CONFLICT' } }] };
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('CreateCollection') ? route.fulfill({ json: refusal }) : route.continue(),
  );
  await page.getByRole('button', { name: german.collections.create }).click();
  await page.getByLabel(german.collections.name, { exact: true }).fill('Küste');
  await page.getByRole('button', { name: german.collections.createAction }).click();
  const said = page.getByRole('dialog').getByRole('alert');
  await said.getByText(german.errors.codes.CONFLICT).waitFor();
  expect(await said.locator('[lang=en]').allTextContents()).toEqual(['It is odd.']);
  expect(await said.textContent()).toBe(`${german.errors.codes.CONFLICT} („It is odd.“)`);
});
