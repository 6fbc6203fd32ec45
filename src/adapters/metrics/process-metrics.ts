import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/**
 * What the process uses: CPU, memory, event loop, garbage collection. It is one for all servers of the process (tests
 * have several), since what observes it cannot be ended again. Begun by the first who asks.
 */
export function processMetrics(): Registry {
  if (!registry) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
