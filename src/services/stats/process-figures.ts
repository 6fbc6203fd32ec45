import { monitorEventLoopDelay } from 'node:perf_hooks';

export type ProcessFigures = {
  /** Of one core: 150 are one and a half. */
  cpuPercent: number;
  residentBytes: number;
  /** The longest that the event loop was held up. */
  eventLoopLagMs: number;
};

type Mark = { at: number; cpuMs: number; delays: ReturnType<typeof monitorEventLoopDelay> };

const WINDOW_MS = 2_000;
const RESOLUTION_MS = 20;
const NANOSECONDS = 1_000_000;

/** What this process uses, over the last two to four seconds: the same whoever asks, and how often. */
export function createProcessFigures() {
  // A histogram misses what follows on its beginning: each of the two is asked while it is the older one.
  let [older, newer] = [begin(), begin()];
  const timer = setInterval(() => {
    older.delays.disable();
    older = newer;
    newer = begin();
  }, WINDOW_MS);
  timer.unref();

  return {
    read(): ProcessFigures {
      const { at, cpuMs, delays } = older;
      const elapsed = Math.max(performance.now() - at, 1);
      const longest = delays.count > 0 ? delays.max / NANOSECONDS - RESOLUTION_MS : 0;
      return {
        cpuPercent: rounded((100 * (usedMs() - cpuMs)) / elapsed),
        residentBytes: process.memoryUsage.rss(),
        eventLoopLagMs: rounded(Math.max(0, longest)),
      };
    },
    dispose(): void {
      clearInterval(timer);
      for (const { delays } of [older, newer]) delays.disable();
    },
  };
}

function begin(): Mark {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  return { at: performance.now(), cpuMs: usedMs(), delays };
}

function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
