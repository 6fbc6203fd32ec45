import type { Delay } from '../../util/delay.ts';
import type { ProcessFigures } from './process-figures.ts';
import { createSharedReadings } from './shared-readings.ts';
import type { createTotals, Totals } from './totals.ts';

export type SystemStats = Totals &
  ProcessFigures & {
    users: number;
    apiKeys: number;
    /** On all instances. */
    activeTurns: number;
    /** On this one. */
    activeSubscriptions: number;
    instances: number;
  };

export type SystemDependencies = {
  totals: Pick<ReturnType<typeof createTotals>, 'read'>;
  countOwners: () => Promise<{ users: number; apiKeys: number }>;
  processFigures: () => ProcessFigures;
  activeSubscriptions: () => number;
  clock: () => number;
  delay: Delay;
};

export type System = ReturnType<typeof createSystem>;

/** How much there is, and how this server is doing. */
export function createSystem(deps: SystemDependencies) {
  async function read(): Promise<SystemStats> {
    const [{ rows: _rows, ...totals }, owners] = await Promise.all([deps.totals.read(), deps.countOwners()]);
    return { ...totals, ...owners, activeSubscriptions: deps.activeSubscriptions(), ...deps.processFigures() };
  }
  const { watch } = createSharedReadings({ read, clock: deps.clock, delay: deps.delay });
  return {
    read,
    /** Now, and then every so many seconds. However many watch, one reads. */
    watch,
  };
}
