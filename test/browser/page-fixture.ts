import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import {
  type ScriptedUpstream,
  type ScriptedUpstreamOptions,
  startScriptedUpstream,
} from '../support/scripted-upstream.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { buildPage, openPage } from './page-driver.ts';

let people = 0;

type PageOptions = {
  defaultModel?: string;
  environment?: Record<string, string>;
  /** What the scripted provider lists. */
  models?: () => string[];
};

/** A server with the page and a scripted model, and a browser, for the tests of one file. */
export function usePage(
  script?: ScriptedUpstreamOptions['script'],
  { defaultModel = 'openai/echo', environment = {}, models }: PageOptions = {},
) {
  let browser: Browser;
  let upstream: ScriptedUpstream;
  let server: TestServer;

  beforeAll(async () => {
    await buildPage();
    upstream = await startScriptedUpstream({
      ...(script && { script }),
      ...(models && { models: () => models().map((id) => ({ id, object: 'model' })) }),
    });
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

  async function open(url: string, options: BrowserContextOptions = {}) {
    const person = await openPage(browser, url, options);
    return { ...person, [Symbol.asyncDispose]: () => person.context.close() };
  }

  return {
    get server(): TestServer {
      return server;
    },

    /** A page with somebody new signed in, closed with the test. */
    async newPerson(url = server.url, options: BrowserContextOptions = {}) {
      people += 1;
      const username = `person-${people}`;
      const person = await open(url, options);
      await person.register(username);
      return { ...person, username };
    },

    /** A page with nobody signed in, closed with the test. */
    newVisitor: (options: BrowserContextOptions = {}) => open(server.url, options),

    /** The same person at another device. */
    async otherDevice({ username }: { username: string }, url = server.url) {
      const person = await open(url);
      await person.signIn(username);
      return person;
    },
  };
}
