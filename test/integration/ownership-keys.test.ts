import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeId } from '../../src/graphql/ids.ts';
import { createKey } from '../support/api-keys.ts';
import { codeOf } from '../support/errors.ts';
import { startTestServer } from '../support/server.ts';

test('an API key is found by admins and by itself', async () => {
  const server = await startTestServer();
  const admin = await server.register('the-admin');
  const user = await server.register();
  const [one, other] = [await createKey(server, admin.token), await createKey(server, admin.token)];
  const find = (id: string, token: string) =>
    server.request('query ($id: ID!) { node(id: $id) { __typename } }', { id }, token);
  const unknown = encodeId('ApiKey', randomUUID());
  for (const token of [admin.token, one.secret])
    expect((await find(one.id, token)).data?.node).toEqual({ __typename: 'ApiKey' });
  for (const token of [user.token, other.secret]) expect(await find(one.id, token)).toEqual(await find(unknown, token));
  for (const field of [
    'deactivateApiKey(id: $id) { id }',
    'deleteApiKey(id: $id)',
    'setApiKeyPrompt(id: $id) { id }',
  ]) {
    const mutation = `mutation ($id: ID!) { ${field} }`;
    for (const token of [user.token, one.secret])
      expect(codeOf(await server.request(mutation, { id: one.id }, token))).toBe('FORBIDDEN');
    expect(codeOf(await server.request(mutation, { id: unknown }, admin.token))).toBe('NOT_FOUND');
  }
});
