import { expect, test } from 'vitest';
import { lorem, type StreamPlan } from '../support/stream-plan.ts';
import { usePage } from './page-fixture.ts';

function script({ messages }: { messages: { content: string }[] }): StreamPlan | undefined {
  const prompt = messages.at(-1)?.content ?? '';
  return prompt.startsWith('Slowly') ? { tokens: lorem(600), intervalMs: 100 } : undefined;
}

const setup = usePage(script, { environment: { MAX_CONCURRENT_TURNS: '1' } });

test('what is refused for a while is counted down, kept in the composer, and sent again as it was', async () => {
  await using person = await setup.newPerson();
  const { page, composer, prompts } = person;
  await person.ask('Slowly, please');
  await person.sees('lorem');
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await composer.fill('One too many');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('There are too many requests at the moment.').waitFor();
  await page.getByText(/^Try again in [1-5] seconds?\.$/).waitFor();
  // It is back where it was written.
  expect(await composer.inputValue()).toBe('One too many');
  expect(await prompts.count()).toBe(0);

  await page.getByRole('link', { name: 'Slowly, please' }).click();
  await person.stopButton.click();
  await page.getByText('You stopped this answer.').waitFor();
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  expect(await composer.inputValue()).toBe('One too many');
  await page.keyboard.press('Enter');
  expect(await person.answered()).toBe('One too many');
  expect(await composer.inputValue()).toBe('');
  expect(person.faults).toEqual([]);
});

test('an edited question that is refused is asked again with one press', async () => {
  await using person = await setup.newPerson();
  const { page, prompts } = person;
  await person.ask('The first question');
  await person.answered();
  await using other = await setup.otherDevice(person);
  await other.ask('Slowly, elsewhere');
  await other.sees('lorem');
  await prompts.first().getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Edit the message').fill('The edited question');
  await page.keyboard.press('Enter');
  await page.getByText(/^Try again in [1-5] seconds?\.$/).waitFor();
  await prompts.first().getByText('The first question').waitFor();
  await other.stopButton.click();
  await other.page.getByText('You stopped this answer.').waitFor();
  await page.getByRole('button', { name: 'Send again' }).click();
  await person.sees('The edited question');
  await person.answered();
  await prompts.first().getByText('2/2').waitFor();
  // What had come back into the composer has been sent.
  expect(await person.composer.inputValue()).toBe('');
});

test('a limit is told in German', async () => {
  await using person = await setup.newPerson();
  const { page } = person;
  await person.ask('Slowly, please');
  await person.sees('lorem');
  await page.evaluate(`localStorage.setItem('colloquy.language', '"de"')`);
  await page.goto(setup.server.url);
  await page.getByLabel('Nachricht', { exact: true }).fill('Eine zu viel');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Im Moment gibt es zu viele Anfragen.').waitFor();
  await page.getByText(/^Versuchen Sie es in [1-5] Sekunden? noch einmal\.$/).waitFor();
  await page.getByRole('link', { name: 'Slowly, please' }).click();
  await page.getByRole('button', { name: 'Antwort anhalten' }).click();
  await page.getByText('Sie haben diese Antwort angehalten.').waitFor();
});
