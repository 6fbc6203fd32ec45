/** `hold`: the longest time that the event loop was held, in milliseconds. */
export type Cost = { seconds: number /** Seconds as well. */; cpu: number; hold: number };

export type Timed<Result> = Cost & { result: Result };

/** Of everything in this process, which the embedded database is in. */
export async function timed<Result>(work: () => Promise<Result>): Promise<Timed<Result>> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  let last = start;
  let hold = 0;
  const beat = setInterval(() => {
    const now = performance.now();
    hold = Math.max(hold, now - last - 1);
    last = now;
  }, 1);
  try {
    const result = await work();
    const used = process.cpuUsage(cpu);
    return { result, seconds: (performance.now() - start) / 1_000, cpu: (used.user + used.system) / 1e6, hold };
  } finally {
    clearInterval(beat);
  }
}
