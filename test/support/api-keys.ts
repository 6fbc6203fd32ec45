import { randomUUID } from 'node:crypto';
import type { Data, TestServer } from './server.ts';

export const KEY_FIELDS = `id prefix clientName notes active requestsPerMinute tokensPerDay tokensUsedToday expiresAt lastUsedAt
  createdAt collection { id name } systemPrompt { id name }`;

export const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { secret apiKey { ${KEY_FIELDS} } }
}`;

export type TestKey = { secret: string; id: string; apiKey: Data };

/** A key of a client with a name of its own, unless the input says another one. */
export async function createKey(
  server: Pick<TestServer, 'data'>,
  adminToken: string,
  input: object = {},
): Promise<TestKey> {
  const variables = { input: { clientName: `client-${randomUUID()}`, ...input } };
  const { secret, apiKey } = (await server.data(CREATE_KEY, variables, adminToken)).createApiKey;
  return { secret, id: apiKey.id, apiKey };
}
