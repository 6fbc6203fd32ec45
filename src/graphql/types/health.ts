import type { ComponentHealth, HealthReport } from '../../services/health/health.ts';
import { builder } from '../builder.ts';

export const HealthState = builder.enumType('HealthState', { values: ['OK', 'DEGRADED', 'DOWN', 'DISABLED'] as const });

const ComponentHealthType = builder.objectRef<ComponentHealth>('ComponentHealth').implement({
  description: 'One of: server, database, cache, chroma, llm, worker.',
  fields: (t) => ({
    name: t.exposeString('name'),
    status: t.expose('status', { type: HealthState }),
    latencyMs: t.exposeInt('latencyMs', { nullable: true }),
    message: t.exposeString('message', { nullable: true }),
  }),
});

const Health = builder.objectRef<HealthReport>('Health').implement({
  fields: (t) => ({
    status: t.expose('status', {
      type: HealthState,
      description: 'DOWN when the database is, else DEGRADED when a part is.',
    }),
    version: t.exposeString('version'),
    uptimeSeconds: t.exposeFloat('uptimeSeconds'),
    components: t.expose('components', { type: [ComponentHealthType] }),
  }),
});

builder.queryField('health', (t) =>
  t.field({
    description: 'Open to all.',
    type: Health,
    skipTypeScopes: true,
    resolve: (_root, _args, { services }) => services.health.report(),
  }),
);
