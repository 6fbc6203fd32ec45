import { setTimeout as delay } from 'node:timers/promises';
import { busyShare, readCoreTimes } from '../support/cores.ts';
import type { Laboratory, Target } from './laboratory.ts';
import type { ClientQuestion, RunAnswer, RunFigures, RunRequest } from './protocol.ts';

export type Scenario = {
  turns: number;
  /** Tokens per second of each turn. 0: as fast as they are read. */
  rate: number;
  tokens: number;
  rampMs: number;
  sequential?: boolean;
};

export type ScenarioFigures = RunFigures & {
  /** The server's, per token, from the first subscribe to the last end. */
  cpuPerToken: number;
  /** The system's part of it. */
  systemPerToken: number;
  /** The same while all turns were running and none began or ended; NaN when there is no such time. */
  steadyCpuPerToken: number;
  /** Shares of a core. */
  serverShare: number;
  upstreamShare: number;
  clientsShare: number;
  /** How busy the core of upstream, clients and database was, by whomever. */
  otherCoreBusy: number;
};

/** For what a run takes beyond its own time: a server that is behind is left so much longer. */
const PATIENCE_MS = 20_000;
/** After the last start and before the first end. */
const MARGIN_MS = 300;

/** Runs a scenario once on one server, on sockets that are open before it begins and closed after it. */
export async function runScenario(
  { clients, upstream, cores }: Laboratory,
  target: Target,
  scenario: Scenario,
  document: string,
): Promise<ScenarioFigures> {
  const ask = <Answer>(question: ClientQuestion) => clients.ask<Answer>(question);
  const count = scenario.sequential ? 1 : scenario.turns;
  await ask({ type: 'connect', url: target.socketUrl, count, tokens: target.tokens });
  const read = async () => {
    const [server, others, tokens] = await Promise.all([
      target.process.sample(),
      Promise.all([upstream.sample(), clients.sample()]),
      ask<number>({ type: 'progress' }),
    ]);
    const [sender, receiver] = others.map(({ cpuMicroseconds }) => cpuMicroseconds);
    return {
      at: performance.now(),
      server: server.cpuMicroseconds,
      system: server.systemMicroseconds,
      sender: sender ?? 0,
      receiver: receiver ?? 0,
      tokens,
      coreTimes: readCoreTimes(),
    };
  };
  type Reading = Awaited<ReturnType<typeof read>>;

  const before = await read();
  const running = ask<RunAnswer>({ type: 'run', ...requestOf(scenario, document) });
  const [{ figures, failures }, [from, to]] = await Promise.all([running, readSteady(scenario, read)]);
  const after = await read();
  await ask({ type: 'disconnect' });
  if (failures.length > 0) {
    throw new Error(`${failures.length} turns of ${target.name} failed, the first one: ${failures[0]}`);
  }

  const share = (part: 'server' | 'sender' | 'receiver') =>
    (after[part] - before[part]) / 1000 / (after.at - before.at);
  return {
    ...figures,
    cpuPerToken: (after.server - before.server) / figures.tokens,
    systemPerToken: (after.system - before.system) / figures.tokens,
    steadyCpuPerToken: from && to ? (to.server - from.server) / (to.tokens - from.tokens) : Number.NaN,
    serverShare: share('server'),
    upstreamShare: share('sender'),
    clientsShare: share('receiver'),
    otherCoreBusy: cores ? busyShare(before.coreTimes, after.coreTimes, cores.others) : Number.NaN,
  };

  /** Two readings between which nothing begins and nothing ends. */
  async function readSteady(
    { rampMs, tokens, rate, sequential }: Scenario,
    take: () => Promise<Reading>,
  ): Promise<[Reading, Reading] | [null, null]> {
    const begin = rampMs + MARGIN_MS;
    const end = (tokens / rate) * 1000 - MARGIN_MS;
    if (sequential || rate === 0 || end - begin < 500) return [null, null];
    await delay(begin);
    const first = await take();
    await delay(end - begin);
    return [first, await take()];
  }
}

function requestOf({ turns, rate, tokens, rampMs, sequential = false }: Scenario, document: string): RunRequest {
  const interval = rate === 0 ? 0 : 1000 / rate;
  return {
    turns,
    model: `scripted?tokens=${tokens}&interval=${interval}&timestamped=1`,
    document,
    tokensPerTurn: tokens,
    rampMs,
    sequential,
    deadlineMs: interval * tokens + rampMs + PATIENCE_MS,
  };
}
