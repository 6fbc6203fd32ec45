import type { ObservabilityQuery } from '@colloquy/sdk';

type Snapshot = ObservabilityQuery['stats']['observability'];
type Sample = Snapshot['metrics'][number];

/** What a process has counted since it was started. */
export type Counters = {
  /** Tells one process from another, also from the one that was there before a restart. */
  process: string;
  turns: number;
  failed: number;
  promptTokens: number;
  completionTokens: number;
  hits: number;
  misses: number;
  firstTokens: Histogram;
};

/** `buckets`: how many were at most so long, in milliseconds. */
export type Histogram = { sum: number; count: number; buckets: ReadonlyMap<number, number> };

const FAILURES = new Set(['failed', 'interrupted']);

export function countersOf({ metrics, cache }: Snapshot): Counters {
  const total = (name: string, counts: (labels: Record<string, unknown>) => boolean = () => true) =>
    metrics.reduce((sum, sample) => (sample.name === name && counts(labelsOf(sample)) ? sum + sample.value : sum), 0);
  const buckets = new Map<number, number>();
  for (const sample of metrics) {
    if (sample.name !== 'first_token_ms_bucket') continue;
    const most = limitOf(labelsOf(sample).le);
    buckets.set(most, (buckets.get(most) ?? 0) + sample.value);
  }
  const started = metrics.find(({ name }) => name === 'process_start_time_seconds');
  return {
    process: started ? `${labelsOf(started).worker ?? ''}@${started.value}` : '',
    turns: total('turns_total'),
    failed: total('turns_total', ({ status }) => FAILURES.has(String(status))),
    promptTokens: total('tokens_total', ({ kind }) => kind === 'prompt'),
    completionTokens: total('tokens_total', ({ kind }) => kind === 'completion'),
    hits: cache.hits,
    misses: cache.misses,
    firstTokens: { sum: total('first_token_ms_sum'), count: total('first_token_ms_count'), buckets },
  };
}

export type Increase = Omit<Counters, 'process'>;

/** What was counted from one reading to a later one of the same process; null: it has begun again in between. */
export function increaseOf(before: Counters, after: Counters): Increase | null {
  if (before.process !== after.process || NUMBERS.some((name) => after[name] < before[name])) return null;
  const was = before.firstTokens;
  const is = after.firstTokens;
  if (is.count < was.count) return null;
  return {
    turns: after.turns - before.turns,
    failed: after.failed - before.failed,
    promptTokens: after.promptTokens - before.promptTokens,
    completionTokens: after.completionTokens - before.completionTokens,
    hits: after.hits - before.hits,
    misses: after.misses - before.misses,
    firstTokens: {
      sum: is.sum - was.sum,
      count: is.count - was.count,
      buckets: new Map([...is.buckets].map(([most, count]) => [most, count - (was.buckets.get(most) ?? 0)])),
    },
  };
}

/** All of several increases. */
export function sumOf(increases: readonly Increase[]): Increase {
  const buckets = new Map<number, number>();
  for (const { firstTokens } of increases) {
    for (const [most, count] of firstTokens.buckets) buckets.set(most, (buckets.get(most) ?? 0) + count);
  }
  const total = (amount: (increase: Increase) => number) => increases.reduce((sum, one) => sum + amount(one), 0);
  return {
    turns: total(({ turns }) => turns),
    failed: total(({ failed }) => failed),
    promptTokens: total(({ promptTokens }) => promptTokens),
    completionTokens: total(({ completionTokens }) => completionTokens),
    hits: total(({ hits }) => hits),
    misses: total(({ misses }) => misses),
    firstTokens: {
      sum: total(({ firstTokens }) => firstTokens.sum),
      count: total(({ firstTokens }) => firstTokens.count),
      buckets,
    },
  };
}

/** Null: there is none. */
export const meanOf = ({ sum, count }: Histogram): number | null => (count === 0 ? null : sum / count);

/**
 * The value that a part (0 to 1) is not above, as Prometheus takes it: straight through the bucket where it lies. What
 * is above the last bucket is as high as that. Null: there is none.
 */
export function quantileOf({ count, buckets }: Histogram, part: number): number | null {
  if (count === 0) return null;
  const wanted = part * count;
  let low = 0;
  let below = 0;
  for (const [most, upTo] of [...buckets].sort(([one], [other]) => one - other)) {
    if (upTo >= wanted && upTo > below) {
      return Number.isFinite(most) ? low + (most - low) * ((wanted - below) / (upTo - below)) : low;
    }
    if (Number.isFinite(most)) low = most;
    below = upTo;
  }
  return low;
}

const NUMBERS = ['turns', 'failed', 'promptTokens', 'completionTokens', 'hits', 'misses'] as const;

const labelsOf = ({ labels }: Sample): Record<string, unknown> => Object(labels);

const limitOf = (label: unknown): number => (label === '+Inf' ? Number.POSITIVE_INFINITY : Number(label));
