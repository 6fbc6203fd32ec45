import type { Page } from 'playwright-core';
import type { english } from '../../../frontend/src/texts/english/english.ts';
import { ADA } from './people.ts';
import type { World } from './world.ts';

/** A page as a person may have it before them. */
export type Scene = {
  /** Also of its pictures. */
  name: string;
  /** Goes there, from anywhere on the page. */
  open: (page: Page) => Promise<void>;
};

type Place = { url: string; texts: typeof english; world: World };

/** Before somebody has signed in. */
export function scenesOutside({ url, texts }: Place): Scene[] {
  return [
    {
      name: 'sign-in',
      open: async (page) => {
        await page.goto(url);
        await page.getByRole('heading', { name: texts.signIn.title }).waitFor();
      },
    },
    {
      name: 'register',
      open: async (page) => {
        await page.goto(url);
        await page.getByRole('button', { name: texts.signIn.toRegisterAction }).click();
        await page.getByRole('heading', { name: texts.register.title }).waitFor();
      },
    },
  ];
}

export async function signIn(page: Page, { url, texts }: Place): Promise<void> {
  await page.goto(url);
  await page.locator('input[name=username]').fill(ADA.username);
  await page.locator('input[name=password]').fill(ADA.password);
  await page.keyboard.press('Enter');
  await page.getByLabel(texts.composer.label, { exact: true }).waitFor();
}

/** For whoever is signed in: the sections of settings and of the administration as their navigations list them. */
export async function scenesInside(page: Page, place: Place): Promise<Scene[]> {
  return [
    ...conversationScenes(place),
    ...knowledgeScenes(place),
    ...(await sectionScenes(page, place, 'settings')),
    ...(await sectionScenes(page, place, 'admin')),
    differenceScene(place),
  ];
}

function conversationScenes({ url, texts, world }: Place): Scene[] {
  const hero = async (page: Page) => {
    await page.goto(new URL(world.heroPath, url).href);
    await page.getByRole('region', { name: texts.sources.label }).last().waitFor();
  };
  return [
    {
      name: 'empty',
      open: async (page) => {
        await page.goto(url);
        await page.getByLabel(texts.composer.label, { exact: true }).waitFor();
        await page.locator('aside li a').first().waitFor({ state: 'attached' });
      },
    },
    { name: 'conversation', open: hero },
    {
      name: 'source',
      open: async (page) => {
        await hero(page);
        await page.locator('[data-markdown] button[aria-label]').filter({ hasText: '1' }).first().click();
        await page.locator('aside mark').first().waitFor();
      },
    },
    {
      name: 'conversation-menu',
      open: async (page) => {
        await hero(page);
        await page.locator('main header button[aria-haspopup=menu]').click();
        await page.getByRole('menuitem').first().waitFor();
      },
    },
    {
      name: 'account-menu',
      open: async (page) => {
        await hero(page);
        const opener = page.locator('aside footer button[aria-haspopup=menu]');
        // On a phone it lies in the drawer.
        if (!(await opener.isVisible())) await page.getByRole('button', { name: texts.sidebar.open }).click();
        await opener.click();
        await page.getByRole('menuitem').first().waitFor();
      },
    },
    {
      name: 'keyboard',
      open: async (page) => {
        await hero(page);
        await page.keyboard.press('Control+/');
        await page.getByRole('dialog', { name: texts.keyboard.title }).waitFor();
      },
    },
    {
      name: 'streaming',
      open: async (page) => {
        await page.goto(url);
        await page.getByLabel(texts.composer.label, { exact: true }).fill(world.slowPrompt);
        await page.getByRole('button', { name: texts.composer.send, exact: true }).click();
        await page.locator('[data-markdown]').last().getByText('gallery').waitFor();
      },
    },
  ];
}

function knowledgeScenes({ url, texts }: Place): Scene[] {
  const files = async (page: Page) => {
    await page.goto(new URL('/knowledge', url).href);
    await page.getByText('skerrymore-light.md').first().waitFor();
  };
  return [
    { name: 'knowledge', open: files },
    {
      name: 'collection-dialog',
      open: async (page) => {
        await files(page);
        await page.getByRole('button', { name: texts.collections.create }).click();
        await page.getByRole('dialog').waitFor();
      },
    },
    {
      name: 'knowledge-search',
      open: async (page) => {
        await files(page);
        await page.getByLabel(texts.search.label, { exact: true }).fill('range of the lamp');
        await page.locator('main li button').first().waitFor();
      },
    },
  ];
}

/** What the newest revision of a prompt has changed. */
function differenceScene({ url, world }: Place): Scene {
  return {
    name: 'admin-prompts-diff',
    open: async (page) => {
      await page.goto(new URL(world.promptPath, url).href);
      await page.locator('main table button[aria-haspopup=menu]').first().click();
      await page.getByRole('menuitem').first().click();
      await page.locator('dialog ins').first().waitFor();
    },
  };
}

async function sectionScenes(page: Page, { url, texts }: Place, view: 'settings' | 'admin'): Promise<Scene[]> {
  await page.goto(new URL(`/${view}`, url).href);
  const links = page.locator('main nav a');
  await links.first().waitFor();
  const paths = await links.evaluateAll((all) => all.map((link) => (link as { pathname?: string }).pathname ?? ''));
  const scenes: Scene[] = [];
  for (const path of paths) {
    const name = path.slice(1).replaceAll('/', '-');
    const open = (address: string) => async (shown: Page) => {
      await shown.goto(new URL(address, url).href);
      await settle(shown, texts);
    };
    scenes.push({ name, open: open(path) });
    // One thing of the section, where its things have addresses.
    await open(path)(page);
    const item = page.locator(`main section a[href^="${path}/"]`);
    const address = (await item.count()) > 0 ? await item.first().getAttribute('href') : null;
    if (address) scenes.push({ name: `${name}-item`, open: open(address) });
  }
  return scenes;
}

/** Waits until a section shows what it shows. */
async function settle(page: Page, texts: Place['texts']): Promise<void> {
  const main = page.locator('main');
  await main.locator('section h2').first().waitFor();
  await main.getByText(texts.sidebar.loading).first().waitFor({ state: 'detached' });
  await main.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
}
