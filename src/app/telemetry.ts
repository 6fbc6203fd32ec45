import cluster from 'node:cluster';
import type { Database } from '../adapters/db/open-database.ts';
import { createMetrics } from '../adapters/metrics/metrics.ts';
import type { OwnerKind } from '../generated/prisma/client.ts';
import type { Services } from '../graphql/context.ts';
import type { Reading, ReadMetric } from '../ports/metrics.ts';
import type { Models, ProviderStatus } from '../services/models/models.ts';
import { createProcessFigures } from '../services/stats/process-figures.ts';
import { createSystem } from '../services/stats/system.ts';
import { createTotals } from '../services/stats/totals.ts';
import { createTurnMetrics } from '../services/stats/turn-metrics.ts';
import { createMetricsHandler } from '../transport/metrics.ts';
import { createOperationMetrics } from '../transport/operation-metrics.ts';
import { createRequestMetrics } from '../transport/request-metrics.ts';
import { delay } from '../util/delay.ts';

export type TelemetryDependencies = {
  database: Database;
  /** Opens /metrics to other machines. */
  token: string | undefined;
};

/** What the figures are read from, once it is there. */
export type TelemetrySources = {
  load: () => { sockets: number; runningTurns: number };
  services: Pick<Services, 'stats' | 'cache' | 'models'>;
};

const gauge = (name: string, help: string, labels: string[] = []): ReadMetric => ({
  type: 'gauge',
  name,
  help,
  labels,
});
const counter = (name: string, help: string): ReadMetric => ({ type: 'counter', name, help, labels: [] });
const one = (value: number): Reading[] => [{ value }];
const some = (value: number | null): { value: number }[] => (value === null ? [] : [{ value }]);

export type Telemetry = ReturnType<typeof createTelemetry>;

/** The figures of this server: counted where it happens, else read when somebody asks. */
export function createTelemetry({ database, token }: TelemetryDependencies) {
  const { worker } = cluster;
  // Of several behind one port each has figures of its own, and a scrape gets those of one of them.
  const metrics = createMetrics({ labels: worker ? { worker: String(worker.id) } : {} });
  const operations = createOperationMetrics(metrics);
  const figures = createProcessFigures();
  const totals = createTotals({ sql: database.sql, vacuum: database.engine === 'pglite' });
  const refusals = metrics.counter({
    name: 'rate_limit_refusals_total',
    help: 'What was refused because there was too much of it.',
    labels: ['limit'],
  });
  const system = createSystem({
    totals,
    countOwners: async () => {
      const rows = await database.prisma.user.groupBy({ by: ['kind'], _count: true });
      const count = (kind: OwnerKind) => rows.find((row) => row.kind === kind)?._count ?? 0;
      return { users: count('PERSON'), apiKeys: count('KEY') };
    },
    processFigures: figures.read,
    activeSubscriptions: () => [...operations.openCounts().values()].reduce((sum, count) => sum + count, 0),
    clock: () => performance.now(),
    delay,
  });

  /** Each by itself: what cannot be reached takes only its own figures away. */
  function connect({ load, services }: TelemetrySources): void {
    metrics.source(
      {
        turns: gauge('active_turns', 'Answers that this server makes.'),
        sockets: gauge('open_sockets', 'WebSockets that are open.'),
        subscriptions: gauge('active_subscriptions', 'Subscriptions that are open, by their field.', ['field']),
        total: gauge('database_connections', 'Connections to PostgreSQL.', ['state']),
        waiting: gauge('database_waiting', 'Statements that wait for a connection to PostgreSQL.'),
      },
      () => {
        const { sockets, runningTurns } = load();
        const pool = database.pool();
        return {
          turns: one(runningTurns),
          sockets: one(sockets),
          subscriptions: [...operations.openCounts()].map(([field, value]) => ({ labels: { field }, value })),
          ...(pool && {
            total: [
              { labels: { state: 'idle' }, value: pool.idle },
              { labels: { state: 'used' }, value: pool.total - pool.idle },
            ],
            waiting: one(pool.waiting),
          }),
        };
      },
    );
    metrics.source(
      {
        jobs: gauge('worker_jobs', 'Jobs that read files, on all servers; those that are over for seven days.', [
          'state',
        ]),
        retried: gauge('worker_retries', 'Further attempts of these jobs.'),
        meanSeconds: gauge('worker_job_mean_seconds', 'What a completed one took.'),
      },
      async () => {
        const { retried, meanSeconds, ...states } = await services.stats.worker();
        const jobs = (['queued', 'active', 'completed', 'failed'] as const).map((state) => ({
          labels: { state },
          value: states[state],
        }));
        return { jobs, retried: one(retried), meanSeconds: some(meanSeconds) };
      },
    );
    metrics.source(
      {
        hits: counter('cache_hits_total', 'Answers that came from the cache, of all who share it.'),
        misses: counter('cache_misses_total', 'Answers that were looked for in the cache and not there.'),
        entries: gauge('cache_entries', 'Answers in the cache.'),
        bytes: gauge('cache_bytes', 'What they take.'),
      },
      async () => {
        const { hits, misses, entries, bytes } = await services.cache.stats();
        if (entries === null) return {};
        return { hits: one(hits), misses: one(misses), entries: one(entries), bytes: some(bytes) };
      },
    );
    metrics.source(
      {
        up: gauge('provider_up', '1: the provider of models answers.', ['provider']),
        breaker: gauge('provider_breaker_open', '1: it failed again and again, and is not asked for a moment.', [
          'provider',
        ]),
        active: gauge('provider_active', 'Answers that it makes.', ['provider']),
        waiting: gauge('provider_waiting', 'Answers that wait for a place at it.', ['provider']),
        longestWait: gauge('provider_longest_wait_ms', 'How long the first of them has waited.', ['provider']),
      },
      async () => {
        const used = (await services.models.statuses()).filter(({ state }) => state !== 'DISABLED');
        const each = (value: (status: ProviderStatus) => number | boolean) =>
          used.map((status) => ({ labels: { provider: status.provider }, value: Number(value(status)) }));
        return {
          up: each(({ state }) => state !== 'DOWN'),
          breaker: each(({ breakerOpen }) => breakerOpen),
          active: each(({ load }) => load.active),
          waiting: each(({ load }) => load.waiting),
          longestWait: each(({ load }) => load.longestWaitMs),
        };
      },
    );
  }

  return {
    operations,
    refusedDocument: operations.refused,
    http: { measure: createRequestMetrics(metrics), metrics: createMetricsHandler({ metrics, token }) },
    turnMetrics: (models: Pick<Models, 'isKnown'>) => createTurnMetrics({ metrics, isKnown: models.isKnown }),
    /** Something was refused by the limit of this name. */
    refused: (limit: string) => refusals.add({ limit }),
    services: { system, metricSamples: metrics.samples },
    connect,
    housekeeping: totals.fold,
    dispose: figures.dispose,
  };
}
