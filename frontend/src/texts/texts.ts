import type { admin } from './english/admin/admin.ts';
import { english } from './english/english.ts';
import { pageLanguage } from './language.ts';

/** Every text that a person reads on the page. Other languages have the same ones: the compiler sees to it. */
export type Texts = typeof english & typeof admin;

/**
 * In the language of the page. It is settled before anything is drawn, so read it where it is shown, not on import.
 * `admin` is there once `loadAdminTexts` has ended, which whoever shows that part of the page waits for.
 */
export let texts: Texts = english as Texts;

/** Reads the catalogue of the page's language. Without it (a cut connection) the page is in English. */
export async function loadTexts(): Promise<void> {
  if (pageLanguage === 'de') {
    const loaded = await import('./german/german.ts').catch(() => null);
    if (loaded) texts = loaded.german as Texts;
  }
  document.documentElement.lang = texts === english ? 'en' : pageLanguage;
}

/** Reads what only administrators read, in the language that the page has. */
export async function loadAdminTexts(): Promise<void> {
  const catalogue =
    document.documentElement.lang === 'de' ? import('./german/admin/admin.ts') : import('./english/admin/admin.ts');
  texts = { ...texts, ...(await catalogue).admin };
}
