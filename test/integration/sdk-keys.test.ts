import { createClient } from '@colloquy/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createKey, type TestKey } from '../support/api-keys.ts';
import { startTestServer, type TestServer, type TestUser } from '../support/server.ts';
import { someText } from '../support/uploads.ts';

let server: TestServer;
let admin: TestUser;
let key: TestKey;

beforeAll(async () => {
  server = await startTestServer({ shared: true, environment: { WORKER_ENABLED: 'false' } });
  admin = await server.register('the-admin');
  const made = await server.data('mutation { createCollection(name: "bound") { id } }', {}, admin.token);
  key = await createKey(server, admin.token, { collectionId: made.createCollection.id });
});
afterAll(() => server.close());

test.each(['ws', 'sse'] as const)('a client with an API key chats over %s', async (transport) => {
  const client = createClient({ url: server.url, apiKey: key.secret, transport, webSocket: WebSocket });
  const events = [];
  for await (const event of client.chat({ text: 'hello' })) events.push(event.__typename);
  expect(events.at(-1)).toBe('TurnFinished');
  expect(await client.viewer()).toMatchObject({ user: null, apiKey: { id: key.id, prefix: key.secret.slice(0, 12) } });
  client.dispose();
});

test('it sends and fetches files', async () => {
  const client = createClient({ url: server.url, apiKey: key.secret });
  const text = someText();
  const file = await client.uploadFile(new Blob([text]), { name: 'notes.txt' });
  expect(file.collection?.name).toBe('bound');
  expect(await (await client.downloadFile(file)).text()).toBe(text);
  client.dispose();
});

test('it is told when its key has ended, and does not try again', async () => {
  const { secret, id } = await createKey(server, admin.token);
  const client = createClient({ url: server.url, apiKey: secret, webSocket: WebSocket });
  const changes = client.conversationChanged();
  const next = changes.next().catch((error: unknown) => error);
  await expect.poll(() => server.app.load().sockets).toBe(1);
  await server.data('mutation ($id: ID!) { deactivateApiKey(id: $id) { id } }', { id }, admin.token);
  expect(await next).toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(client.conversations()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  client.dispose();
});
