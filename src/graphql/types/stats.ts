import type { QueueStats } from '../../ports/job-queue.ts';
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

const ObservabilitySnapshot = builder.objectRef<object>('ObservabilitySnapshot').implement({
  description: 'How the server is doing. Only for admins.',
  fields: (t) => ({
    worker: t.field({ type: WorkerStats, resolve: (_snapshot, _args, { services }) => services.stats.worker() }),
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

builder.queryField('stats', (t) => t.field({ type: Stats, resolve: () => ({}) }));
