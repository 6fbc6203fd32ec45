// What the page weighs, how smoothly it shows a long answer, how soon a long conversation. `--help` says what can be chosen.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { encodeId } from '../../src/graphql/ids.ts';
import { startPostgres } from '../../test/support/services/postgres.ts';
import { createDatabase, fill } from '../queries/library.ts';
import { seedConversation } from '../queries/seed.ts';
import { startChild } from '../support/child.ts';
import { type Closer, runAndClose } from '../support/closer.ts';
import { startColloquy } from '../support/colloquy.ts';
import { describeMachine } from '../support/cores.ts';
import { median, medians } from '../support/statistics.ts';
import { formatTable, number } from '../support/table.ts';
import { type AnswerOptions, measureAnswer, measureBarePage } from './answers.ts';
import { type FrameFigures, launch, newPage, register } from './browser.ts';
import { measureFirstLoad } from './first-load.ts';
import { openWarm, scrollToTop, timeColdOpening, timeWarmOpening } from './long-thread.ts';
import { SHAPES } from './shapes.ts';

const USAGE = `npm run bench:page -- [options]
  --only load,answers,thread          parts of it
  --shapes ${SHAPES.join(',')}   of answers
  --tokens 20000 --rate 200           of each answer, and tokens a second
  --runs 1                            of each answer; medians are printed
  --messages 1000 --openings 5        of the long conversation`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'load,answers,thread' },
    shapes: { type: 'string', default: SHAPES.join(',') },
    tokens: { type: 'string', default: '20000' },
    rate: { type: 'string', default: '200' },
    runs: { type: 'string', default: '1' },
    messages: { type: 'string', default: '1000' },
    openings: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
});
const bounded = (text: string, most: number) => Math.min(most, Math.max(1, Math.floor(Number(text) || 1)));
const READER = 'bench-reader';
const CONVERSATION = '00000000-0000-4000-8000-00000000feed';

async function main(closer: Closer): Promise<void> {
  if (values.help) return console.log(USAGE);
  const { started } = closer;
  const parts = new Set(values.only.split(','));
  const postgres = await started(startPostgres());
  const databaseUrl = await createDatabase(postgres.url);
  const upstream = await started(
    startChild({ script: new URL('upstream.ts', import.meta.url).pathname, core: undefined, ready: /"url":"(.+?)"/ }),
  );
  const env = {
    OPENAI_BASE_URL: upstream.match[1] ?? '',
    OPENAI_API_KEY: 'key-of-the-bench',
    DEFAULT_MODEL: 'openai/scripted',
  };
  const server = await started(startColloquy({ databaseUrl, core: undefined, env }));
  const { browser } = await started(launch());
  console.log(`${describeMachine(null)} Chromium ${browser.version()}. ${new Date().toISOString().slice(0, 10)}.`);
  console.log(`Load of the machine before: ${number(loadavg()[0] ?? 0, 1)}.`);

  if (parts.has('load')) {
    console.log(`\n## The first load\n${formatTable(await measureFirstLoad(browser, server.url))}`);
  }
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const { page, cdp } = await newPage(context);
  await register(page, server.url, READER);
  if (parts.has('answers')) {
    const options = { tokens: bounded(values.tokens, 100_000), rate: bounded(values.rate, 1_000) };
    console.log(`\n## Answers of ${number(options.tokens)} tokens, ${options.rate} a second (ms between frames)`);
    console.log(formatFrames(await measureAnswers(options)));
  }
  if (parts.has('thread')) await measureThread();
  console.log(`\nLoad of the machine after: ${number(loadavg()[0] ?? 0, 1)}.`);

  async function measureAnswers(options: AnswerOptions): Promise<[string, FrameFigures][]> {
    const bare = await newPage(context);
    const chosen = SHAPES.filter((shape) => values.shapes.split(',').includes(shape));
    const figures: [string, FrameFigures][] = [];
    for (const shape of chosen) {
      const runs = { raw: [] as FrameFigures[], page: [] as FrameFigures[] };
      for (let run = 0; run < bounded(values.runs, 100); run += 1) {
        // What is in the background has no frames.
        await bare.page.bringToFront();
        runs.raw.push(await measureBarePage(bare.page, bare.cdp, shape, options));
        await page.bringToFront();
        runs.page.push(await measureAnswer(page, cdp, shape, options));
      }
      figures.push([`${shape}, bare page`, medians(runs.raw)], [shape, medians(runs.page)]);
    }
    await bare.page.close();
    return figures;
  }

  async function measureThread(): Promise<void> {
    const messages = 2 * Math.ceil(bounded(values.messages, 20_000) / 2);
    const openings = bounded(values.openings, 100);
    await fill(databaseUrl, server, async (execute) => {
      const found = (await execute(`SELECT id FROM users WHERE username = '${READER}'`)) as { rows: { id: string }[] };
      const userId = found.rows[0]?.id ?? '';
      await seedConversation(execute, { id: CONVERSATION, userId, messages, age: 1, title: 'A long one' });
    });
    const url = `${server.url}/c/${encodeId('Conversation', CONVERSATION)}`;
    const state = await context.storageState();
    const times = { cold: [] as number[], warm: [] as number[] };
    const opened = await openWarm(context, url);
    for (let opening = 0; opening < openings; opening += 1) {
      times.cold.push(await timeColdOpening(browser, state, url));
      await opened.page.bringToFront();
      times.warm.push(await timeWarmOpening(opened.page));
    }
    console.log(`\n## A conversation of ${number(messages)} messages (medians of ${openings})`);
    console.log(
      `navigation to last message: cold ${number(median(times.cold))} ms, warm ${number(median(times.warm))} ms`,
    );
    console.log(formatFrames([['scrolled to its beginning', await scrollToTop(opened)]]));
  }
}

function formatFrames(figures: [string, FrameFigures][]): string {
  const head = ['', 'p50', 'p95', 'p99', 'most', 'tasks > 50 ms', 'main thread', 'heap before → after', 'nodes'];
  const mebibytes = (bytes: number) => number(bytes / 2 ** 20, 1);
  const rows = figures.map(([name, figure]) => [
    name,
    ...[figure.p50, figure.p95, figure.p99, figure.most].map((time) => number(time, 1)),
    number(figure.longTasks),
    `${number(figure.mainShare * 100)} %`,
    `${mebibytes(figure.heapBefore)} → ${mebibytes(figure.heapAfter)} MiB`,
    number(figure.nodes),
  ]);
  return formatTable([head, ...rows]);
}

await runAndClose(main);
