/** Round values from 0 up to where `most` has room: three or four steps of 1, 2 or 5 times a power of ten. */
export function ticksUpTo(most: number, isWhole = false): readonly number[] {
  const rough = (most > 0 ? most : 1) / 3;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const round = (FACTORS.find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  const step = isWhole ? Math.max(1, round) : round;
  const steps = Math.max(1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: steps + 1 }, (_, index) => index * step);
}

const FACTORS = [1, 2, 5, 10];

/** The full multiples of `step` from one moment to another. */
export function timesBetween(from: number, to: number, step: number): readonly number[] {
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

/** The place of the value that is nearest, in an ascending list; -1: it is empty. */
export function nearestIndex(values: readonly number[], wanted: number): number {
  let nearest = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (const [index, value] of values.entries()) {
    const own = Math.abs(value - wanted);
    if (own < distance) [nearest, distance] = [index, own];
  }
  return nearest;
}
