import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { inSourceTree } from '../support/source-tree.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PASSWORD = 'a passphrase for tests';

/** Builds the page where it is missing or older than its sources, as `npm start` does. */
export async function buildPage(): Promise<void> {
  await inSourceTree(() => promisify(execFile)(process.execPath, ['scripts/bootstrap.mjs', '--page'], { cwd: ROOT }));
}

export type PageDriver = ReturnType<typeof createPageDriver>;

/** A person in front of the page, in a browser of their own. Nothing that goes wrong in the page goes unseen. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Permissions-Policy|Trusted|Uncaught/i.test(message.text()))
      faults.push(message.text());
  });
  context.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
  return { ...createPageDriver(page), context, faults, requests };
}

function createPageDriver(page: Page) {
  const composer = page.getByLabel('Message', { exact: true });
  const answers = page.getByRole('article', { name: 'Answer' });
  const prompts = page.getByRole('article', { name: 'You' });
  const panel = page.getByRole('complementary', { name: /^Source/ });
  const stopButton = page.getByRole('button', { name: 'Stop the answer' });

  const leaving = page.getByRole('dialog', { name: 'Sign out all the same?' });

  return {
    page,
    /** What is asked before something that was written is forgotten. */
    leaving,
    composer,
    answers,
    prompts,
    stopButton,
    /** Where a passage is shown. */
    panel,

    async register(username: string): Promise<void> {
      await page.getByRole('button', { name: 'Create an account' }).click();
      await page.getByLabel('Username').fill(username);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Create account' }).click();
      await composer.waitFor();
    },

    async signIn(username: string): Promise<void> {
      await page.getByLabel('Username or email').fill(username);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.keyboard.press('Enter');
      await composer.waitFor();
    },

    /** Sends a prompt. Returns when its answer is being waited for. */
    async ask(text: string): Promise<void> {
      await composer.fill(text);
      await page.keyboard.press('Enter');
      await prompts.filter({ hasText: text }).last().waitFor();
    },

    /** Waits until the last answer has ended. Returns its text. */
    async answered(): Promise<string> {
      await answers.last().getByRole('button', { name: 'Copy', exact: true }).waitFor();
      return answerText(page);
    },

    /** Waits until the last answer has this text in it. */
    async sees(text: string): Promise<void> {
      await answers.last().getByText(text).first().waitFor();
    },

    answerText: () => answerText(page),

    /** Of a conversation in the list at the side. */
    async act(title: string, action: string): Promise<void> {
      const row = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: title }) });
      await row.getByRole('button', { name: `Actions for ${title}` }).click();
      await page.getByRole('menuitem', { name: action, exact: true }).click();
    },

    /** Chooses files for the message that is being written, or for the collection that is shown. */
    async chooseFiles(files: readonly TestFile[]): Promise<void> {
      await page.locator('input[type=file]').setInputFiles(files.map(asPayload));
    },

    /** Holds files above the middle of the page, or what a selector names there, and lets go of them. */
    async dropFiles(files: readonly TestFile[], onto = 'main'): Promise<void> {
      await transferFiles(page, onto, ['dragenter', 'dragover', 'drop'], files);
    },

    async pasteFiles(files: readonly TestFile[]): Promise<void> {
      await transferFiles(page, 'textarea', ['paste'], files);
    },

    /** A file in the list of files. */
    file: (name: string) =>
      page.getByRole('list', { name: 'Files', exact: true }).getByRole('listitem').filter({ hasText: name }),

    /** A file beside the message that is being written. */
    attachment: (name: string) =>
      page.getByRole('list', { name: 'Attached files' }).getByRole('listitem').filter({ hasText: name }),

    async goToKnowledge(): Promise<void> {
      await page.getByRole('link', { name: 'Knowledge' }).click();
      await page.getByRole('heading', { name: 'All my files' }).waitFor();
    },

    /** `losing`: what has been written, which is asked about first. */
    async signOut({ losing = false } = {}): Promise<void> {
      await page.getByRole('button', { name: /^Account of/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      if (losing) await leaving.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    },
  };
}

export type TestFile = { name: string; text: string; type?: string };

const asPayload = ({ name, text, type = '' }: TestFile) => ({
  name,
  mimeType: type,
  buffer: Buffer.from(text, 'latin1'),
});

/** As a browser hands over files that a person drags or pastes. */
async function transferFiles(
  page: Page,
  selector: string,
  events: string[],
  files: readonly TestFile[],
): Promise<void> {
  await page.evaluate(
    `(() => {
      const transfer = new DataTransfer();
      for (const { name, text, type } of ${JSON.stringify(files)}) {
        const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type: type ?? '' }));
      }
      const target = document.querySelector(${JSON.stringify(selector)});
      for (const name of ${JSON.stringify(events)}) {
        const options = { bubbles: true, cancelable: true };
        const event = name === 'paste'
          ? new ClipboardEvent(name, { ...options, clipboardData: transfer })
          : new DragEvent(name, { ...options, dataTransfer: transfer });
        target.dispatchEvent(event);
      }
    })()`,
  );
}

/** The Markdown of the last answer as it is shown. */
async function answerText(page: Page): Promise<string> {
  const text = await page.getByRole('article', { name: 'Answer' }).last().locator('[data-markdown]').textContent();
  return text?.trim() ?? '';
}
