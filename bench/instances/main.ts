// What several instances cost beside one: delivery across them, Redis, many watchers, reconnects. `--help` says the rest.
import { readdir } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPostgres } from '../../test/support/services/postgres.ts';
import { startRedis } from '../../test/support/services/redis.ts';
import { LEAN_DOCUMENT } from '../stream/protocol.ts';
import { type Child, startChild } from '../support/child.ts';
import { type Closer, runAndClose } from '../support/closer.ts';
import { type Colloquy, startColloquy } from '../support/colloquy.ts';
import { busyShare, type Cores, describeMachine, readCoreTimes, takeCores } from '../support/cores.ts';
import { median } from '../support/statistics.ts';
import { formatTable, kilobytes, number } from '../support/table.ts';
import { openRedisMeter, type RedisMeter } from './redis-meter.ts';
import type { Lags, WatchAnswer, WatchersQuestion, WatchRequest } from './watchers.ts';

const USAGE = `npm run bench:instances -- [options]
  --runs 3                       how often each part runs; medians are printed
  --only lag,redis,crowd,visits  some of the parts`;

const TURN_DOCUMENT = LEAN_DOCUMENT.replace(
  'subscription Chat($input: ChatInput!)',
  'subscription Turn($id: ID!, $after: Int)',
).replace('chat(input: $input)', 'turn(id: $id, after: $after)');
const SEND = 'mutation ($input: ChatInput!) { sendMessage(input: $input) { id } }';
const STOP = 'mutation ($id: ID!) { stopTurn(id: $id) { id } }';
const LAG_MODEL = 'openai/scripted?tokens=400&interval=25&timestamped=1';
const CROWD = 1_000;
const VISITS = 1_000;

type Stage = {
  watchers: Child;
  upstream: Child;
  /** Two that share Redis, and one that is alone with its database. */
  here: Colloquy;
  there: Colloquy;
  alone: Colloquy;
  token: string;
  tokenAlone: string;
  meter: RedisMeter;
  cores: Cores | null;
  runs: number;
};

const script = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const socketOf = ({ url }: Colloquy) => `${url.replace('http', 'ws')}/graphql`;

async function prepare({ started }: Closer, runs: number): Promise<Stage> {
  const cores = takeCores();
  console.log(
    `${describeMachine(cores)}\nLoad: ${loadavg()
      .map((load) => number(load, 1))
      .join(' ')}. ${new Date().toISOString().slice(0, 10)}.`,
  );
  const [postgres, other, redis] = await Promise.all([
    started(startPostgres()),
    started(startPostgres()),
    started(startRedis()),
  ]);
  const upstream = await started(
    startChild({
      script: script('../../test/support/scripted-upstream.ts'),
      core: cores?.others,
      ready: /"url":"(.+?)"/,
    }),
  );
  const watchers = await started(startChild({ script: script('watchers.ts'), core: cores?.others, ready: /ready\n/ }));
  const env = {
    OPENAI_BASE_URL: upstream.match[1] ?? '',
    OPENAI_API_KEY: 'key-of-the-bench',
    DEFAULT_MODEL: 'openai/scripted',
    JWT_SECRET: 'a secret for measuring that is long enough',
  };
  const shared = { databaseUrl: postgres.url, core: cores?.measured, env: { ...env, REDIS_URL: redis.url } };
  const here = await started(startColloquy(shared));
  const there = await started(startColloquy(shared));
  const alone = await started(startColloquy({ databaseUrl: other.url, core: cores?.measured, env }));
  const { token } = await here.register();
  const { token: tokenAlone } = await alone.register();
  const meter = await started(Promise.resolve(openRedisMeter(redis.url)));
  return { watchers, upstream, here, there, alone, token, tokenAlone, meter, cores, runs };
}

async function watch(stage: Stage, more: Partial<WatchRequest>): Promise<WatchAnswer> {
  const request: WatchRequest = {
    type: 'watch',
    owner: socketOf(stage.here),
    other: socketOf(stage.there),
    token: stage.token,
    document: LEAN_DOCUMENT,
    turnDocument: TURN_DOCUMENT,
    model: 'openai/scripted?tokens=200&interval=25&timestamped=1',
    turns: 100,
    rampMs: 1_000,
    isMarked: true,
    steadyAfterMs: 0,
    ...more,
  };
  const result = await stage.watchers.ask<WatchAnswer>(request satisfies WatchersQuestion);
  if (result.failures.length > 0) throw new Error(`${result.failures.length} turns failed: ${result.failures[0]}`);
  return result;
}

async function measureLag(stage: Stage): Promise<void> {
  for (const turns of [100, 1]) {
    const rampMs = turns === 1 ? 0 : 2_000;
    const more = { turns, rampMs, steadyAfterMs: rampMs + 1_500, model: LAG_MODEL };
    const rows: { alone: WatchAnswer; shared: WatchAnswer; servers: number; others: number }[] = [];
    for (let run = 0; run < stage.runs; run += 1) {
      const alone = await watch(stage, { ...more, owner: socketOf(stage.alone), other: null, token: stage.tokenAlone });
      const before = readCoreTimes();
      const shared = await watch(stage, more);
      const after = readCoreTimes();
      const share = (core: number | undefined) => (core === undefined ? Number.NaN : busyShare(before, after, core));
      const [servers, others] = [share(stage.cores?.measured), share(stage.cores?.others)];
      rows.push({ alone, shared, servers, others });
    }
    const pick = (of: (row: (typeof rows)[number]) => number) => number(median(rows.map(of)), 1);
    const cells = (of: (row: (typeof rows)[number]) => Lags) => [
      pick((row) => of(row).p50),
      pick((row) => of(row).p99),
    ];
    console.log(`\n## Delivery lag, ${turns} turns × 40 tokens/s × 400 tokens (ms, medians of ${stage.runs} runs)`);
    console.log(
      formatTable([
        ['', 'p50', 'p99', 'p50 while turns begin', 'p99'],
        ['one server without Redis', ...cells(({ alone }) => alone.ownerSteady), ...cells(({ alone }) => alone.owner)],
        [
          'two with Redis: where the turn runs',
          ...cells(({ shared }) => shared.ownerSteady),
          ...cells(({ shared }) => shared.owner),
        ],
        [
          'two with Redis: on the other one',
          ...cells(({ shared }) => shared.otherSteady),
          ...cells(({ shared }) => shared.other),
        ],
      ]),
    );
    const busy = `${pick(({ servers }) => servers * 100)} %, that of everything else by ${pick(({ others }) => others * 100)} %`;
    console.log(`The one core of both servers was busy by ${busy}.`);
  }
}

const COSTS: { name: string; turns: number; tokens: number; interval: number; elsewhere: boolean }[] = [
  { name: '100 turns × 40/s, watched on both', turns: 100, tokens: 400, interval: 25, elsewhere: true },
  { name: '100 turns × 40/s, watched where they run', turns: 100, tokens: 400, interval: 25, elsewhere: false },
  { name: '1 turn × 40/s, watched on both', turns: 1, tokens: 600, interval: 25, elsewhere: true },
  { name: '1 turn × 40/s, watched where it runs', turns: 1, tokens: 600, interval: 25, elsewhere: false },
  { name: '1 turn × 500/s, watched on both', turns: 1, tokens: 5_000, interval: 2, elsewhere: true },
];

async function measureRedis(stage: Stage): Promise<void> {
  console.log('\n## What Redis is asked, by all processes (its own INFO), less what two idle servers ask');
  const idleBefore = await stage.meter.read();
  await delay(10_000);
  const idleAfter = await stage.meter.read();
  const idle = {
    commands: (idleAfter.commands - idleBefore.commands) / 10,
    bytes: (idleAfter.bytesIn - idleBefore.bytesIn) / 10,
  };
  const rows = [['', 'commands/s and turn', 'bytes in / answer bytes', 'seconds', 'of them']];
  for (const { name, turns, tokens, interval, elsewhere } of COSTS) {
    const before = await stage.meter.read();
    const { seconds, textBytes } = await watch(stage, {
      turns,
      model: `openai/scripted?tokens=${tokens}&interval=${interval}`,
      isMarked: false,
      ...(!elsewhere && { other: null }),
    });
    const after = await stage.meter.read();
    const commands = after.commands - before.commands - idle.commands * seconds;
    const bytes = after.bytesIn - before.bytesIn - idle.bytes * seconds;
    const most = [...after.byCommand]
      .map(([command, calls]) => [command, calls - (before.byCommand.get(command) ?? 0)] as const)
      .filter(([, calls]) => calls > 0)
      .sort(([, one], [, other]) => other - one);
    rows.push([
      name,
      number(commands / seconds / turns, 2),
      number(bytes / textBytes, 2),
      number(seconds, 1),
      most
        .slice(0, 4)
        .map(([command, calls]) => `${command} ${calls}`)
        .join(', '),
    ]);
    // Who has just left is still counted as a reader for some seconds.
    await delay(13_000);
  }
  console.log(formatTable(rows));
  console.log(`Two idle servers: ${number(idle.commands, 1)} commands/s.`);
}

async function startEndless(stage: Stage): Promise<{ turnId: string; stop: () => Promise<unknown> }> {
  // 200,000 units at once, and then a word now and then.
  const input = { turnKey: crypto.randomUUID(), text: 'On and on.', model: 'openai/scripted?tokens=40000&interval=1' };
  const { sendMessage } = await stage.here.post<{ sendMessage: { id: string } }>(SEND, { input }, stage.token);
  await delay(10_000);
  return { turnId: sendMessage.id, stop: () => stage.here.post(STOP, { id: sendMessage.id }, stage.token) };
}

async function measureCrowd(stage: Stage): Promise<void> {
  console.log(`\n## ${CROWD} watchers of one turn on the other instance (heap after garbage collection)`);
  const settled = async () => {
    await delay(1_500);
    return (await stage.there.sample(true)).heapBytes;
  };
  const gather = (turnId: string, sockets: number, watching: number) =>
    stage.watchers.ask({
      type: 'crowd',
      url: socketOf(stage.there),
      token: stage.token,
      document: TURN_DOCUMENT,
      turnId,
      sockets,
      watching,
    } satisfies WatchersQuestion);
  const { turnId, stop } = await startEndless(stage);
  await gather(turnId, 1, 1);
  await stage.watchers.ask({ type: 'leave' } satisfies WatchersQuestion);
  const empty = await settled();
  await gather(turnId, 1, 1);
  const one = await settled();
  await stage.watchers.ask({ type: 'leave' } satisfies WatchersQuestion);
  await gather(turnId, CROWD, 0);
  const idle = await settled();
  await stage.watchers.ask({ type: 'leave' } satisfies WatchersQuestion);
  await gather(turnId, CROWD, CROWD);
  const watched = await settled();
  await stage.watchers.ask({ type: 'leave' } satisfies WatchersQuestion);
  await stop();
  const sockets = idle - empty;
  console.log(
    formatTable([
      ['one watcher, its socket included', kilobytes(one - empty)],
      [`${CROWD} idle sockets`, kilobytes(sockets)],
      [`${CROWD} watchers`, kilobytes(watched - empty)],
      ['  beyond the sockets', kilobytes(watched - empty - sockets)],
      ['  for each of them', kilobytes((watched - empty - sockets) / CROWD)],
    ]),
  );
}

async function measureVisits(stage: Stage): Promise<void> {
  console.log(`\n## ${VISITS} reconnects to a running turn, twice, on the other instance`);
  const { turnId, stop } = await startEndless(stage);
  const visit = (count: number) =>
    stage.watchers.ask({
      type: 'visit',
      url: socketOf(stage.there),
      token: stage.token,
      document: TURN_DOCUMENT,
      turnId,
      count,
    } satisfies WatchersQuestion);
  const read = async () => {
    await delay(2_000);
    const { heapBytes, rssBytes } = await stage.there.sample(true);
    const files = process.platform === 'linux' ? (await readdir(`/proc/${stage.there.pid}/fd`)).length : Number.NaN;
    return { heapBytes, rssBytes, files };
  };
  await visit(500);
  const readings = [await read()];
  for (let round = 0; round < 2; round += 1) {
    await visit(VISITS);
    readings.push(await read());
  }
  await stop();
  const names = ['after a warm-up of 500', `after ${VISITS}`, `after ${2 * VISITS}`];
  console.log(
    formatTable([
      ['', 'heap', 'RSS', 'files'],
      ...readings.map(({ heapBytes, rssBytes, files }, index) => [
        names[index] ?? '',
        kilobytes(heapBytes),
        kilobytes(rssBytes),
        number(files),
      ]),
    ]),
  );
}

const PARTS = { lag: measureLag, redis: measureRedis, crowd: measureCrowd, visits: measureVisits };

async function main(closer: Closer): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '3' },
      only: { type: 'string', default: Object.keys(PARTS).join(',') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const stage = await prepare(closer, Number(values.runs));
  // Until the machine code of the hot paths is there.
  await watch(stage, { turns: 50 });
  await watch(stage, { turns: 50, owner: socketOf(stage.alone), other: null, token: stage.tokenAlone });
  for (const part of values.only.split(',')) {
    const measure = PARTS[part as keyof typeof PARTS];
    if (!measure) throw new Error(`--only takes ${Object.keys(PARTS).join(', ')}.`);
    await measure(stage);
  }
}

await runAndClose(main);
