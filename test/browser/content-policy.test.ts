import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CALLS_HOME, RUNS_CODE } from './attempts.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage();

let attacker: Server | undefined;
let attackerUrl: string;
/** What has been asked of the attacker's server, by anything that ever connected to it. */
const heard: string[] = [];

beforeAll(async () => {
  const hear = ({ url = '' }: IncomingMessage) => {
    const { pathname } = new URL(url, 'http://attacker.invalid');
    // A browser's own idea of whoever is shown in a tab.
    if (pathname !== '/favicon.ico') heard.push(decodeURIComponent(pathname).slice(1));
  };
  attacker = createServer((request, response) => {
    hear(request);
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/html' });
    response.end('<!doctype html><title>Elsewhere</title>');
  });
  attacker.on('upgrade', (request, connection) => {
    hear(request);
    connection.destroy();
  });
  attacker.listen(0, '127.0.0.1');
  await once(attacker, 'listening');
  attackerUrl = `http://127.0.0.1:${(attacker.address() as AddressInfo).port}`;
});
afterAll(() => {
  attacker?.closeAllConnections();
  attacker?.close();
});

/** Tries everything in the page of somebody who is signed in. What ran is in `attacked`, there. */
async function tryAll(page: Page): Promise<void> {
  await page.evaluate('globalThis.attacked = []; globalThis.attack = (name) => void attacked.push(name);');
  for (const [name, code] of Object.entries({ ...CALLS_HOME, ...RUNS_CODE })) {
    const at = JSON.stringify(`${attackerUrl}/${encodeURIComponent(name)}`);
    // Later, and by itself: what the driver says directly is exempt from the policy.
    await page.evaluate(
      `new Promise((resolve) => setTimeout(async () => {
        const AT = ${at};
        try { ${code} } catch {}
        resolve();
      }))`,
    );
  }
}

async function withPerson(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  await using person = await setup.newPerson(setup.server.url, options);
  await use(person.page);
}

test('without the policy every attempt succeeds: they are ones', async () => {
  heard.length = 0;
  await withPerson({ bypassCSP: true }, async (page) => {
    await tryAll(page);
    await expect.poll(() => page.evaluate('attacked.toSorted()')).toEqual(Object.keys(RUNS_CODE).sort());
    await expect.poll(() => [...new Set(heard)].sort()).toEqual(Object.keys(CALLS_HOME).sort());
  });
});

test('code that runs in the page can make no code of a text and tell nobody elsewhere', async () => {
  heard.length = 0;
  await withPerson({}, async (page) => {
    const violations: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted/i.test(message.text())) violations.push(message.text());
    });
    await tryAll(page);
    // What was asked for last would have come by now.
    await page.evaluate(`new Promise((resolve) => {
      const sent = new XMLHttpRequest();
      sent.onloadend = resolve;
      sent.open('GET', '/health');
      sent.send();
    })`);
    expect(await page.evaluate('attacked')).toEqual([]);
    expect(heard).toEqual([]);
    expect(violations.length).toBeGreaterThan(Object.keys(CALLS_HOME).length);
  });
  // Nor on the way out.
  expect(heard).toEqual([]);
});

test('the page is in no frame, and whoever opens it keeps no hold of it', async () => {
  await withPerson({}, async (own) => {
    const page = await own.context().newPage();
    await page.goto(attackerUrl);
    const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('iframe'), { src: ${JSON.stringify(setup.server.url)} }))`,
    );
    await refused;
    const opening = page.context().waitForEvent('page');
    await page.evaluate(`void (globalThis.opened = open(${JSON.stringify(setup.server.url)}))`);
    const opened = await opening;
    await opened.getByLabel('Message', { exact: true }).waitFor();
    expect(await opened.evaluate('globalThis.opener')).toBeNull();
    expect(await page.evaluate('opened.closed')).toBe(true);
  });
});
