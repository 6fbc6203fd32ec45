import { formatTable, kilobytes, number } from '../support/table.ts';
import type { MemoryFigures } from './memory.ts';
import { type Ramp, type RampStep, whatBends } from './ramp.ts';
import type { Scenario, ScenarioFigures } from './scenario.ts';

export type Pair<Figures> = { colloquy: Figures; relay: Figures };

const percent = (share: number) => (Number.isFinite(share) ? `${number(share * 100)} %` : '–');
const ms = (value: number) => number(value, 1);

export function titleOf({ turns, rate, tokens, rampMs, sequential }: Scenario): string {
  const pace = rate === 0 ? 'as fast as they go' : `${rate} tokens/s`;
  if (sequential) return `${turns} turns one after another × ${tokens} tokens, ${pace}`;
  const starts = turns === 1 ? '' : `, starts spread evenly over ${number(rampMs / 1000, 1)} s`;
  return `${turns} ${turns === 1 ? 'turn' : 'turns'} × ${pace} × ${tokens} tokens${starts}`;
}

export function formatScenario({ colloquy, relay }: Pair<ScenarioFigures>): string {
  const row = (
    name: string,
    pick: (figures: ScenarioFigures) => number,
    show: (value: number) => string,
    last = '',
  ) => [name, show(pick(colloquy)), show(pick(relay)), last];
  const ratio = (pick: (figures: ScenarioFigures) => number) => `× ${number(pick(colloquy) / pick(relay), 2)}`;
  const added = (pick: (figures: ScenarioFigures) => number) => `+ ${ms(pick(colloquy) - pick(relay))}`;
  const cpu = (figures: ScenarioFigures) => figures.cpuPerToken;
  const steady = (figures: ScenarioFigures) => figures.steadyCpuPerToken;
  const one = (value: number) => number(value, 1);
  return formatTable([
    ['', 'Colloquy', 'relay', ''],
    row('CPU per token, starts and ends included (µs)', cpu, one, ratio(cpu)),
    row('  of it in the system (µs)', (figures) => figures.systemPerToken, one),
    row('CPU per token while none starts or ends (µs)', steady, one, ratio(steady)),
    row(
      'time to first token p50 (ms)',
      (figures) => figures.firstP50,
      ms,
      added((figures) => figures.firstP50),
    ),
    row(
      'time to first token p99 (ms)',
      (figures) => figures.firstP99,
      ms,
      added((figures) => figures.firstP99),
    ),
    row(
      'delivery lag p50 (ms)',
      (figures) => figures.lagP50,
      ms,
      added((figures) => figures.lagP50),
    ),
    row(
      'delivery lag p99 (ms)',
      (figures) => figures.lagP99,
      ms,
      added((figures) => figures.lagP99),
    ),
    row(
      'tokens per frame',
      (figures) => figures.tokens / figures.frames,
      (value) => number(value, 2),
    ),
    row('the server, of a core', (figures) => figures.serverShare, percent),
    row('upstream / clients, of a core', (figures) => figures.upstreamShare + figures.clientsShare, percent),
    row('their core, by whomever', (figures) => figures.otherCoreBusy, percent),
  ]);
}

export function formatMemory({ colloquy, relay }: Pair<MemoryFigures>): string {
  const row = (name: string, pick: (figures: MemoryFigures) => number) => [
    name,
    kilobytes(pick(colloquy)),
    kilobytes(pick(relay)),
  ];
  return formatTable([
    ['', 'Colloquy', 'relay'],
    row('before (RSS)', (figures) => figures.rssBefore),
    row('per idle socket (RSS)', (figures) => figures.rssPerSocket),
    row('per idle socket (heap)', (figures) => figures.heapPerSocket),
    row('per running turn (RSS)', (figures) => figures.rssPerTurn),
    row('per running turn (heap)', (figures) => figures.heapPerTurn),
  ]);
}

export function formatRamp({ steps, highest }: Ramp): string {
  const rows = steps.map((step) => [
    number(step.offered),
    number(step.delivered),
    ms(step.lagP50),
    ms(step.lagP99),
    number(step.cpuPerToken, 1),
    number(step.tokens / step.frames, 1),
    percent(step.serverShare),
    percent(step.upstreamShare),
    percent(step.clientsShare),
    percent(step.otherCoreBusy),
    whatBends(step),
  ]);
  const head = [
    'offered/s',
    'delivered/s',
    'lag p50',
    'lag p99',
    'µs/token',
    'joined',
    'server',
    'upstream',
    'clients',
  ];
  const table = formatTable([[...head, 'their core', 'bends'], ...rows]);
  return `${table}\n${verdict(highest)}`;
}

function verdict(highest: RampStep | null): string {
  if (!highest) return 'The lag passed a second at the first step.';
  const { delivered, cpuPerToken } = highest;
  const ceiling = number(1_000_000 / cpuPerToken);
  return `Highest with a lag p99 of at most a second: ${number(delivered)} tokens/s; at its price a core makes ${ceiling}.`;
}
