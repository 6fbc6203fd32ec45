import type { BrowserContextOptions } from 'playwright-core';
import { beforeAll } from 'vitest';
import { english } from '../../frontend/src/texts/english/english.ts';
import { german } from '../../frontend/src/texts/german/german.ts';
import { scenesInside, scenesOutside, signIn } from '../support/scenes/scenes.ts';
import { fillWorld, script, type World } from '../support/scenes/world.ts';
import { usePage } from './page-fixture.ts';

export const CATALOGUES = { en: english, de: german } as const;

export type Tongue = keyof typeof CATALOGUES;

export const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** A server that is full of everything that the page can show, and a browser, for the tests of one file. */
export function useWorld() {
  const setup = usePage(script);
  let world: World;
  beforeAll(async () => {
    world = await fillWorld(setup.server.url);
  }, 120_000);

  return {
    get server() {
      return setup.server;
    },
    /** Its administrator in front of the sign-in form, who speaks this language. */
    async newVisitor(tongue: Tongue, options: BrowserContextOptions = DESK) {
      const locale = tongue === 'de' ? 'de-DE' : 'en-GB';
      const person = await setup.newVisitor({ reducedMotion: 'reduce', ...options, locale });
      const place = { url: setup.server.url, texts: CATALOGUES[tongue], world };
      return {
        ...person,
        place,
        outside: scenesOutside(place),
        signIn: () => signIn(person.page, place),
        scenesInside: () => scenesInside(person.page, place),
      };
    },
  };
}
