import { z } from 'zod';
import type { SystemStats as SystemFigures } from '../../services/stats/system.ts';
import { builder } from '../builder.ts';

export const SystemStats = builder.objectRef<SystemFigures>('SystemStats').implement({
  description: 'How much there is, and how the server that answers is doing.',
  fields: (t) => ({
    users: t.exposeInt('users'),
    apiKeys: t.exposeInt('apiKeys'),
    conversations: t.exposeInt('conversations'),
    messages: t.exposeInt('messages', { description: 'On all branches.' }),
    files: t.exposeInt('files'),
    chunks: t.exposeInt('chunks', { description: 'Passages of files that can be found.' }),
    activeTurns: t.exposeInt('activeTurns', { description: 'Answers that are being made, on all servers.' }),
    activeSubscriptions: t.exposeInt('activeSubscriptions', { description: 'On this server.' }),
    cpuPercent: t.exposeFloat('cpuPercent', {
      description: 'Of one core, over the last seconds: 150 are one and a half.',
    }),
    residentBytes: t.exposeFloat('residentBytes', { description: 'Memory of this server.' }),
    eventLoopLagMs: t.exposeFloat('eventLoopLagMs', {
      description: 'The longest that this server was held up, over the last seconds.',
    }),
    instances: t.exposeInt('instances', { description: 'Servers that share the database.' }),
  }),
});

builder.subscriptionField('systemStats', (t) =>
  t.withAuth({ admin: true }).field({
    description: 'As stats.system: now, and then again and again. Only for admins.',
    type: SystemStats,
    args: {
      everySeconds: t.arg.int({
        defaultValue: 2,
        validate: z.number().int().min(1, 'At least 1 second.').max(60, 'At most 60 seconds.').nullish(),
      }),
    },
    subscribe: (_root, { everySeconds }, { services, signal }) => services.system.watch(everySeconds ?? 2, signal),
    resolve: (stats) => stats as SystemFigures,
  }),
);
