import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { type StreamPlan, words } from '../support/stream-plan.ts';

const ANSWER = 'As far as it went';

let browser: Browser;
let upstream: ScriptedUpstream;
let server: TestServer;
let user: TestUser;

beforeAll(async () => {
  // It says so much and then nothing more, until it is stopped.
  const plan: StreamPlan = { tokens: words(ANSWER), fault: { type: 'silent', after: 100 } };
  upstream = await startScriptedUpstream({ script: () => plan });
  server = await startTestServer({
    shared: true,
    openAiUrl: upstream.url,
    environment: { DEFAULT_MODEL: 'openai/scripted' },
  });
  user = await server.register();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await upstream?.close();
});

/** GraphiQL with a document in its editor, in a browser that can reach nothing but the server. */
async function openGraphiql(query: string) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const elsewhere: string[] = [];
  const faults: string[] = [];
  const { host } = new URL(server.url);
  page.on('pageerror', ({ message }) => faults.push(message));
  await context.route(
    (url) => url.host !== host,
    (route) => {
      elsewhere.push(route.request().url());
      return route.abort();
    },
  );
  await page.goto(`${server.graphqlUrl}?query=${encodeURIComponent(query)}`);
  await page.getByRole('button', { name: /^Execute query/ }).waitFor();
  return { page, elsewhere, faults, [Symbol.asyncDispose]: () => context.close() };
}

const execute = (page: Page) => page.getByRole('button', { name: /^Execute query/ }).click();

/** Waits until the result shows a text. The editor wraps long lines, and writes spaces as ones that do not break. */
async function resultShows(page: Page, text: string) {
  const result = page.getByRole('region', { name: 'Result Window' });
  await expect
    .poll(async () => (await result.textContent())?.replace(/\s+/g, ' '), { timeout: 20_000, interval: 100 })
    .toContain(text);
}

async function setHeaders(page: Page, headers: object) {
  await page.getByRole('button', { name: 'Headers', exact: true }).click();
  await page.locator('.monaco-editor[data-uri$="request-headers.json"]').click();
  // As pasted: typed, every bracket would be closed by the editor.
  await page.keyboard.insertText(JSON.stringify(headers));
}

test('GraphiQL loads from this server alone, and runs a query', async () => {
  await using graphiql = await openGraphiql('{ health { components { name } } }');
  const { page, elsewhere, faults } = graphiql;
  expect(await page.title()).toBe('Colloquy');
  await execute(page);
  await resultShows(page, '"name": "database"');
  expect(elsewhere).toEqual([]);
  expect(faults).toEqual([]);
});

test('a subscription streams in it to its end, with the token from its headers', async () => {
  const key = randomUUID();
  const document = `subscription {
    chat(input: { turnKey: "${key}", text: "Go on" }) {
      __typename cursor ... on TurnDelta { text } ... on TurnFinished { finishReason message { content } }
    }
  }`;
  await using graphiql = await openGraphiql(document);
  const { page, elsewhere, faults } = graphiql;
  await execute(page);
  await resultShows(page, 'UNAUTHENTICATED');
  await setHeaders(page, { Authorization: `Bearer ${user.token}` });
  await execute(page);
  // Shown while it is being written: the last of its words ends the last event.
  await resultShows(page, '"TurnDelta"');
  await resultShows(page, `${ANSWER.split(' ').at(-1)}"`);
  const { turn } = await server.data('query ($key: UUID!) { turn(key: $key) { id status } }', { key }, user.token);
  expect(turn.status).toBe('GENERATING');
  await server.data('mutation ($id: ID!) { stopTurn(id: $id) { id } }', { id: turn.id }, user.token);
  await resultShows(page, '"finishReason": "STOPPED"');
  await resultShows(page, `"content": "${ANSWER}"`);
  expect(elsewhere).toEqual([]);
  expect(faults).toEqual([]);
});
