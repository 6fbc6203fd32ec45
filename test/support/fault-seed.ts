import { onTestFailed } from 'vitest';
import { createRandom } from './random.ts';

/** Another one for each run of `npm run test:faults`; always the same otherwise. */
export const FAULT_SEED = Number(process.env.FAULT_SEED ?? 20261126);

/** The chance of a test, which says its seed when it fails. */
export function seededRandom(): () => number {
  onTestFailed(() => console.error(`FAULT_SEED=${FAULT_SEED}`));
  return createRandom(FAULT_SEED);
}
