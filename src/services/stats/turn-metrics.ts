import type { FinalStatus, TurnUsage } from '../../ports/event-log.ts';
import type { Metrics } from '../../ports/metrics.ts';

export type TurnMetricsDependencies = {
  metrics: Metrics;
  /** Whether there is such a model: clients may ask for any name. */
  isKnown: (model: string) => boolean;
};

export type TurnMetrics = ReturnType<typeof createTurnMetrics>;

const MOST_MODELS = 100;
/** Of models that nobody knows, and beyond so many. */
const OTHER = 'other';
const LATENCIES_MS = [10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000];

/** Counts the turns that end here. Once for each: nothing for a token. */
export function createTurnMetrics({ metrics, isKnown }: TurnMetricsDependencies) {
  const turns = metrics.counter({
    name: 'turns_total',
    help: 'Turns that have ended.',
    labels: ['status', 'model', 'cached'],
  });
  const tokens = metrics.counter({
    name: 'tokens_total',
    help: 'Tokens of answers that a model made.',
    labels: ['model', 'kind'],
  });
  const firstToken = metrics.histogram({
    name: 'first_token_ms',
    help: 'From the start of a turn to the first token of its model.',
    labels: ['model'],
    buckets: LATENCIES_MS,
  });
  const duration = metrics.histogram({
    name: 'turn_duration_ms',
    help: 'From the start of a turn to its end, where a model made the answer.',
    labels: ['model'],
    buckets: LATENCIES_MS,
  });
  const models = new Set<string>();

  function labelOf(model: string): string {
    if (models.has(model)) return model;
    if (models.size >= MOST_MODELS || !isKnown(model)) return OTHER;
    models.add(model);
    return model;
  }

  return {
    ended(id: string, status: FinalStatus, usage: TurnUsage): void {
      const model = labelOf(id);
      turns.add({ status: status.toLowerCase(), model, cached: String(usage.cached) });
      if (usage.cached) return;
      // A provider that is down has taken none.
      if (status === 'COMPLETE' || usage.completionTokens > 0) {
        tokens.add({ model, kind: 'prompt' }, usage.promptTokens);
        tokens.add({ model, kind: 'completion' }, usage.completionTokens);
      }
      if (usage.firstTokenMs !== null) firstToken.observe({ model }, usage.firstTokenMs);
      duration.observe({ model }, usage.durationMs);
    },
    /** Those of a server that is gone. */
    closed(count: number): void {
      turns.add({ status: 'interrupted', model: OTHER, cached: 'false' }, count);
    },
  };
}
