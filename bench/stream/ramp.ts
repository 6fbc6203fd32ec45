import { number } from '../support/table.ts';
import type { Laboratory, Target } from './laboratory.ts';
import { runScenario, type ScenarioFigures } from './scenario.ts';

export type RampStep = ScenarioFigures & { offered: number; delivered: number };

const TURNS = 100;
/** Tokens per second of each turn. */
const RATES = [40, 80, 150, 250, 400, 600, 1_000, 1_600];
const SECONDS = 4;
const RAMP_MS = 500;
/** A lag that a reader takes for a stop. */
const TOLERABLE_LAG_MS = 1_000;
/** Of a core: above it, it is the one that bends. */
const FULL = 0.95;

export type Ramp = { steps: RampStep[]; highest: RampStep | null };

/** A hundred turns at rising rates, until the lag's p99 passes a second. */
export async function climb(laboratory: Laboratory, target: Target, document: string): Promise<Ramp> {
  const steps: RampStep[] = [];
  for (const rate of RATES) {
    const scenario = { turns: TURNS, rate, tokens: rate * SECONDS, rampMs: RAMP_MS };
    const figures = await runScenario(laboratory, target, scenario, document).catch((error: unknown) => {
      console.error(`${target.name} at ${number(rate * TURNS)} tokens/s: ${String(error)}`);
      return null;
    });
    if (!figures) break;
    steps.push({ ...figures, offered: rate * TURNS, delivered: figures.tokens / figures.seconds });
    if (figures.lagP99 > TOLERABLE_LAG_MS) break;
  }
  const passed = steps.filter((step) => step.lagP99 <= TOLERABLE_LAG_MS);
  const highest = passed.reduce<RampStep | null>(
    (best, step) => (best && best.delivered >= step.delivered ? best : step),
    null,
  );
  return { steps, highest };
}

/** Which core was full at a step. */
export function whatBends({ serverShare, otherCoreBusy, upstreamShare, clientsShare }: RampStep): string {
  if (serverShare >= FULL) return 'the server';
  if (otherCoreBusy >= FULL || upstreamShare + clientsShare >= FULL) return 'upstream and clients';
  return 'nobody';
}
