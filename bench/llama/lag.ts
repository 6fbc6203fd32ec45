// Loaded with `--import` into the server: tells how late its event loop has been since it was asked before.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();

process.on('message', ({ probe, id }: { probe?: string; id: number }) => {
  if (probe !== 'lag') return;
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  process.send?.({
    id,
    answer: { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) },
  });
  delays.reset();
});
