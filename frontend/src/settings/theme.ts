import { memory } from '../util/memory.ts';
import { createStore } from '../util/store.ts';

/** `system`: as the browser and its system have it. */
export const THEMES = ['system', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

/** As in public/theme.js. */
const KEY = 'colloquy.theme';

const isTheme = (value: unknown): value is Theme => THEMES.some((theme) => theme === value);

export const themeStore = createStore<{ theme: Theme }>({ theme: memory.read(KEY, isTheme) ?? 'system' });

/** Puts the theme onto the page, now and whenever it changes, here or in another tab. */
export function showTheme(): void {
  const show = () => {
    const { theme } = themeStore.get();
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    showBarColour();
  };
  themeStore.subscribe(show);
  window.addEventListener('storage', ({ key }) => {
    if (key === KEY) themeStore.set({ theme: memory.read(KEY, isTheme) ?? 'system' });
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', showBarColour);
  show();
}

export function chooseTheme(theme: Theme): void {
  memory.write(KEY, theme === 'system' ? null : theme);
  themeStore.set({ theme });
}

/** The browser's own bar, on phones, goes with the page. */
function showBarColour(): void {
  const colour = getComputedStyle(document.documentElement).backgroundColor;
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = colour;
}
