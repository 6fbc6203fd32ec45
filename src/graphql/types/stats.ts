import type { QueueStats } from '../../ports/job-queue.ts';
import type { CacheStats } from '../../services/cache/cache.ts';
import { actorOf } from '../actor.ts';
import { builder } from '../builder.ts';

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

const ObservabilitySnapshot = builder.objectRef<object>('ObservabilitySnapshot').implement({
  description: 'How the server is doing. Only for admins.',
  fields: (t) => ({
    worker: t.field({ type: WorkerStats, resolve: (_snapshot, _args, { services }) => services.stats.worker() }),
    cache: t.field({ type: CacheStatsType, resolve: (_snapshot, _args, { services }) => services.cache.stats() }),
  }),
});

const Stats = builder.objectRef<object>('Stats').implement({
  fields: (t) => ({
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
