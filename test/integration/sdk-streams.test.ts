import {
  type Client,
  type ClientOptions,
  collectAnswer,
  createClient,
  isTerminal,
  type TurnEvent,
} from '@colloquy/sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type CuttingProxyOptions, startCuttingProxy } from '../support/cutting-proxy.ts';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import { PASSWORD, startTestServer, type TestServer } from '../support/server.ts';
import { words } from '../support/stream-plan.ts';

/** Surrogate pairs and text of several bytes, so that no cut falls on a safe place by luck. */
const TEXT = Array.from({ length: 25 }, (_, index) => `${index} 👋🏽 naïve 会话 𝒳 `).join('');

let upstream: ScriptedUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startScriptedUpstream({
    plans: {
      paced: { tokens: words(TEXT), intervalMs: 5 },
      thinking: { reasoning: words('let me think about it '.repeat(10)), tokens: words(TEXT), intervalMs: 5 },
      slow: { tokens: words(TEXT), intervalMs: 30 },
    },
  });
  server = await startTestServer({ openAiUrl: upstream.url, shared: true });
});

afterAll(async () => {
  await server.close();
  await upstream.close();
});

async function startClient(url: string, options: Partial<ClientOptions> = {}): Promise<Client> {
  const { token } = await server.register();
  const client = createClient({ url, token, reconnect: { firstDelayMs: 1, maxDelayMs: 5 }, ...options });
  onTestFinished(() => client.dispose());
  return client;
}

async function startProxy(options?: CuttingProxyOptions) {
  const proxy = await startCuttingProxy(server.url, options);
  onTestFinished(() => proxy.close());
  return proxy;
}

const generations = (model: string) =>
  upstream.requests.filter(({ body }) => (body as { model?: string }).model === model).length;

type Part = 'TurnDelta' | 'TurnReasoning';
const joined = (events: TurnEvent[], part: Part) =>
  events.map((event) => (event.__typename === part ? event.text : '')).join('');

function expectWhole(events: TurnEvent[], after = 0): void {
  let position = after;
  for (const event of events) {
    position += 'text' in event ? event.text.length : 1;
    expect(event.cursor).toBe(position);
  }
  expect(events.filter(isTerminal)).toEqual([events.at(-1)]);
}

describe.each(['ws', 'sse'] as const)('over %s', (transport) => {
  test('an answer streams to its end, and equals what is stored', async () => {
    const client = await startClient(server.url, { transport });
    const events = await Array.fromAsync(client.chat({ text: 'Hello', model: 'openai/thinking' }));
    expectWhole(events);
    expect(joined(events, 'TurnDelta')).toBe(TEXT);
    const [started] = events;
    if (started?.__typename !== 'TurnStarted') throw new Error('no start');
    const conversation = await client.conversation(started.turn.conversation.id);
    expect(conversation?.messages.edges.map(({ node }) => [node.role, node.content, node.reasoning])).toEqual([
      ['USER', 'Hello', null],
      ['ASSISTANT', TEXT, joined(events, 'TurnReasoning')],
    ]);
  });

  test('it survives connections that are cut again and again, is whole, and is generated once', async () => {
    // Slow enough for many connections, also where each of them takes its time.
    const before = generations('slow');
    // Enough for the handshake and a little more; SSE has no handshake but its headers.
    const proxy = await startProxy({ cutAfterBytes: (connection) => 900 + ((connection * 397) % 2_500) });
    const client = await startClient(proxy.url, { transport });
    const events = await Array.fromAsync(client.chat({ text: 'Hello', model: 'openai/slow' }));
    expectWhole(events);
    expect(joined(events, 'TurnDelta')).toBe(TEXT);
    const last = events.at(-1);
    expect(last?.__typename === 'TurnFinished' && last.message.content).toBe(TEXT);
    expect(proxy.connections()).toBeGreaterThan(5);
    expect(generations('slow') - before).toBe(1);
  });

  test('a connection that is cut at every single event', async () => {
    const proxy = await startProxy();
    const client = await startClient(proxy.url, { transport });
    const events: TurnEvent[] = [];
    for await (const event of client.chat({ text: 'Hello', model: 'openai/paced' })) {
      events.push(event);
      proxy.cut();
    }
    expectWhole(events);
    expect(joined(events, 'TurnDelta')).toBe(TEXT);
  });

  test('a connection that dies without a word is noticed', async () => {
    const proxy = await startProxy();
    // The server itself says something every twelve seconds, and SSE allows for that.
    const [pingMs, pongMs] = transport === 'ws' ? [50, 100] : [-11_900, 50];
    const client = await startClient(proxy.url, { transport, pingMs, pongMs });
    const events: TurnEvent[] = [];
    for await (const event of client.chat({ text: 'Hello', model: 'openai/slow' })) {
      events.push(event);
      if (events.length === 5) proxy.freeze();
      if (events.length === 8) await client.stopTurn(event.turnId);
    }
    expectWhole(events);
    const last = events.at(-1);
    expect(last?.__typename === 'TurnFinished' && last.message.content).toBe(joined(events, 'TurnDelta'));
  });

  test('leaving the loop leaves the turn running; it can be watched again from any position, and stopped', async () => {
    const client = await startClient(server.url, { transport });
    let turnId = '';
    let cursor = 0;
    for await (const event of client.chat({ text: 'Hello', model: 'openai/paced' })) {
      ({ turnId, cursor } = event);
      if (event.__typename === 'TurnDelta') break;
    }
    const rest = await Array.fromAsync(client.watchTurn(turnId, { after: cursor }));
    expectWhole(rest, cursor);
    expect(TEXT.endsWith(joined(rest, 'TurnDelta'))).toBe(true);
    expect(await collectAnswer(client.watchTurn(turnId))).toMatchObject({ turnId, text: TEXT });
    expect(await Array.fromAsync(client.watchTurn(turnId, { after: rest.at(-1)?.cursor ?? 0 }))).toEqual([]);

    const stopped = client.chat({ text: 'Hello', model: 'openai/slow' });
    let end: TurnEvent | undefined;
    for await (const event of stopped) {
      if (event.__typename === 'TurnDelta') await client.stopTurn(event.turnId);
      end = event;
    }
    expect(end).toMatchObject({ __typename: 'TurnFinished', finishReason: 'STOPPED' });
  });

  test('an answer is made again, beside the first', async () => {
    const client = await startClient(server.url, { transport });
    const first = await collectAnswer(client.chat({ text: 'Hello', model: 'openai/paced' }));
    const second = await collectAnswer(client.regenerate({ messageId: first?.message.id ?? '' }));
    expect(second?.text).toBe(TEXT);
    expect(second?.message.parent).toEqual(first?.message.parent);
    expect(second?.message.id).not.toBe(first?.message.id);
  });

  test('what the server refuses is thrown at once, with its code and its fields', async () => {
    const client = await startClient(server.url, { transport });
    await expect(Array.fromAsync(client.chat({ text: '' }))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: { 'input.text': expect.any(String) },
    });
    await expect(Array.fromAsync(client.watchTurn('nonsense'))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const stranger = createClient({ url: server.url, transport });
    onTestFinished(() => stranger.dispose());
    await expect(Array.fromAsync(stranger.chat({ text: 'Hello' }))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('changes of conversations are told, also behind a cut', async () => {
    const proxy = await startProxy();
    const client = await startClient(proxy.url, { transport });
    const { id } = await client.createConversation({ title: 'One' });
    let reconnected = 0;
    const again = Promise.withResolvers<void>();
    const changes = client.conversationChanged(id, {
      onReconnect: () => {
        reconnected += 1;
        again.resolve();
      },
    });
    const renameUntilTold = async (title: string) => {
      const change = changes.next();
      // Until the server has the subscription, a change may pass unseen.
      const timer = setInterval(() => client.updateConversation({ id, title }).catch(() => {}), 20);
      try {
        return (await change).value?.title;
      } finally {
        clearInterval(timer);
      }
    };
    expect(await renameUntilTold('Two')).toBe('Two');
    // Of the last changes some may still be on their way.
    const ended = (async () => {
      for (;;) if ((await changes.next()).done) return;
    })();
    proxy.cut();
    await again.promise;
    await changes.return?.();
    await ended;
    expect(reconnected).toBe(1);
  });

  test('gives up when its patience is over', async () => {
    const proxy = await startProxy();
    const client = await startClient(proxy.url, { transport, reconnect: { patienceMs: 50, firstDelayMs: 1 } });
    const watched = (async () => {
      for await (const event of client.chat({ text: 'Hello', model: 'openai/slow' })) {
        if (event.__typename !== 'TurnDelta') continue;
        proxy.refuse();
        proxy.cut();
      }
    })();
    await expect(watched).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

test('many turns share a socket and come back together', async () => {
  const proxy = await startProxy();
  const client = await startClient(proxy.url);
  let cuts = 0;
  const answers = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const events: TurnEvent[] = [];
      for await (const event of client.chat({ text: `Hello ${index}`, model: 'openai/paced' })) {
        events.push(event);
        if (events.length % 40 === 0) cuts += proxy.cut();
      }
      return events;
    }),
  );
  for (const events of answers) {
    expectWhole(events);
    expect(joined(events, 'TurnDelta')).toBe(TEXT);
  }
  expect(cuts).toBeGreaterThan(3);
});

test('an account from its registration to its end', async () => {
  const tokens: unknown[] = [];
  const client = createClient({ url: server.url, onTokens: (next) => tokens.push(next) });
  onTestFinished(() => client.dispose());
  expect(await client.viewer()).toBe(null);
  const username = `person-${crypto.randomUUID().slice(0, 8)}`;
  await client.register({ username, password: PASSWORD });
  expect((await client.viewer())?.user?.username).toBe(username);
  await client.changePassword(PASSWORD, 'another passphrase of mine');
  expect((await client.viewer())?.user?.username).toBe(username);
  await client.logout();
  expect(await client.viewer()).toBe(null);
  await client.login({ username, password: 'another passphrase of mine' });
  expect((await client.viewer())?.user?.username).toBe(username);
  expect(tokens).toHaveLength(4);
  expect(tokens[2]).toBe(null);
  expect(await client.models()).toContainEqual(expect.objectContaining({ id: 'openai/paced' }));
  expect((await client.health()).status).toEqual(expect.any(String));
});
