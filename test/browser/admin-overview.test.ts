import { randomUUID } from 'node:crypto';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { lorem } from '../support/stream-plan.ts';
import { usePage } from './page-fixture.ts';

const setup = usePage(() => ({ tokens: lorem(40), intervalMs: 50 }), { environment: { ENABLE_CACHE: 'true' } });
const admin = { username: 'the-admin' };

beforeAll(async () => {
  // The first account.
  await setup.server.register(admin.username);
});

const SEND = 'mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { id } }';

const chart = (page: Page, title: string) => page.getByRole('figure', { name: title, exact: true });

/** What is read beside a line's name. */
const figureOf = async (figure: Locator, series: string): Promise<string> =>
  (await figure.locator('dl > div').filter({ hasText: series }).locator('dd').textContent()) ?? '';

const linesOf = async (figure: Locator): Promise<number> => {
  const [path] = await figure.locator('[role=slider] path[data-look=first]').all();
  return ((await path?.getAttribute('d')) ?? '').split('M').length - 1;
};

async function openOverview(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Administration' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

test('figures move while answers are made, and are read out by keyboard', async () => {
  await using person = await setup.otherDevice(admin);
  const { page } = person;
  await openOverview(page);
  const turns = chart(page, 'Answers per minute');
  expect(await turns.getByText('Waiting for the first values').count()).toBe(1);
  await page.getByRole('listitem').filter({ hasText: 'Database' }).getByText('OK', { exact: true }).waitFor();
  await expect.poll(() => figureOf(chart(page, 'Memory'), 'Resident')).toMatch(/^\d+ MB$|GB$/);
  // The first rate is one of two readings.
  await expect.poll(() => figureOf(turns, 'Ended')).toBe('0');

  const { token } = await setup.server.register();
  const answer = (text: string) => setup.server.data(SEND, { input: { text, turnKey: randomUUID() } }, token);
  const answers = Promise.all([answer('Of ships'), answer('Of shoes'), answer('Of wax')]);
  await expect.poll(() => figureOf(chart(page, 'Answers being written'), 'At once')).toBe('3');
  await answers;
  await expect.poll(() => figureOf(chart(page, 'Answers being written'), 'At once')).toBe('0');
  await expect.poll(async () => Number(await figureOf(turns, 'Ended'))).toBeGreaterThan(0);
  expect(await figureOf(turns, 'failed')).toBe('0');
  await expect
    .poll(async () => Number.parseFloat(await figureOf(chart(page, 'Tokens per minute'), 'Answers')))
    .toBeGreaterThan(0);
  expect(await figureOf(chart(page, 'Time to the first token'), 'Mean')).toMatch(/^[\d.]+ m?s$/);
  await expect
    .poll(async () => Number(await figureOf(chart(page, 'Cache lookups per minute'), 'Misses')))
    .toBeGreaterThan(0);
  await page.getByRole('region', { name: 'How much there is' }).getByText('3', { exact: true }).waitFor();

  const slider = page.getByRole('slider', { name: 'Answers being written: read out a moment' });
  await slider.focus();
  const newest = await slider.getAttribute('aria-valuetext');
  await page.keyboard.press('Home');
  await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('0');
  const first = await slider.getAttribute('aria-valuetext');
  expect(first).toMatch(/^\d+:\d\d:\d\d.*: At once 0$/);
  expect(first).not.toBe(newest);
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => slider.getAttribute('aria-valuenow')).toBe('1');
  expect(person.faults).toEqual([]);
});

test('what was not seen while the connection was lost is a gap', async () => {
  const proxy = await startCuttingProxy(setup.server.url);
  onTestFinished(() => proxy.close());
  await using person = await setup.otherDevice(admin, proxy.url);
  const { page } = person;
  await openOverview(page);
  const cpu = chart(page, 'Processor');
  await expect.poll(() => figureOf(cpu, 'Of one core')).toMatch(/^\d+ %$/);
  await expect.poll(() => linesOf(cpu)).toBe(1);
  proxy.refuse();
  proxy.cut();
  const lost = page.getByText('The connection is lost. The charts go on when it is back.');
  await lost.waitFor();
  proxy.accept();
  await lost.waitFor({ state: 'hidden' });
  await expect.poll(() => linesOf(cpu)).toBe(2);
  expect(await cpu.getByText(/with 1 gap\.$/).count()).toBe(1);
  expect(person.faults).toEqual([]);
});

test('the cache is emptied after a question', async () => {
  await using person = await setup.otherDevice(admin);
  const { page } = person;
  const { token } = await setup.server.register();
  await setup.server.data(SEND, { input: { text: 'To be kept', turnKey: randomUUID() } }, token);
  await openOverview(page);
  const cache = page.getByRole('region', { name: 'Response cache' });
  const button = cache.getByRole('button', { name: 'Empty the cache' });
  await button.click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  await cache.getByText(/[1-9]\d* answers?/).waitFor();
  await button.click();
  await dialog.getByRole('button', { name: 'Empty the cache' }).click();
  await page.getByText(/^[1-9]\d* answers? (was|were) forgotten\.$/).waitFor();
  await cache.getByText('0 answers').waitFor();
  expect(person.faults).toEqual([]);
});

test('fits on a phone', async () => {
  await using person = await setup.otherDevice(admin);
  const { page } = person;
  await openOverview(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expect.poll(() => figureOf(chart(page, 'Memory'), 'Resident')).toMatch(/B$/);
  const boxes = await page
    .getByRole('figure')
    .evaluateAll((figures) => figures.map((figure) => figure.scrollWidth - figure.clientWidth));
  expect(boxes).toEqual(Array.from({ length: 10 }, () => 0));
  const column = await page
    .getByRole('region', { name: 'Overview' })
    .evaluate((element) => [element.scrollWidth, element.clientWidth]);
  expect(column[0]).toBe(column[1]);
  const last = await page.getByRole('figure').last().boundingBox();
  expect((last?.x ?? 0) + (last?.width ?? 0)).toBeLessThanOrEqual(360);
  expect(person.faults).toEqual([]);
});
