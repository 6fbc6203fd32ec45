import { quantile, sorted } from '../support/statistics.ts';

export type LoadFigures = { calls: number; perSecond: number; p50: number; p99: number };

/** Several callers, each of which calls again as soon as it is answered, for so long. Times in milliseconds. */
export async function load(
  call: () => Promise<unknown>,
  { callers, durationMs }: { callers: number; durationMs: number },
): Promise<LoadFigures> {
  const times: number[] = [];
  const begun = performance.now();
  const end = begun + durationMs;
  const caller = async () => {
    for (let from = performance.now(); from < end; ) {
      await call();
      const to = performance.now();
      times.push(to - from);
      from = to;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const ordered = sorted(times);
  const perSecond = (times.length / (performance.now() - begun)) * 1000;
  return { calls: times.length, perSecond, p50: quantile(ordered, 0.5), p99: quantile(ordered, 0.99) };
}
