import { randomUUID } from 'node:crypto';
import { type Data, PASSWORD } from '../server.ts';
import { type AccessWorld, PULLED, type Things } from './world.ts';

/** How an object of a type is reached. */
export type TypePath = {
  /** Where its fields go. */
  document: (fields: string) => string;
  owned?: true;
  /** Sent with a file to import. */
  withFile?: true;
  variables?: (about: { world: AccessWorld; things: Things }) => Data;
};

const node =
  (type: string, inner = (fields: string) => fields) =>
  (fields: string) =>
    `query ($id: ID!) { node(id: $id) { ... on ${type} { ${inner(fields)} } } }`;
const under = (path: string) => (fields: string) =>
  path.split(' ').reduceRight((inside, name) => `${name} { ${inside} }`, fields);
const query = (path: string) => (fields: string) => `{ ${under(path)(fields)} }`;
const owned = (type: string, thing: keyof Things, path?: string): TypePath => ({
  document: node(type, path === undefined ? undefined : under(path)),
  owned: true,
  variables: ({ things }) => ({ id: things[thing] }),
});
const event = (type: string, thing: 'turn' | 'failedTurn'): TypePath => ({
  document: (fields) => `subscription ($id: ID!) { turn(id: $id) { ... on ${type} { ${fields} } } }`,
  owned: true,
  variables: ({ things }) => ({ id: things[thing] }),
});
const single = (type: string, id: (world: AccessWorld) => string, path?: string): TypePath => ({
  document: node(type, path === undefined ? undefined : under(path)),
  variables: ({ world }) => ({ id: id(world) }),
});
const imported = (inner: (fields: string) => string) => (fields: string) =>
  `mutation ($input: ImportConversationsInput!) { importConversations(input: $input) { ${inner(fields)} } }`;
const list = (name: string, type: string): Record<string, TypePath> => ({
  [`${type}Connection`]: { document: query(`${name}(first:1)`) },
  [`${type}Edge`]: { document: query(`${name}(first:1) edges`) },
});

export const TYPE_PATHS: Record<string, TypePath> = {
  User: single('User', ({ people }) => people.user.id),
  Viewer: { document: query('viewer') },
  AuthPayload: {
    document: (fields) => `mutation ($input: LoginInput!) { login(input: $input) { ${fields} } }`,
    variables: ({ world }) => ({ input: { username: world.people.user.username, password: PASSWORD } }),
  },
  Conversation: owned('Conversation', 'conversation'),
  MessageConnection: owned('Conversation', 'conversation', 'messages'),
  MessageEdge: owned('Conversation', 'conversation', 'messages edges'),
  Message: owned('Message', 'answer'),
  Usage: owned('Message', 'answer', 'usage'),
  Feedback: owned('Message', 'answer', 'feedback'),
  Citation: owned('Message', 'answer', 'citations'),
  Passage: owned('Message', 'answer', 'citations passage'),
  TurnError: owned('Message', 'failedAnswer', 'error'),
  Turn: owned('Turn', 'turn'),
  TurnStarted: event('TurnStarted', 'turn'),
  TurnRetrieved: event('TurnRetrieved', 'turn'),
  TurnReasoning: event('TurnReasoning', 'turn'),
  TurnDelta: event('TurnDelta', 'turn'),
  TurnFinished: event('TurnFinished', 'turn'),
  TurnFailed: event('TurnFailed', 'failedTurn'),
  Collection: owned('Collection', 'collection'),
  File: owned('File', 'file'),
  FileEvent: {
    document: (fields) => `subscription ($id: ID!) { fileProgress(id: $id) { ${fields} } }`,
    owned: true,
    variables: ({ things }) => ({ id: things.file }),
  },
  PageInfo: owned('Conversation', 'conversation', 'messages pageInfo'),
  Health: { document: query('health') },
  ComponentHealth: { document: query('health components') },
  Model: { document: query('models') },
  ProviderStatus: { document: query('providers') },
  ModelFile: { document: query('modelFiles(source:"llama-cpp/hf:owner/repository")') },
  ModelPull: { document: (fields) => `mutation { pullModel(model: "${PULLED}") { ${fields} } }` },
  ModelVersion: single('ModelVersion', ({ ids }) => ids.modelVersion),
  SystemPrompt: single('SystemPrompt', ({ ids }) => ids.systemPrompt),
  SystemPromptRevisionConnection: single('SystemPrompt', ({ ids }) => ids.systemPrompt, 'revisions'),
  SystemPromptRevisionEdge: single('SystemPrompt', ({ ids }) => ids.systemPrompt, 'revisions edges'),
  SystemPromptRevision: single('SystemPrompt', ({ ids }) => ids.systemPrompt, 'revisions edges node'),
  ApiKey: single('ApiKey', ({ keys }) => keys.key.id),
  CreateApiKeyPayload: {
    document: (fields) => `mutation ($name: String!) { createApiKey(input: { clientName: $name }) { ${fields} } }`,
    variables: () => ({ name: randomUUID() }),
  },
  ApiKeyStatus: {
    document: (fields) => `query ($secret: String!) { apiKeyStatus(secret: $secret) { ${fields} } }`,
    variables: ({ world }) => ({ secret: world.keys.key.secret }),
  },
  AuditEvent: single('AuditEvent', ({ ids }) => ids.auditEvent),
  ImportResult: { document: imported((fields) => fields), withFile: true },
  ImportFailure: { document: imported((fields) => `failed { ${fields} }`), withFile: true },
  Stats: { document: query('stats') },
  UserStats: { document: query('stats user') },
  UsageByDay: { document: query('stats user byDay') },
  UsageByModel: { document: query('stats user byModel') },
  SystemStats: { document: query('stats system') },
  ObservabilitySnapshot: { document: query('stats observability') },
  MetricSample: { document: query('stats observability metrics') },
  WorkerStats: { document: query('stats observability worker') },
  CacheStats: { document: query('stats observability cache') },
  ...list('conversations', 'Conversation'),
  ...list('files', 'File'),
  ...list('collections', 'Collection'),
  ...list('modelVersions', 'ModelVersion'),
  ...list('users', 'User'),
  ...list('systemPrompts', 'SystemPrompt'),
  ...list('apiKeys', 'ApiKey'),
  ...list('auditEvents', 'AuditEvent'),
};
