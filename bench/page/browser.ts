import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { launchBrowser } from '../../test/support/browser.ts';
import { quantile, sorted } from '../support/statistics.ts';

export async function launch(): Promise<{ browser: Browser; stop: () => Promise<void> }> {
  const browser = await launchBrowser();
  return { browser, stop: () => browser.close() };
}

/** Notes in every page when its frames came, and which tasks held it for more than 50 ms. */
const RECORDER = `globalThis.record = () => {
  const frames = [];
  const tasks = [];
  let last = performance.now();
  let running = true;
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
  observer.observe({ type: 'longtask' });
  requestAnimationFrame(function next(now) {
    frames.push(now - last);
    last = now;
    if (running) requestAnimationFrame(next);
  });
  return () => {
    running = false;
    observer.disconnect();
    return { frames: frames.slice(1), tasks };
  };
};`;

export async function newPage(context: BrowserContext): Promise<{ page: Page; cdp: CDPSession }> {
  const page = await context.newPage();
  await page.addInitScript(RECORDER);
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
  return { page, cdp };
}

export type FrameFigures = Record<
  'p50' | 'p95' | 'p99' | 'most' | 'longTasks' | 'mainShare' | 'heapBefore' | 'heapAfter' | 'nodes',
  number
>;

/** What the frames of a page were like while `work` went on. */
export async function recordFrames(page: Page, cdp: CDPSession, work: () => Promise<void>): Promise<FrameFigures> {
  const before = await readMetrics(cdp);
  const begun = performance.now();
  await page.evaluate('globalThis.stopRecording = globalThis.record()');
  await work();
  const recorded = await page.evaluate('globalThis.stopRecording()');
  const seconds = (performance.now() - begun) / 1000;
  const busy = (await readMetrics(cdp, false)).TaskDuration - before.TaskDuration;
  const after = await readMetrics(cdp);
  const { frames, tasks } = recorded as { frames: number[]; tasks: number[] };
  const times = sorted(frames);
  return {
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    most: quantile(times, 1),
    longTasks: tasks.length,
    mainShare: busy / seconds,
    heapBefore: before.JSHeapUsedSize,
    heapAfter: after.JSHeapUsedSize,
    nodes: after.Nodes,
  };
}

type Metrics = Record<'TaskDuration' | 'JSHeapUsedSize' | 'Nodes', number>;

async function readMetrics(cdp: CDPSession, collect = true): Promise<Metrics> {
  if (collect) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value])) as Metrics;
}

/** Makes an account on the page, as a person does. */
export async function register(page: Page, url: string, username: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill('a passphrase for measuring');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByLabel('Message', { exact: true }).waitFor();
}
