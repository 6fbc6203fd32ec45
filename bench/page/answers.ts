import type { CDPSession, Page } from 'playwright-core';
import { type FrameFigures, recordFrames } from './browser.ts';
import { type Shape, tokensOf } from './shapes.ts';

export type AnswerOptions = { tokens: number; rate: number };

/** Above what it takes at its rate. */
const PATIENCE_MS = 120_000;

/** The frames of the page while it shows an answer of a shape, in a conversation of its own. */
export async function measureAnswer(
  page: Page,
  cdp: CDPSession,
  shape: Shape,
  { tokens, rate }: AnswerOptions,
): Promise<FrameFigures> {
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  const composer = page.getByLabel('Message', { exact: true });
  await composer.fill(`${shape} ${tokens} ${rate}`);
  const stop = page.getByRole('button', { name: 'Stop the answer' });
  return recordFrames(page, cdp, async () => {
    await page.keyboard.press('Enter');
    await stop.waitFor();
    await stop.waitFor({ state: 'detached', timeout: (tokens / rate) * 1000 + PATIENCE_MS });
  });
}

/** The reference: a bare page that appends the same tokens as text, at the same rate, and shows its end. */
export async function measureBarePage(
  page: Page,
  cdp: CDPSession,
  shape: Shape,
  { tokens, rate }: AnswerOptions,
): Promise<FrameFigures> {
  await page.goto('about:blank');
  const script = `(async (tokens, rate) => {
    document.body.innerHTML = '<div style="height: 90vh; overflow: auto"><div style="white-space: pre-wrap"></div></div>';
    const scroller = document.body.firstChild;
    const target = scroller.firstChild;
    const begun = performance.now();
    for (let shown = 0; shown < tokens.length; ) {
      await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
      const due = Math.min(tokens.length, ((performance.now() - begun) / 1000) * rate);
      for (; shown < due; shown += 1) target.append(tokens[shown]);
      scroller.scrollTop = scroller.scrollHeight;
    }
  })(${JSON.stringify(tokensOf(shape, tokens))}, ${rate})`;
  return recordFrames(page, cdp, async () => {
    await page.evaluate(script);
  });
}
