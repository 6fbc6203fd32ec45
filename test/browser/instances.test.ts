import { expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { lorem } from '../support/stream-plan.ts';
import { paced, startTwoInstances } from '../support/two-instances.ts';
import { buildPage, openPage } from './page-driver.ts';

const TOKENS = 400;

/** A page before two processes of the server, behind one address that leads to the first of them. */
async function openBefore() {
  await buildPage();
  const instances = await startTwoInstances({
    plans: { paced: paced(TOKENS, 8_000) },
    environment: { DEFAULT_MODEL: 'openai/paced' },
  });
  const proxy = await startCuttingProxy(instances.here.url);
  onTestFinished(() => proxy.close());
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const person = await openPage(browser, proxy.url);
  await person.register('reader');
  return { ...instances, proxy, person };
}

const ANSWER = lorem(TOKENS).join('');
const shownText = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

test('an answer goes on where it was when the page comes to another server, and is made once', async () => {
  const { there, proxy, person, generations } = await openBefore();
  await person.ask('At length, please');
  await person.sees(lorem(20).join('').trim());
  proxy.redirect(there.url);
  proxy.cut();
  expect(shownText(await person.answered())).toBe(shownText(ANSWER));
  // As the other server has it, too.
  await person.page.reload();
  await person.answers.last().waitFor();
  expect(shownText(await person.answered())).toBe(shownText(ANSWER));
  expect(generations()).toBe(1);
  expect(person.faults).toEqual([]);
});

test('what a server that is killed has said stays, and another answers again', async () => {
  const { here, there, proxy, person } = await openBefore();
  await person.ask('At length, please');
  await person.sees(lorem(20).join('').trim());
  const before = shownText(await person.answerText());
  proxy.redirect(there.url);
  await here.end('SIGKILL');
  await person.page.getByText('The server was interrupted while it wrote this answer.').waitFor({ timeout: 60_000 });
  const kept = shownText(await person.answerText());
  expect(kept.startsWith(before)).toBe(true);
  expect(shownText(ANSWER).startsWith(kept)).toBe(true);
  await person.answers.last().getByRole('button', { name: 'Answer again' }).first().click();
  await person.answers.last().getByText('2/2').waitFor();
  expect(shownText(await person.answered())).toBe(shownText(ANSWER));
  expect(person.faults).toEqual([]);
}, 180_000);
