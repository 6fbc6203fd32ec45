// What a list costs, at 100 and at 100,000 messages, beside the same SQL without the server. `--help` says what can be
// chosen.
import { parseArgs } from 'node:util';
import type { Child } from '../support/child.ts';
import { type Closer, runAndClose } from '../support/closer.ts';
import { describeMachine, takeCores } from '../support/cores.ts';
import { medians } from '../support/statistics.ts';
import { formatTable, number } from '../support/table.ts';
import { type Libraries, type Library, openLibraries } from './library.ts';
import { type LoadFigures, load } from './load.ts';
import { closeConnections, post } from './post.ts';
import type { Statement } from './record-sql.ts';
import type { MeasuredRequest } from './requests.ts';

const USAGE = `npm run bench:queries -- [options]
  --engine postgresql|pglite   the database (postgresql, which is started for it)
  --sizes 100,100000           messages in all
  --callers 8                  requests at a time
  --seconds 2                  for which each request is repeated
  --runs 3                     medians are printed`;

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'postgresql' },
    sizes: { type: 'string', default: '100,100000' },
    callers: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '2' },
    runs: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
});
const bounded = (text: string, most: number) => Math.min(most, Math.max(1, Math.floor(Number(text) || 1)));
const pace = { callers: bounded(values.callers, 100), durationMs: bounded(values.seconds, 30) * 1000 };
const runs = bounded(values.runs, 20);

async function main(closer: Closer): Promise<void> {
  if (values.help) return console.log(USAGE);
  const engine = values.engine === 'pglite' ? 'pglite' : 'postgresql';
  const sizes = values.sizes.split(',').map((size) => Math.max(100, bounded(size, 1_000_000)));
  const cores = takeCores();
  console.log(`${describeMachine(cores)}\nDatabase: ${engine}. ${new Date().toISOString().slice(0, 10)}.`);
  console.log(`${pace.callers} callers at a time, ${pace.durationMs / 1000} s each, medians of ${runs} runs.`);
  const opened = await openLibraries(closer, sizes, engine, cores);
  await measure(opened).finally(closeConnections);
}

type MeasuredLoad = LoadFigures & { cpuPerCall: number };

async function measure({ libraries, bareYoga }: Libraries): Promise<void> {
  const names = libraries[0]?.requests.map(({ name }) => name) ?? [];
  for (const [index, name] of names.entries()) {
    const rows: string[][] = [];
    const throughHttp: MeasuredLoad[] = [];
    const repeated = await Promise.all(libraries.map((library) => prepare(library, library.requests[index])));
    // The sizes in turn, so that what else the machine does falls on all of them.
    const figures = repeated.map((): { server: MeasuredLoad[]; raw: MeasuredLoad[] } => ({ server: [], raw: [] }));
    for (let run = 0; run < runs; run += 1) {
      for (const [at, { server, raw }] of repeated.entries()) {
        figures[at]?.server.push(await server());
        if (raw) figures[at]?.raw.push(await raw());
      }
    }
    for (const [at, { messages, statements }] of repeated.entries()) {
      const found = figures[at];
      if (!found) continue;
      const median = medians(found.server);
      throughHttp.push(median);
      rows.push([`Colloquy, ${number(messages)} messages`, countOf(statements), ...cells(median)]);
      if (found.raw.length > 0) rows.push(['  the same SQL through pg', '', ...cells(medians(found.raw))]);
    }
    if (name === '{ __typename }') rows.push(['a bare Yoga', '', ...cells(await loadBareYoga(bareYoga))]);
    console.log(`\n## ${name}`);
    console.log(formatTable([['', 'SQL', 'requests/s', 'p50 (ms)', 'p99 (ms)', 'CPU (µs)'], ...rows]));
    printRatio(throughHttp);
  }
  console.log(
    '\nSQL: statements of the request itself + those of the check of its session. CPU: of the asked process, per request.',
  );
}

/** The request, once to warm up and to count its statements, then as often as it goes. */
async function prepare({ server, token, messages, raw }: Library, request: MeasuredRequest | undefined) {
  if (!request) throw new Error('There is no such request.');
  const body = JSON.stringify({ query: request.query, variables: request.variables });
  const call = () => post(`${server.url}/graphql`, body, token);
  await load(call, { ...pace, durationMs: 1_000 });
  // The server's own work, such as renewing its row, may fall into one of the three.
  const counts: Statement[][] = [];
  for (let count = 0; count < 3; count += 1) {
    await server.ask({ record: 'start' });
    await call();
    counts.push(await server.ask<Statement[]>({ record: 'stop' }));
  }
  const statements = counts.reduce((fewest, counted) => (counted.length < fewest.length ? counted : fewest));
  const askRaw = raw && (() => withCpu(raw, () => raw.ask<LoadFigures>({ raw: 'run', statements, ...pace })));
  return { messages, statements, server: () => withCpu(server, () => load(call, pace)), raw: askRaw };
}

function loadBareYoga(yoga: Child): Promise<MeasuredLoad> {
  const body = JSON.stringify({ query: '{ __typename }' });
  return withCpu(yoga, () => load(() => post(`http://127.0.0.1:${yoga.match[1]}/graphql`, body), pace));
}

/** With what the asked process used for each request, which depends less on what else the machine does. */
async function withCpu(process: Child, run: () => Promise<LoadFigures>): Promise<MeasuredLoad> {
  const before = await process.sample();
  const figures = await run();
  const after = await process.sample();
  return { ...figures, cpuPerCall: (after.cpuMicroseconds - before.cpuMicroseconds) / figures.calls };
}

function countOf(statements: Statement[]): string {
  const ofSession = statements.filter(({ text }) => text.includes('"sessions"')).length;
  return `${statements.length - ofSession} + ${ofSession}`;
}

function cells({ perSecond, p50, p99, cpuPerCall }: MeasuredLoad): string[] {
  return [number(perSecond), number(p50, 2), number(p99, 2), number(cpuPerCall)];
}

function printRatio(figures: MeasuredLoad[]): void {
  const [small, large] = [figures[0], figures.at(-1)];
  if (!small || !large || small === large) return;
  const ratio = (value: number) => `× ${number(value, 2)}`;
  const slower = ratio(small.perSecond / large.perSecond);
  console.log(
    `from the smallest to the largest: ${slower} in requests/s, ${ratio(large.p50 / small.p50)} at p50, ` +
      `${ratio(large.p99 / small.p99)} at p99, ${ratio(large.cpuPerCall / small.cpuPerCall)} in CPU`,
  );
}

await runAndClose(main);
