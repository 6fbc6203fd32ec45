import { createMemoryBus } from '../../src/adapters/bus/memory-bus.ts';
import { createMemoryEventLog } from '../../src/adapters/events/memory-event-log.ts';
import { describeBus } from './bus.ts';
import { describeEventLog } from './event-log.ts';

describeEventLog('in memory', () => createMemoryEventLog());

describeBus('in memory', async () => {
  const bus = createMemoryBus();
  return { here: bus, there: bus };
});
