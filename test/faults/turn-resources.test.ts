import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { startTestServer } from '../support/server.ts';
import { lorem } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND, TURN, watchToEnd } from '../support/turns.ts';

/** A bare socket in the graphql-transport-ws protocol, whose reading can be paused. */
async function openSocket(url: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(url, 'graphql-transport-ws');
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await once(socket, 'message');
  return socket;
}

describe('a watcher that does not keep up', () => {
  it('gets what it missed joined, and costs neither the turn nor the others anything', async () => {
    const tokens = lorem(60_000);
    const upstream = await startScriptedUpstream({ plans: { flood: { tokens, tokensPerWrite: 50 } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url });
    const user = await server.register();
    const { sendMessage } = await server.data(SEND, { input: chatInput('flood') }, user.token);

    const slow = await openSocket(server.socketUrl, user.token);
    const frames: {
      payload?: { data: { turn: { __typename: string; text?: string; cursor: number } } };
      type: string;
    }[] = [];
    slow.on('message', (data) => frames.push(JSON.parse(data.toString())));
    slow.pause();
    slow.send(
      JSON.stringify({ id: '1', type: 'subscribe', payload: { query: TURN, variables: { id: sendMessage.id } } }),
    );

    const { text, events } = await watchToEnd(eventsOf(server, 'ws', user.token, TURN, { id: sendMessage.id }));
    expect(text).toBe(tokens.join(''));
    // What arrives together is joined for those who keep up as well.
    expect(events.length).toBeLessThan(tokens.length);

    const completed = new Promise<void>((resolve) => {
      slow.on('message', () => {
        if (frames.at(-1)?.type === 'complete') resolve();
      });
    });
    slow.resume();
    await completed;
    const received = frames.flatMap(({ payload }) => payload?.data.turn ?? []);
    expect(received.map((event) => event.text ?? '').join('')).toBe(tokens.join(''));
    expect(received.at(-1)?.__typename).toBe('TurnFinished');
    expect(received.length).toBeLessThan(2_000);
  });
});

describe('watchers that leave', () => {
  it('leave nothing behind, however they leave, and the turn goes on', async () => {
    const upstream = await startScriptedUpstream({ plans: { long: { tokens: lorem(150), intervalMs: 10 } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url });
    const user = await server.register();
    const input = chatInput('long');
    const first = eventsOf(server, 'ws', user.token, CHAT, { input });
    const { value: started } = await first.next();
    const { turnId } = started;

    for (let index = 0; index < 30; index++) {
      const socket = await openSocket(server.socketUrl, user.token);
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: TURN, variables: { id: turnId } } }));
      await once(socket, 'message');
      if (index % 3 === 0) socket.terminate();
      else if (index % 3 === 1) socket.close();
      else {
        socket.send(JSON.stringify({ id: '1', type: 'complete' }));
        socket.close();
      }
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
      const aborting = new AbortController();
      const response = await fetch(server.graphqlUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          authorization: `Bearer ${user.token}`,
        },
        body: JSON.stringify({ query: TURN, variables: { id: turnId } }),
        signal: aborting.signal,
      });
      await response.body?.getReader().read();
      aborting.abort();
    }
    const rest = [];
    for await (const event of first) rest.push(event);
    expect(rest.at(-1)?.message).toMatchObject({ status: 'COMPLETE', content: lorem(150).join('') });
    // The first watcher's own socket closes with its subscription; nothing else may be open.
    await expect.poll(() => server.app.load()).toEqual({ sockets: 0, turnStreams: 0, runningTurns: 0 });
  });
});
