import type { QueueStats } from '../../ports/job-queue.ts';
import type { MetricSample } from '../../ports/metrics.ts';
import type { CacheStats } from '../../services/cache/cache.ts';
import { actorOf } from '../actor.ts';
import { builder } from '../builder.ts';
import { SystemStats } from './system-stats.ts';
import { UserStats } from './user-stats.ts';

const WorkerStats = builder.objectRef<QueueStats>('WorkerStats').implement({
  description: 'Of the jobs that read files, on all instances. Finished ones count for seven days.',
  fields: (t) => ({
    queued: t.exposeInt('queued', { description: 'Wait, also for another attempt.' }),
    active: t.exposeInt('active'),
    completed: t.exposeInt('completed'),
    failed: t.exposeInt('failed'),
    retried: t.exposeInt('retried', { description: 'Further attempts that were made.' }),
    meanSeconds: t.exposeFloat('meanSeconds', { nullable: true, description: 'That a completed one took.' }),
  }),
});

const CacheStatsType = builder.objectRef<CacheStats>('CacheStats').implement({
  description: 'Of the response cache. Hits and misses are those of all who share it.',
  fields: (t) => ({
    backend: t.exposeString('backend', { description: 'memory or redis.' }),
    enabled: t.exposeBoolean('enabled', { description: 'False also while it cannot be reached.' }),
    entries: t.exposeInt('entries', { nullable: true }),
    hits: t.exposeFloat('hits'),
    misses: t.exposeFloat('misses'),
    hitRate: t.exposeFloat('hitRate', { description: 'Of all that were looked up, 0 to 1.' }),
    bytes: t.exposeFloat('bytes', { nullable: true }),
  }),
});

const MetricSampleType = builder.objectRef<MetricSample>('MetricSample').implement({
  description: 'A figure of the server that answers, as it stands in a line of /metrics.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Of a histogram with _bucket, _sum or _count.' }),
    type: t.exposeString('type', { description: 'counter, gauge or histogram.' }),
    help: t.exposeString('help'),
    labels: t.expose('labels', { type: 'JSON' }),
    value: t.exposeFloat('value'),
  }),
});

const ObservabilitySnapshot = builder.objectRef<object>('ObservabilitySnapshot').implement({
  description: 'How the server is doing. Only for admins.',
  fields: (t) => ({
    metrics: t.field({
      description: 'What is at /metrics.',
      type: [MetricSampleType],
      resolve: (_snapshot, _args, { services }) => services.metricSamples(),
    }),
    worker: t.field({ type: WorkerStats, resolve: (_snapshot, _args, { services }) => services.stats.worker() }),
    cache: t.field({ type: CacheStatsType, resolve: (_snapshot, _args, { services }) => services.cache.stats() }),
  }),
});

const Stats = builder.objectRef<object>('Stats').implement({
  fields: (t) => ({
    user: t.withAuth({ caller: true }).field({
      description: 'Of the viewer.',
      type: UserStats,
      resolve: (_stats, _args, { services, viewer }) => services.usage.of(viewer.userId),
    }),
    system: t.field({
      description: 'Only for admins.',
      type: SystemStats,
      authScopes: { admin: true },
      resolve: (_stats, _args, { services }) => services.system.read(),
    }),
    observability: t.field({
      description: 'Only for admins.',
      type: ObservabilitySnapshot,
      authScopes: { admin: true },
      resolve: () => ({}),
    }),
  }),
});

builder.queryField('stats', (t) => t.field({ type: Stats, authScopes: { caller: true }, resolve: () => ({}) }));

builder.mutationField('flushCache', (t) =>
  t.withAuth({ admin: true }).int({
    description: 'Forgets all cached answers. Returns how many. Only for admins.',
    resolve: (_root, _args, context) => context.services.cache.flush(actorOf(context)),
  }),
);
