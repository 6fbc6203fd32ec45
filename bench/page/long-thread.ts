import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type FrameFigures, newPage, recordFrames } from './browser.ts';

/** Notes when the last message has been painted, in milliseconds since the navigation began. */
const WATCH = `requestAnimationFrame(function watch() {
  const last = [...document.querySelectorAll('article')].at(-1);
  if (!last || last.textContent.length < 50) return requestAnimationFrame(watch);
  requestAnimationFrame(() => setTimeout(() => { globalThis.paintedAt = performance.now(); }));
});`;

const PAINTED = `new Promise((resolve, reject) => {
  const deadline = performance.now() + 60_000;
  requestAnimationFrame(function ask() {
    if (globalThis.paintedAt) return resolve(globalThis.paintedAt);
    if (performance.now() > deadline) return reject(new Error('The last message has not been painted.'));
    requestAnimationFrame(ask);
  });
})`;

async function timeOf(page: Page): Promise<number> {
  return Number(await page.evaluate(PAINTED));
}

/** From the navigation to the last message, by a browser that has nothing of the page. */
export async function timeColdOpening(
  browser: Browser,
  state: Awaited<ReturnType<BrowserContext['storageState']>>,
  url: string,
) {
  const context = await browser.newContext({ storageState: state });
  const page = await context.newPage();
  await page.addInitScript(WATCH);
  await page.goto(url);
  const time = await timeOf(page);
  await context.close();
  return time;
}

export async function timeWarmOpening(page: Page): Promise<number> {
  await page.reload();
  return timeOf(page);
}

export async function openWarm(context: BrowserContext, url: string) {
  const opened = await newPage(context);
  await opened.page.addInitScript(WATCH);
  await opened.page.goto(url);
  await timeOf(opened.page);
  return opened;
}

const PIXELS_A_FRAME = 300;

/** Scrolls up to the first message as fast as somebody does who holds a key. */
export async function scrollToTop({ page, cdp }: Awaited<ReturnType<typeof newPage>>): Promise<FrameFigures> {
  return recordFrames(page, cdp, async () => {
    await page.evaluate(`new Promise((resolve) => {
      const scroller = document.querySelector('main > section');
      const end = performance.now() + 180_000;
      let still = 0;
      requestAnimationFrame(function next(now) {
        still = scroller.scrollTop === 0 ? still + 1 : 0;
        // The button for more is there while there is more.
        if ((still > 30 && !scroller.querySelector('div > div > button:only-child')) || now > end) return resolve();
        scroller.scrollTop -= ${PIXELS_A_FRAME};
        requestAnimationFrame(next);
      });
    })`);
  });
}
