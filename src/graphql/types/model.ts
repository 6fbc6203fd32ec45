import type { ProviderName } from '../../ports/language-model.ts';
import type { CatalogueModel, ProviderStatus } from '../../services/models/models.ts';
import { builder } from '../builder.ts';
import { HealthState } from './health.ts';

export const Provider = builder.enumType('Provider', {
  description: 'In model ids: ollama (alias local), openai, aihub (alias corporate), llama-cpp, builtin.',
  values: {
    OLLAMA: { value: 'ollama' },
    OPENAI: { value: 'openai' },
    AIHUB: { value: 'aihub' },
    LLAMA_CPP: { value: 'llama-cpp' },
    BUILTIN: { value: 'builtin' },
  } satisfies Record<string, { value: ProviderName }>,
});

const Model = builder.objectRef<CatalogueModel>('Model').implement({
  fields: (t) => ({
    id: t.exposeString('id', { description: 'provider/name, as a turn asks for it.' }),
    provider: t.expose('provider', { type: Provider }),
    name: t.exposeString('name'),
    contextWindow: t.exposeInt('contextWindow', { nullable: true, description: 'In tokens.' }),
    sizeBytes: t.exposeFloat('sizeBytes', { nullable: true }),
    quantization: t.exposeString('quantization', { nullable: true }),
    embedding: t.exposeBoolean('embedding', { description: 'It makes vectors and cannot chat.' }),
    isDefault: t.exposeBoolean('isDefault', { description: 'It answers where no model is named.' }),
  }),
});

const ProviderStatusType = builder.objectRef<ProviderStatus>('ProviderStatus').implement({
  fields: (t) => ({
    provider: t.expose('provider', { type: Provider }),
    state: t.expose('state', { type: HealthState, description: 'DISABLED: not configured.' }),
    latencyMs: t.exposeInt('latencyMs', { nullable: true }),
    message: t.exposeString('message', { nullable: true, description: 'Why it is not OK, or how to configure it.' }),
    modelCount: t.exposeInt('modelCount'),
    breakerOpen: t.exposeBoolean('breakerOpen', { description: 'Calls are refused for a moment after many failures.' }),
    activeTurns: t.int({
      description: 'Answers that it is making for this server.',
      resolve: ({ load }) => load.active,
    }),
    waitingTurns: t.int({
      description: 'Answers that wait for one of these to end.',
      resolve: ({ load }) => load.waiting,
    }),
    longestWaitMs: t.int({
      description: 'How long the first of those has waited.',
      resolve: ({ load }) => load.longestWaitMs,
    }),
  }),
});

builder.queryFields((t) => ({
  models: t.field({
    authScopes: { caller: true },
    description: 'A provider that cannot be reached has none; providers says why.',
    type: [Model],
    args: { provider: t.arg({ type: Provider }) },
    resolve: (_root, { provider }, { services }) => services.models.list(provider),
  }),
  providers: t.field({
    authScopes: { caller: true },
    type: [ProviderStatusType],
    resolve: (_root, _args, { services }) => services.models.statuses(),
  }),
}));
