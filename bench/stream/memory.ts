import { setTimeout as delay } from 'node:timers/promises';
import type { Laboratory, Target } from './laboratory.ts';
import type { ClientQuestion, RunAnswer } from './protocol.ts';

export type MemoryFigures = Record<
  'rssBefore' | 'rssPerSocket' | 'heapPerSocket' | 'rssPerTurn' | 'heapPerTurn',
  number
>;

const IDLE_SOCKETS = 1_000;
const TURNS = 500;
const RAMP_MS = 4_000;
const INTERVAL_MS = 1_000;
const TOKENS = 12;
const SETTLE_MS = 1_000;

/** What the server's memory grows by, after garbage collections: per idle socket, then per turn on top of its socket. */
export async function measureMemory(
  { clients }: Laboratory,
  { process, socketUrl, tokens }: Target,
  document: string,
): Promise<MemoryFigures> {
  const ask = <Answer>(question: ClientQuestion) => clients.ask<Answer>(question);
  const settled = async () => {
    await delay(SETTLE_MS);
    return process.sample(true);
  };
  const empty = await settled();
  await ask({ type: 'connect', url: socketUrl, count: IDLE_SOCKETS, tokens });
  const idle = await settled();
  const running = ask<RunAnswer>({
    type: 'run',
    turns: TURNS,
    model: `scripted?tokens=${TOKENS}&interval=${INTERVAL_MS}&timestamped=1`,
    document,
    tokensPerTurn: TOKENS,
    rampMs: RAMP_MS,
    sequential: false,
    deadlineMs: RAMP_MS + TOKENS * INTERVAL_MS + 15_000,
  });
  await delay(RAMP_MS);
  const busy = await settled();
  const { failures } = await running;
  await ask({ type: 'disconnect' });
  if (failures.length > 0) throw new Error(`${failures.length} turns failed, the first one: ${failures[0]}`);
  return {
    rssBefore: empty.rssBytes,
    rssPerSocket: (idle.rssBytes - empty.rssBytes) / IDLE_SOCKETS,
    heapPerSocket: (idle.heapBytes - empty.heapBytes) / IDLE_SOCKETS,
    rssPerTurn: (busy.rssBytes - idle.rssBytes) / TURNS,
    heapPerTurn: (busy.heapBytes - idle.heapBytes) / TURNS,
  };
}
