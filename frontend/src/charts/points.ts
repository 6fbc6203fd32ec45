/** What was measured at a moment, a value for each series; null: nothing is known of it. */
export type Point = { at: number; values: readonly (number | null)[] };

type Known = { at: number; value: number };

/** The runs of a series between its gaps: a value that is not known, or a longer silence than is usual. */
export function runsOf(points: readonly Point[], series: number, maxGapMs: number): readonly (readonly Known[])[] {
  const runs: Known[][] = [];
  let run: Known[] = [];
  for (const { at, values } of points) {
    const value = values[series] ?? null;
    const before = run.at(-1);
    if (before && (value === null || at - before.at > maxGapMs)) {
      runs.push(run);
      run = [];
    }
    if (value !== null) run.push({ at, value });
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

export type SeriesSummary = { least: number; most: number; gaps: number };

/** Null: nothing is known of it. */
export function summaryOf(points: readonly Point[], series: number, maxGapMs: number): SeriesSummary | null {
  const runs = runsOf(points, series, maxGapMs);
  if (runs.length === 0) return null;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const { value } of runs.flat()) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { least, most, gaps: runs.length - 1 };
}
