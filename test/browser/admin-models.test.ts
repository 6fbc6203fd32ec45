import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startCommand } from '../support/command.ts';
import { type HubPlan, startScriptedHub } from '../support/scripted-hub.ts';
import { type ScriptedOllamaModel, type ScriptedPull, startScriptedOllama } from '../support/scripted-ollama.ts';
import type { TestUser } from '../support/server.ts';
import { writeTinyChatModel } from '../support/tiny-gguf.ts';
import { usePage } from './page-fixture.ts';

const TINY = 'owner/repo/tiny.gguf';
const MODELS: ScriptedOllamaModel[] = [
  { name: 'llama3.2:3b', sizeBytes: 2_019_393_189, contextLength: 131_072 },
  { name: 'nomic-embed-text:latest', sizeBytes: 274_302_450, quantization: 'F16', capabilities: ['embedding'] },
];

const folder = await mkdtemp(join(tmpdir(), 'colloquy-admin-models-'));
await writeTinyChatModel(join(folder, 'source.gguf'));
/** Bytes are sent as slowly as the test wants it at the moment. */
const pace: HubPlan = {};
const layer: ScriptedPull = { layers: [3_000_000_000, 1_000] };
const hub = await startScriptedHub({
  files: {
    [TINY]: await readFile(join(folder, 'source.gguf')),
    'owner/repo/text.gguf': Buffer.from('This is no model. '.repeat(900)),
  },
  plan: () => pace,
});
const ollama = await startScriptedOllama({ models: MODELS, pulls: { 'gemma3:4b': layer } });

const environment = {
  HF_ENDPOINT: hub.url,
  OLLAMA_BASE_URL: ollama.url,
  MODELS_DIR: join(folder, 'models'),
  // Nobody listens there.
  AIHUB_BASE_URL: 'http://127.0.0.1:9/v1',
};
const setup = usePage(undefined, { defaultModel: 'ollama/llama3.2:3b', environment });
let admin: TestUser;
beforeAll(async () => {
  admin = await setup.server.register('the-admin');
});
beforeEach(() => {
  pace.pauseMs = 0;
});
afterAll(async () => {
  await Promise.all([hub.close(), ollama.close()]);
  await rm(folder, { recursive: true, force: true });
});

const areas = (page: Page) => ({
  providers: page.getByRole('region', { name: 'Providers' }),
  models: page.getByRole('table', { name: 'What there is' }),
  pulls: page.getByRole('list', { name: 'Being fetched' }),
  versions: page.getByRole('region', { name: 'Versions in use' }),
  name: page.getByRole('region', { name: 'Get a model' }).getByLabel('Name', { exact: true }),
  dialog: page.getByRole('dialog'),
});

async function openModels() {
  const person = await setup.otherDevice(admin);
  await person.page.goto(`${setup.server.url}/admin/models`);
  const shown = areas(person.page);
  await shown.models.waitFor();
  return { ...person, ...shown };
}

/** Begins to fetch the file of the hub, chosen from what its repository has. */
async function chooseTiny(page: Page): Promise<void> {
  const { name } = areas(page);
  await page.getByLabel('From').selectOption('hub');
  await name.fill('owner/repo');
  await page.getByRole('button', { name: 'Show its files' }).click();
  await page.getByRole('button', { name: 'Get tiny.gguf' }).click();
}

test('the models are listed with what is known of them, and each provider says how it is', async () => {
  await using person = await openModels();
  const { page, models, providers } = person;
  const row = models.getByRole('row').filter({ hasText: 'llama3.2:3b' });
  expect(await row.getByRole('cell').allTextContents()).toEqual(['Ollama', 'Q4_K_M', '131,072 tokens', '2 GB', '']);
  await row.getByText('Default').waitFor();
  await models.getByRole('row').filter({ hasText: 'nomic-embed-text' }).getByText('For files').waitFor();
  expect(await models.getByRole('row').filter({ hasText: 'extractive' }).getByRole('button').count()).toBe(0);

  const card = (name: string) => providers.getByRole('listitem').filter({ hasText: name });
  await card('Ollama').getByText('OK', { exact: true }).waitFor();
  await card('Ollama').getByText('2 models').waitFor();
  await card('AI Hub').getByText('Down', { exact: true }).waitFor();
  expect(await card('AI Hub').textContent()).toMatch(/did not accept a connection/);
  await card('llama.cpp').getByText('Not set up').waitFor();

  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('breakerOpen')) return route.continue();
    const response = await route.fetch();
    const answer = await response.json();
    const busy = { state: 'DEGRADED', breakerOpen: true, activeTurns: 4, waitingTurns: 2, longestWaitMs: 7_400 };
    answer.data.providers = answer.data.providers.map((status: { provider: string }) =>
      status.provider === 'OLLAMA' ? { ...status, ...busy } : status,
    );
    await route.fulfill({ response, json: answer });
  });
  await providers.getByRole('button', { name: 'Check again' }).click();
  await card('Ollama').getByText('Limited').waitFor();
  await card('Ollama').getByText('After many failures it is not asked for a moment.').waitFor();
  await card('Ollama').getByText('4 answers in progress · 2 answers wait, the first for 7 s').waitFor();
  expect(person.faults).toEqual([]);
});

test('a model of a repository is chosen and fetched; a reload and another tab go on with it', async () => {
  pace.pauseMs = 1_000;
  await using person = await openModels();
  const { page, pulls, models, context } = person;
  await chooseTiny(page);
  const row = pulls.getByRole('listitem').filter({ hasText: 'owner/repo/tiny.gguf' });
  await row.getByText(/Downloading · \d+ KB of 647 KB · \d+ KB\/s · \d+ seconds left/).waitFor();
  await row.getByRole('progressbar').waitFor();

  await page.reload();
  await row.getByText(/Downloading/).waitFor();
  const other = await context.newPage();
  await other.goto(`${setup.server.url}/admin/models`);
  const elsewhere = areas(other).pulls.getByRole('listitem').filter({ hasText: 'owner/repo/tiny.gguf' });
  await elsewhere.getByText(/Downloading/).waitFor();
  expect(hub.storage.requests).toHaveLength(1);

  // Ended in one tab, it is in the other as well; and it goes on where it was.
  await elsewhere.getByRole('button', { name: 'Cancel owner/repo/tiny.gguf' }).click();
  await elsewhere.getByText('Cancelled. What there is of it is kept.').waitFor();
  await row.getByText('Not fetched').waitFor();
  expect(await models.getByText('tiny.gguf').count()).toBe(0);
  await row.getByRole('button', { name: 'Go on' }).click();
  await row.getByText(/Downloading/).waitFor();
  await elsewhere.getByText(/Downloading/).waitFor();
  expect(hub.storage.requests.at(-1)?.headers.range).toMatch(/^bytes=[1-9]/);
  pace.pauseMs = 0;
  await row.getByText('It is there. · 647 KB').waitFor();
  await models.getByText('tiny.gguf').waitFor();
  await areas(other).models.getByText('tiny.gguf').waitFor();
  await row.getByRole('button', { name: 'Hide owner/repo/tiny.gguf' }).click();
  await pulls.waitFor({ state: 'detached' });
  await page.reload();
  await models.getByText('tiny.gguf').waitFor();
  expect(await pulls.count()).toBe(0);

  await page.getByRole('button', { name: 'Remove tiny.gguf' }).click();
  await person.dialog.getByText('llama-cpp/tiny.gguf').waitFor();
  await person.dialog.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('The model has been removed.').waitFor();
  await models.getByText('tiny.gguf').waitFor({ state: 'detached' });
  expect(person.faults).toEqual([]);
});

test('Ollama fetches a model by its name, which conversations are offered at once', async () => {
  await using person = await openModels();
  const { page, name, pulls, models, dialog } = person;
  layer.pauseMs = 3_000;
  await name.fill('gemma3:4b');
  await page.keyboard.press('Enter');
  const row = pulls.getByRole('listitem').filter({ hasText: 'gemma3:4b' });
  await row.getByText(/Downloading · .* of 3 GB/).waitFor();
  layer.pauseMs = 0;
  expect(await name.inputValue()).toBe('');
  await row.getByText(/It is there/).waitFor();
  await models.getByText('gemma3:4b').waitFor();
  await page.getByRole('link', { name: 'New conversation' }).first().click();
  await page.getByRole('button', { name: /^Model: / }).click();
  await page.getByRole('option', { name: /gemma3:4b/ }).waitFor();
  await page.keyboard.press('Escape');

  await page.goBack();
  await page.getByRole('button', { name: 'Remove gemma3:4b' }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await models.getByText('gemma3:4b').waitFor({ state: 'detached' });
});

test('what others fetch is listed as well: another administrator, and the command line', async () => {
  pace.pauseMs = 1_000;
  await using person = await openModels();
  const { pulls, models } = person;
  const pull = 'mutation ($model: String!) { pullModel(model: $model) { done } }';
  await setup.server.data(pull, { model: `llama-cpp/hf:${TINY}` }, admin.token);
  const row = pulls.getByRole('listitem').filter({ hasText: TINY });
  await row.getByText(/Downloading · \d+ KB of 647 KB/).waitFor();
  await row.getByRole('button', { name: `Cancel ${TINY}` }).click();
  await row.getByText('Cancelled.').waitFor();
  await row.getByRole('button', { name: `Hide ${TINY}` }).click();

  const command = await startCommand(['models', 'pull', `llama-cpp/hf:${TINY}`], { environment });
  const theirs = pulls.getByRole('listitem').filter({ hasText: /Fetched by another program · \d+ KB of 647 KB/ });
  await theirs.waitFor();
  expect(await theirs.getByRole('button').count()).toBe(0);
  pace.pauseMs = 0;
  expect(await command.ended()).toMatchObject({ code: 0 });
  await theirs.waitFor({ state: 'detached' });
  await models.getByText('tiny.gguf').waitFor();
  await person.page.getByRole('button', { name: 'Remove tiny.gguf' }).click();
  await person.dialog.getByRole('button', { name: 'Remove' }).click();
  await models.getByText('tiny.gguf').waitFor({ state: 'detached' });
  expect(person.faults).toEqual([]);
});

test('what cannot be fetched is told, where it was written or where it was to come', async () => {
  await using person = await openModels();
  const { page, name, pulls } = person;
  const get = page.getByRole('button', { name: 'Get', exact: true });
  expect(await get.isDisabled()).toBe(true);
  await name.fill('no such name');
  await get.click();
  await expect.poll(() => name.getAttribute('aria-invalid')).toBe('true');
  await name.fill('nothing');
  await get.click();
  await pulls.getByText('No such model nothing that Ollama could pull').waitFor();

  await page.getByLabel('From').selectOption('hub');
  await name.fill('only-a-word');
  await get.click();
  await page.getByText('Write owner/repository.').waitFor();
  // As it stands in the browser's bar.
  await name.fill('https://hub.example/owner/gone/tree/main');
  await page.getByRole('button', { name: 'Show its files' }).click();
  await page.getByRole('region', { name: 'Files of owner/gone' }).getByRole('alert').waitFor();
  await name.fill('owner/repo/text.gguf');
  await get.click();
  await pulls.getByText(/It is not a GGUF file/).waitFor();
  await pulls.getByRole('button', { name: 'Hide owner/repo/text.gguf' }).click();
  await pulls.getByRole('button', { name: 'Hide nothing' }).click();
  await pulls.waitFor({ state: 'detached' });
  expect(person.faults).toEqual([]);
});

test('versions are put down, corrected and deleted; the newest of a model is the current one', async () => {
  await using person = await openModels();
  const { page, versions, dialog } = person;
  const field = (label: string) => dialog.getByLabel(label, { exact: true });
  const create = async (tag: string) => {
    await versions.getByRole('button', { name: 'New version' }).click();
    await field('Model').fill('llama3.2:3b');
    await field('Version').fill(tag);
    await dialog.getByRole('button', { name: 'Create' }).click();
  };
  const rowOf = (tag: string) => versions.getByRole('row').filter({ hasText: tag });
  await create('first');
  await rowOf('first').getByText('Current').waitFor();
  await create('second');
  await rowOf('second').getByText('Current').waitFor();
  expect(await rowOf('first').getByText('Current').count()).toBe(0);
  await create('second');
  await dialog.getByText('This model has a version with this tag already.').waitFor();
  await page.keyboard.press('Escape');

  const act = async (tag: string, action: string) => {
    await versions.getByRole('button', { name: `Actions for version ${tag}` }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  await act('first', 'Edit');
  await field('Notes').fill('Of the old machine.');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await rowOf('first').getByText('Of the old machine.').waitFor();
  await act('second', 'Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await rowOf('second').waitFor({ state: 'detached' });
  await rowOf('first').getByText('Current').waitFor();
  await page.reload();
  await rowOf('first').getByText('Of the old machine.').waitFor();
  expect(await versions.getByRole('row').count()).toBe(2);
  expect(person.faults).toEqual([]);
});

test('files are read anew when somebody orders it', async () => {
  await using person = await openModels();
  const { page, dialog } = person;
  await page.getByLabel(/Also files that are as they should be/).check();
  await page.getByRole('button', { name: 'Read files anew' }).click();
  await dialog.getByRole('button', { name: 'Read files anew' }).click();
  await page.getByText('No file has to be read anew.').waitFor();
});

test('on a phone everything is there, and nothing is cut off', async () => {
  pace.pauseMs = 1_000;
  await using person = await openModels();
  const { page, pulls } = person;
  await page.setViewportSize({ width: 360, height: 740 });
  await chooseTiny(page);
  await pulls.getByText(/Downloading/).waitFor();
  expect(await page.evaluate('document.querySelector("main section").scrollWidth')).toBeLessThanOrEqual(360);
  await pulls.getByRole('button', { name: 'Cancel owner/repo/tiny.gguf' }).click();
  await pulls.getByText('Cancelled.').waitFor();
});

test('without a model the page leads an administrator to one, tells others whom to ask, and notices when it is there', async () => {
  await using person = await setup.otherDevice(admin);
  await using other = await setup.newPerson();
  let isBare = true;
  for (const { page } of [person, other]) {
    await page.route('**/graphql', async (route) => {
      const asked = route.request().postData() ?? '';
      if (!isBare || !/contextWindow|breakerOpen/.test(asked)) return route.continue();
      const response = await route.fetch();
      const answer = await response.json();
      const { models, providers } = answer.data;
      if (models) answer.data.models = models.filter(({ provider }: { provider: string }) => provider === 'BUILTIN');
      for (const status of providers ?? []) if (status.provider === 'OLLAMA') status.state = 'DISABLED';
      await route.fulfill({ response, json: answer });
    });
    await page.reload();
    await page.getByRole('heading', { name: 'No model is configured yet' }).waitFor();
  }
  await other.page.getByText('Whoever runs this server can give it a real model.').waitFor();
  expect(await other.page.getByRole('link', { name: 'Get a model' }).count()).toBe(0);
  await person.page.getByRole('link', { name: 'Get a model' }).click();
  await areas(person.page).name.waitFor();
  // Where there is no Ollama nothing can be got by it.
  await person.page.getByText('Qwen/Qwen3-4B-GGUF:Q4_K_M').waitFor();
  isBare = false;
  await person.page.goBack();
  await person.page.getByRole('button', { name: 'Model: llama3.2:3b' }).waitFor();
  await other.page.evaluate("window.dispatchEvent(new Event('focus'))");
  await other.page.getByRole('button', { name: 'Model: llama3.2:3b' }).waitFor();
  for (const { page, faults } of [person, other]) {
    expect(await page.getByRole('heading', { name: 'No model is configured yet' }).count()).toBe(0);
    expect(faults).toEqual([]);
  }
});
