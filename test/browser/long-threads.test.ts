import { expect, test } from 'vitest';
import { encodeId } from '../../src/graphql/ids.ts';
import { createId } from '../../src/util/ids.ts';
import { usePage } from './page-fixture.ts';

const MESSAGES = 300;

const setup = usePage();
const { newPerson } = setup;

/** A conversation that is there already, of questions and answers of several lengths. */
async function seedThread(username: string): Promise<string> {
  const { prisma } = setup.server.app.database;
  const { id: userId } = await prisma.user.findFirstOrThrow({ where: { username } });
  const conversationId = createId();
  const ids = Array.from({ length: MESSAGES }, createId);
  await prisma.conversation.create({
    data: { id: conversationId, userId, title: 'A long one', messageCount: MESSAGES },
  });
  await prisma.branch.create({ data: { id: conversationId, conversationId, lineage: [] } });
  await prisma.message.createMany({
    data: ids.map((id, depth) => ({
      id,
      conversationId,
      parentId: ids[depth - 1] ?? null,
      branchId: conversationId,
      depth,
      role: depth % 2 === 0 ? ('USER' as const) : ('ASSISTANT' as const),
      status: 'COMPLETE' as const,
      content: depth % 2 === 0 ? `Question ${depth}` : `Answer ${depth}\n\n${'Some more of it. '.repeat(depth * 3)}`,
    })),
  });
  await prisma.conversation.update({ where: { id: conversationId }, data: { leafId: ids.at(-1) ?? null } });
  return encodeId('Conversation', conversationId);
}

test('a long conversation opens at its end; what is read stays in its place while earlier messages come', async () => {
  await using person = await newPerson();
  const { page } = person;
  const id = await seedThread(person.username);
  // It is asked for, once, before the page has come.
  const asked = Promise.withResolvers<void>();
  let questions = 0;
  await page.route('**/graphql', (route) => {
    if (route.request().postDataJSON().operationName === 'Conversation') {
      questions += 1;
      asked.resolve();
    }
    return route.continue();
  });
  await page.route('**/assets/index-*.js', async (route) => {
    await asked.promise;
    await route.continue();
  });
  await page.goto(`${setup.server.url}/c/${id}`);
  const scroller = page.getByRole('region', { name: 'Messages' });
  const articles = page.getByRole('article');
  await page.getByText(`Answer ${MESSAGES - 1}`, { exact: true }).waitFor();
  await expect.poll(() => scroller.evaluate(readDistanceToEnd)).toBeLessThan(2);
  await page.getByRole('link', { name: 'A long one' }).waitFor();
  expect(questions).toBe(1);
  await page.unroute('**/graphql');
  // The newest are drawn first, and soon all that have been read.
  const shown = 50;
  await expect.poll(() => articles.count()).toBe(shown);

  // The first of those that are there, seen at the upper edge, stays there when others come in above.
  const first = await articles.first().elementHandle();
  await first?.evaluate(scrollToTop);
  const before = await first?.evaluate(readTop);
  await expect.poll(() => articles.count()).toBeGreaterThan(shown);
  expect(Math.abs(((await first?.evaluate(readTop)) ?? Number.NaN) - (before ?? Number.NaN))).toBeLessThan(120);

  await scroller.focus();
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Home');
        return articles.count();
      },
      { timeout: 60_000 },
    )
    .toBe(MESSAGES);
  await page.getByText('Question 0', { exact: true }).waitFor();

  // However far away it is, a screen reader is told all of it, and the browser's search finds it.
  await page.getByRole('button', { name: 'Go to the newest message' }).click();
  await expect.poll(() => scroller.evaluate(readDistanceToEnd)).toBeLessThan(2);
  const devtools = await person.context.newCDPSession(page);
  await devtools.send('Accessibility.enable');
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  expect(nodes.filter(({ role }) => role?.value === 'article')).toHaveLength(MESSAGES);
  const said = new Set(nodes.map(({ name }) => String(name?.value).trim()));
  const all = Array.from({ length: MESSAGES }, (_, depth) => `${depth % 2 === 0 ? 'Question' : 'Answer'} ${depth}`);
  expect(all.filter((text) => !said.has(text))).toEqual([]);
  expect(await page.evaluate("find('Question 30', true, false, true)")).toBe(true);
  // Where it was found.
  expect(
    await page.evaluate(
      "[...document.querySelectorAll('article')].indexOf(getSelection().anchorNode.parentElement.closest('article'))",
    ),
  ).toBe(30);
  expect(person.faults).toEqual([]);
});

type Box = {
  scrollTop: number;
  scrollHeight: number;
  clientHeight: number;
  scrollIntoView: () => void;
  getBoundingClientRect: () => { top: number };
};

/** These run in the page. */
function readDistanceToEnd(element: unknown): number {
  const { scrollTop, scrollHeight, clientHeight } = element as Box;
  return scrollHeight - scrollTop - clientHeight;
}

function scrollToTop(element: unknown): void {
  (element as Box).scrollIntoView();
}

function readTop(element: unknown): number {
  return (element as Box).getBoundingClientRect().top;
}
