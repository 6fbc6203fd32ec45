import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { DESK, PHONE, type Tongue, useWorld } from './world-fixture.ts';

const setup = useWorld();
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds, as far as it keeps somebody from using the page. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: { type: 'rule', values: rules } }) };
  const found = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${target} ${html.slice(0, 160)}`));
}

test.each([
  ['en', 'a desk', DESK],
  ['de', 'a phone', PHONE],
] as const)(
  'axe-core finds nothing serious on any page, light or dark (%s, %s)',
  async (tongue: Tongue, _, device) => {
    await using person = await setup.newVisitor(tongue, device);
    const { page } = person;
    const findings: string[] = [];
    const look = async (scenes: typeof person.outside) => {
      for (const { name, open } of scenes) {
        await page.emulateMedia({ colorScheme: 'light' });
        await open(page);
        // Colours that are on their way from one theme to the other are none of either.
        await page.evaluate(SETTLED);
        const light = await violations(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.evaluate(SETTLED);
        const dark = await violations(page, ['color-contrast']);
        findings.push(...[...light, ...dark].map((finding) => `${name}: ${finding}`));
        expect(await page.evaluate('document.documentElement.lang'), name).toBe(tongue);
        expect(await page.title(), name).toMatch(/Colloquy/);
      }
    };
    await look(person.outside);
    await person.signIn();
    await look(await person.scenesInside());
    expect(findings).toEqual([]);
  },
  600_000,
);

test('everything is reached by keyboard: past the list, into menus and dialogs, and back to where one was', async () => {
  await using person = await setup.newVisitor('en');
  const { page, place } = person;
  await person.signIn();
  await page.goto(new URL(place.world.heroPath, place.url).href);
  await page.getByRole('region', { name: 'Sources' }).last().waitFor();
  await page.evaluate(FROM_THE_TOP);
  await page.keyboard.press('Tab');
  expect(await focused(page)).toContain('Skip to the content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');

  const opener = page.locator('main header button[aria-haspopup=menu]');
  await opener.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem').first().waitFor();
  expect(await focused(page)).toBe(await page.getByRole('menuitem').first().textContent());
  await page.keyboard.press('Escape');
  expect(await opener.evaluate(isFocused)).toBe(true);

  // Nothing that can be seen and pressed is left out of the order, and nothing in it hides where it is.
  const reached = new Set<string>();
  await page.evaluate(FROM_THE_TOP);
  for (let step = 0; step < 120; step += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(DESCRIBE);
    if (at === null) break;
    const { label, hasOutline } = at as { label: string; hasOutline: boolean };
    expect(hasOutline, label).toBe(true);
    reached.add(label);
  }
  const all = (await page.evaluate(LABELS)) as string[];
  expect(all.filter((label) => !reached.has(label))).toEqual([]);
});

test('the focus returns from every menu, dialog and overlay to what has opened it', async () => {
  await using person = await setup.newVisitor('en');
  const { page, place } = person;
  const { texts } = place;
  await person.signIn();
  const visit = async (path: string, landmark: Locator) => {
    await page.goto(new URL(path, place.url).href);
    await landmark.waitFor();
  };
  /** Opens it by keyboard, closes it and looks. */
  const expectReturn = async (opener: Locator, opened: Locator, close: Locator | null = null) => {
    await opener.focus();
    await page.keyboard.press('Enter');
    await opened.first().waitFor();
    // What opens beside the page is entered by the next Tab.
    if (await opener.evaluate(isFocused)) await page.keyboard.press('Tab');
    expect(await opener.evaluate(isFocused), String(opener)).toBe(false);
    if (close) await close.click();
    else await page.keyboard.press('Escape');
    await opened.first().waitFor({ state: 'hidden' });
    await expect.poll(() => opener.evaluate(isFocused), { message: String(opener) }).toBe(true);
  };
  const items = page.getByRole('menuitem');
  const dialog = page.getByRole('dialog');
  const cancel = dialog.getByRole('button', { name: texts.dialog.cancel });

  await visit(place.world.heroPath, page.getByRole('region', { name: texts.sources.label }).last());
  await expectReturn(page.locator('main header button[aria-haspopup=menu]'), items);
  await expectReturn(page.locator('aside footer button[aria-haspopup=menu]'), items);
  await expectReturn(page.locator('aside li[data-current] button[aria-haspopup=menu]'), items);
  for (const opener of await page.locator('main form button[aria-haspopup=dialog]').all()) {
    await expectReturn(opener, dialog.filter({ visible: true }));
  }
  await expectReturn(page.getByRole('button', { name: texts.options.open }), dialog.filter({ visible: true }), cancel);
  await person.composer.focus();
  await page.keyboard.press('Control+/');
  await page.getByRole('button', { name: texts.keyboard.close }).click();
  await expect.poll(() => person.composer.evaluate(isFocused)).toBe(true);
  // From an item of a menu to the dialog that it opens, and back to the button of the menu.
  const account = page.locator('aside footer button[aria-haspopup=menu]');
  await account.click();
  await page.getByRole('menuitem', { name: texts.account.keyboard }).click();
  await page.keyboard.press('?');
  await expect.poll(() => account.evaluate(isFocused)).toBe(true);

  await visit('/knowledge', page.getByText('skerrymore-light.md').first());
  const create = page.getByRole('button', { name: texts.collections.create });
  await expectReturn(create, dialog);
  await expectReturn(create, dialog, cancel);
  const menu = page.getByRole('button', { name: texts.files.menu('skerrymore-light.md') });
  await expectReturn(menu, items);
  await menu.click();
  await page.getByRole('menuitem', { name: texts.files.delete }).click();
  await cancel.click();
  await expect.poll(() => menu.evaluate(isFocused)).toBe(true);
  expect(person.faults).toEqual([]);
});

test('a finished answer is announced once, and none of its words while they come', async () => {
  await using person = await setup.newVisitor('en');
  const { page } = person;
  await person.signIn();
  await page.evaluate(`
    globalThis.said = [];
    new MutationObserver((changes) => {
      for (const { addedNodes, type } of changes) {
        if (type === 'characterData') said.push('changed');
        for (const node of addedNodes) said.push(node.textContent);
      }
    }).observe(document.querySelector('[role=log]'), { childList: true, subtree: true, characterData: true });
  `);
  await person.composer.fill('What was done in March 1893?');
  await page.keyboard.press('Enter');
  await person.answered();
  await expect.poll(() => page.evaluate('said.length')).toBe(2);
  expect(await page.evaluate('said[1]')).toContain('So it stands in the documents');
});

test('forced colours keep the focus and the frames visible; with less motion nothing moves for long', async () => {
  await using person = await setup.newVisitor('en', { ...DESK, forcedColors: 'active', reducedMotion: 'reduce' });
  const { page } = person;
  await person.signIn();
  await person.composer.fill(person.place.world.slowPrompt);
  await page.keyboard.press('Enter');
  await person.sees('gallery');
  const longest = await page.evaluate(
    `Math.max(0, ...document.getAnimations().map((animation) => Number(animation.effect.getComputedTiming().activeDuration)))`,
  );
  expect(longest).toBeLessThanOrEqual(10);
  const button = page.getByRole('link', { name: 'New conversation' }).first();
  await page.keyboard.press('Shift+Tab');
  await button.focus();
  expect(await button.evaluate(outlineOf)).not.toBe('none');
});

const SETTLED = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() =>
  Promise.allSettled(document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations < 100)
    .map(({ finished }) => finished)).then(() => resolve()))))`;

/** As when the page has just been opened, without the field that takes the focus by itself. */
const FROM_THE_TOP = "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')";

const focused = (page: Page) => page.evaluate('document.activeElement.textContent');

/** Run in the page. */
const isFocused = (element: unknown): boolean =>
  (element as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement === element;
const outlineOf = (element: unknown): string =>
  (globalThis as unknown as { getComputedStyle: (of: unknown) => { outlineStyle: string } }).getComputedStyle(element)
    .outlineStyle;

const NAME = `(element) => (element.getAttribute('aria-label') ?? element.textContent).trim()`;

/** The element with the focus: what it is called, and whether it, or what is around it, shows that it has the focus. */
const DESCRIBE = `(() => {
  const name = ${NAME};
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const shows = (one) => {
    const { outlineStyle, boxShadow, borderColor } = getComputedStyle(one);
    return outlineStyle !== 'none' || boxShadow !== 'none';
  };
  return { label: name(element), hasOutline: shows(element) || shows(element.parentElement) };
})()`;

/** What can be pressed and can be seen. Items of a list that are reached by the arrow keys are none of it. */
const LABELS = `[...document.querySelectorAll('a[href], button:not(:disabled), textarea, summary')]
  .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.tabIndex >= 0 && !element.closest('[inert]'))
  .map(${NAME})`;
