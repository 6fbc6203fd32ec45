// `npm run screenshots`: every page of Colloquy, light and dark, on a desk and on a phone, as pictures in docs/images/.
// The server is a real one with a data folder of its own; its model says what test/support/scenes has it say.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { admin } from '../frontend/src/texts/english/admin/admin.ts';
import { english } from '../frontend/src/texts/english/english.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { scenesInside, scenesOutside, signIn } from '../test/support/scenes/scenes.ts';
import {
  ENVIRONMENT,
  fillWorld,
  MODELS,
  makeLoad,
  OLLAMA_MODELS,
  script,
  type World,
} from '../test/support/scenes/world.ts';
import { startScriptedOllama } from '../test/support/scripted-ollama.ts';
import { startScriptedUpstream } from '../test/support/scripted-upstream.ts';
import { writeSmallPng } from './screenshots/small-png.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const IMAGES = join(ROOT, 'docs', 'images');
const READY_MS = 120_000;

const DEVICES = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
} as const;
const THEMES = ['light', 'dark'] as const;

/** Names of scenes, where only some are wanted. */
const wanted = process.argv.slice(2);
const wants = (name: string) => wanted.length === 0 || wanted.includes(name);

/** Pictures of charts that have been watched for a while. */
const OVERVIEW = 'admin-overview';
const CHARTS = 'admin-overview-charts';
const WATCHED_MS = 125_000;

const folder = await mkdtemp(join(tmpdir(), 'colloquy-screenshots-'));
const upstream = await startScriptedUpstream({ script, models: MODELS });
const ollama = await startScriptedOllama({ models: OLLAMA_MODELS });
const server = startServer(join(folder, 'data'), upstream.url);
let browser: Browser | undefined;
// However this ends, the server ends as well.
process.once('exit', () => server.kill('SIGTERM'));
try {
  await Promise.race([run(), brokenOff()]);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser?.close().catch(() => {});
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM');
    await once(server, 'close');
  }
  await Promise.all([upstream.close(), ollama.close()]);
  await rm(folder, { recursive: true, force: true });
}

type Look = { url: string; world: World; device: keyof typeof DEVICES; theme: (typeof THEMES)[number] };

async function run(): Promise<void> {
  const url = await addressOf(server);
  const world = await fillWorld(url);
  await mkdir(IMAGES, { recursive: true });
  browser = await launchBrowser();
  const looks = (Object.keys(DEVICES) as (keyof typeof DEVICES)[]).flatMap((device) =>
    THEMES.map((theme): Look => ({ url, world, device, theme })),
  );
  if (wants(OVERVIEW) || wants(CHARTS)) await shootOverview(browser, looks);
  for (const look of looks) await shootAll(browser, look);
  await report();
}

/** Rejects with what nobody has caught, and with a signal to end: what was begun is put away all the same. */
function brokenOff(): Promise<never> {
  return new Promise((_resolve, reject) => {
    process.on('unhandledRejection', reject);
    process.on('uncaughtException', reject);
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`Ended by ${signal}.`)));
  });
}

async function shootAll(browser: Browser, look: Look): Promise<void> {
  const { context, page, place } = await openPage(browser, look);
  const shootThose = async (scenes: ReturnType<typeof scenesOutside>) => {
    for (const { name, open } of scenes) {
      if (!wants(name) || name === OVERVIEW) continue;
      await open(page);
      await shoot(page, name, look);
    }
  };
  await shootThose(scenesOutside(place));
  await signIn(page, place);
  await shootThose(await scenesInside(page, place));
  await context.close();
}

/** All at once, for what they show needs its time. */
async function shootOverview(browser: Browser, looks: readonly Look[]): Promise<void> {
  const shown = await Promise.all(
    looks.map(async (look) => {
      const { context, page, place } = await openPage(browser, look);
      await signIn(page, place);
      await page.goto(new URL('/admin/overview', look.url).href);
      return { context, page, look };
    }),
  );
  const [first] = looks;
  const controller = new AbortController();
  const load = first && makeLoad(first.url, first.world, controller.signal);
  await Promise.race([load, setTimeout(WATCHED_MS)]);
  for (const { context, page, look } of shown) {
    if (wants(OVERVIEW)) await shoot(page, OVERVIEW, look);
    await page
      .locator('main figure')
      .first()
      .evaluate((figure) => figure.scrollIntoView());
    if (wants(CHARTS)) await shoot(page, CHARTS, look);
    await context.close();
  }
  controller.abort();
  await load;
}

async function openPage(browser: Browser, { url, world, device, theme }: Look) {
  const context = await browser.newContext({
    ...DEVICES[device],
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  return { context, page: await context.newPage(), place: { url, texts: { ...english, ...admin }, world } };
}

async function shoot(page: Page, name: string, { device, theme }: Look): Promise<void> {
  await page.evaluate('document.fonts.ready');
  const file = join(IMAGES, `${name}-${device}-${theme}.png`);
  await writeSmallPng(file, await page.screenshot({ animations: 'disabled', caret: 'hide' }));
  console.log(file.slice(ROOT.length));
}

function startServer(data: string, upstreamUrl: string): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'src', 'main.ts')], {
    // Where no .env is.
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATA_DIR: data,
      OLLAMA_BASE_URL: ollama.url,
      OPENAI_BASE_URL: upstreamUrl,
      OPENAI_API_KEY: 'none',
      NODE_NO_WARNINGS: '1',
      REGISTRATIONS_PER_HOUR_PER_IP: '0',
      LOGIN_ATTEMPTS_PER_MINUTE_PER_IP: '0',
      REQUESTS_PER_MINUTE: '0',
      REQUESTS_PER_MINUTE_PER_IP: '0',
      TURNS_PER_MINUTE: '0',
      MAX_CONCURRENT_TURNS: '0',
      ...ENVIRONMENT,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Where it listens, once it does. Throws, with its output, when it ends instead or takes too long. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = () => reject(new Error(`The server did not start: ${output}`));
    const timer = globalThis.setTimeout(fail, READY_MS);
    const read = (chunk: Buffer) => {
      output += chunk;
      const found = /Health +(\S+)\/health/.exec(output)?.[1];
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('close', () => {
      clearTimeout(timer);
      fail();
    });
  });
}

async function report(): Promise<void> {
  const files = (await readdir(IMAGES)).filter((name) => name.endsWith('.png'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(IMAGES, name))).size));
  const kilobytes = Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1024);
  console.log(`${files.length} pictures, ${kilobytes} KiB`);
}
