// What a streamed token costs, beside a bare relay of the same tokens in the same run. `--help` says what can be chosen.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Closer, runAndClose } from '../support/closer.ts';
import { describeMachine, takeCores } from '../support/cores.ts';
import { formatProfile } from '../support/profile.ts';
import { medians } from '../support/statistics.ts';
import { type Laboratory, openLaboratory, type Target } from './laboratory.ts';
import { measureMemory } from './memory.ts';
import { readOptions, type StreamOptions, USAGE } from './options.ts';
import { climb } from './ramp.ts';
import { formatMemory, formatRamp, formatScenario, titleOf } from './report.ts';
import { runScenario, type Scenario, type ScenarioFigures } from './scenario.ts';

const SCENARIOS: Scenario[] = [
  { turns: 1, rate: 40, tokens: 200, rampMs: 0 },
  { turns: 50, rate: 0, tokens: 5, rampMs: 0, sequential: true },
  { turns: 100, rate: 40, tokens: 200, rampMs: 1_000 },
  { turns: 500, rate: 10, tokens: 200, rampMs: 4_000 },
];
/** Until the machine code of the hot paths is there. */
const WARM_UP: Scenario = { turns: 100, rate: 100, tokens: 300, rampMs: 500 };

async function main(closer: Closer): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) return console.log(USAGE);
  const cores = takeCores();
  const laboratory = await openLaboratory(closer, { ...options, cores });
  console.log(`${describeMachine(cores)}\nDatabase: ${options.engine}. ${new Date().toISOString().slice(0, 10)}.`);
  await measure(laboratory, options);
}

async function measure(laboratory: Laboratory, options: StreamOptions): Promise<void> {
  const { colloquy, relay } = laboratory;
  const { document, parts } = options;
  for (const target of [relay, colloquy]) await runScenario(laboratory, target, WARM_UP, document);

  if (parts.has('memory')) {
    console.log('\n## Memory: 1,000 idle sockets, then 500 turns on them');
    const figures = {
      relay: await measureMemory(laboratory, relay, document),
      colloquy: await measureMemory(laboratory, colloquy, document),
    };
    console.log(formatMemory(figures));
  }
  if (parts.has('turns')) {
    for (const scenario of options.scenario ? [options.scenario] : SCENARIOS) {
      console.log(`\n## ${titleOf(scenario)} (${options.runs} runs, medians)`);
      console.log(formatScenario(await compare(laboratory, scenario, options)));
      if (options.profile) await profile(laboratory, scenario, options, options.profile);
    }
  }
  if (parts.has('ramp')) {
    for (const target of [relay, colloquy]) {
      console.log(`\n## ${target.name}: 100 turns at rising rates`);
      console.log(formatRamp(await climb(laboratory, target, document)));
    }
  }
}

/** Both in turn, so that what else the machine does falls on both. */
async function compare(laboratory: Laboratory, scenario: Scenario, { runs, document }: StreamOptions) {
  const figures: Record<'colloquy' | 'relay', ScenarioFigures[]> = { colloquy: [], relay: [] };
  for (let run = 0; run < runs; run += 1) {
    figures.relay.push(await runScenario(laboratory, laboratory.relay, scenario, document));
    figures.colloquy.push(await runScenario(laboratory, laboratory.colloquy, scenario, document));
  }
  return { colloquy: medians(figures.colloquy), relay: medians(figures.relay) };
}

/** In a run of its own: being watched costs time. */
async function profile(laboratory: Laboratory, scenario: Scenario, { document }: StreamOptions, folder: string) {
  await mkdir(folder, { recursive: true });
  const watched = async (target: Target) => {
    await target.process.profile();
    const { tokens } = await runScenario(laboratory, target, scenario, document);
    const result = await target.process.profile();
    const file = join(folder, `${target.name.toLowerCase()}-${scenario.turns}x${scenario.rate}.cpuprofile`);
    await writeFile(file, JSON.stringify(result));
    console.log(`\n${formatProfile(result, tokens)}\n${file}`);
  };
  await watched(laboratory.relay);
  await watched(laboratory.colloquy);
}

await runAndClose(main);
