import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import {
  type ScriptedUpstream,
  type ScriptedUpstreamOptions,
  startScriptedUpstream,
} from '../support/scripted-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { buildPage, launchBrowser, openPage } from './page-driver.ts';

let people = 0;

type PageOptions = { defaultModel?: string; environment?: Record<string, string> };

/** A server with the page and a scripted model, and a browser, for the tests of one file. */
export function usePage(
  script?: ScriptedUpstreamOptions['script'],
  { defaultModel = 'openai/echo', environment = {} }: PageOptions = {},
) {
  let browser: Browser;
  let upstream: ScriptedUpstream;
  let server: TestServer;

  beforeAll(async () => {
    await buildPage();
    upstream = await startScriptedUpstream({ ...(script && { script }) });
    server = await startTestServer({
      openAiUrl: upstream.url,
      environment: { DEFAULT_MODEL: defaultModel, ...environment },
      shared: true,
    });
    browser = await launchBrowser();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await upstream?.close();
  });

  async function open(url: string) {
    const person = await openPage(browser, url);
    return { ...person, [Symbol.asyncDispose]: () => person.context.close() };
  }

  return {
    get server(): TestServer {
      return server;
    },

    /** A page with somebody new signed in, closed with the test. */
    async newPerson(url = server.url) {
      people += 1;
      const username = `person-${people}`;
      const person = await open(url);
      await person.register(username);
      return { ...person, username };
    },

    /** The same person at another device. */
    async otherDevice({ username }: { username: string }) {
      const person = await open(server.url);
      await person.signIn(username);
      return person;
    },
  };
}
