const WINDOW_MS = 5_000;
const MOST_POINTS = 200;

/** Bytes per second of the last few seconds, told at every step how many there are. Null: it is too early to say. */
export function createTransferRate(clock: () => number) {
  let points: { at: number; bytes: number }[] = [];
  return (bytes: number): number | null => {
    const at = clock();
    points = [...points.filter((point) => at - point.at <= WINDOW_MS), { at, bytes }].slice(-MOST_POINTS);
    const [first] = points;
    if (!first || at - first.at < 1) return null;
    return Math.max(0, ((bytes - first.bytes) / (at - first.at)) * 1_000);
  };
}
