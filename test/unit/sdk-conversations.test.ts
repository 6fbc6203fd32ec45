import { createClient } from '@colloquy/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { createFakeGraph, type FakeGraphOptions, refusal } from '../support/fake-graph.ts';

function start(options: FakeGraphOptions) {
  const graph = createFakeGraph(options);
  const { url, fetch, webSocket } = graph;
  const client = createClient({ url, fetch, webSocket, token: 'token', delay: async () => {} });
  onTestFinished(() => client.dispose());
  return { graph, client };
}

test('newestLeaf leads to the end of a branch; nothing where there is no such message', async () => {
  const { graph, client } = start({
    answers: {
      NewestLeaf({ variables: { messageId } }) {
        if (messageId === 'broken') return refusal('BAD_USER_INPUT');
        if (messageId === 'gone') return { node: null };
        // What is no message has no leaf.
        return { node: messageId === 'conversation' ? {} : { newestLeaf: { id: 'leaf' } } };
      },
    },
  });
  expect(await client.newestLeaf('message')).toBe('leaf');
  expect(await client.newestLeaf('gone')).toBe(null);
  expect(await client.newestLeaf('conversation')).toBe(null);
  await expect(client.newestLeaf('broken')).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(graph.requests[0]?.variables).toEqual({ messageId: 'message' });
});

test('conversationDeleted tells ids, goes on after a lost connection and says that there was a gap', async () => {
  let sockets = 0;
  const { graph, client } = start({
    subscribe(request) {
      sockets += 1;
      request.next({ conversationDeleted: `conversation-${sockets}` });
      // A server that goes down completes its subscriptions first.
      if (sockets === 1) request.complete();
      else if (sockets === 2) request.close(1006);
    },
  });
  let gaps = 0;
  const deleted: string[] = [];
  const onReconnect = () => {
    gaps += 1;
  };
  for await (const id of client.conversationDeleted({ onReconnect })) if (deleted.push(id) === 3) break;
  expect(deleted).toEqual(['conversation-1', 'conversation-2', 'conversation-3']);
  expect(gaps).toBe(2);
  expect(graph.named('ConversationDeleted')).toHaveLength(3);
});

test('an aborted signal ends conversationDeleted quietly', async () => {
  const controller = new AbortController();
  const { client } = start({ subscribe: (request) => request.next({ conversationDeleted: 'conversation-1' }) });
  const deleted: string[] = [];
  for await (const id of client.conversationDeleted({ signal: controller.signal })) {
    deleted.push(id);
    controller.abort();
  }
  expect(deleted).toEqual(['conversation-1']);
});
