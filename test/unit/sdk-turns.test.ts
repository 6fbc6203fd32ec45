import { type ClientOptions, collectAnswer, createClient, textOf } from '@colloquy/sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFakeGraph, type FakeGraph, type FakeGraphOptions, failure } from '../support/fake-graph.ts';
import { EVENTS, TURN_ID, tell } from '../support/fake-turn.ts';

/** Waits take no time, but they pass on the clock. */
function instantClock() {
  let time = 1_000_000;
  return {
    now: () => time,
    delay: async (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

function start(graphOptions: FakeGraphOptions, options: Partial<ClientOptions> = {}) {
  const graph = createFakeGraph(graphOptions);
  const { url, fetch, webSocket } = graph;
  const client = createClient({ url, fetch, webSocket, token: 'token', ...instantClock(), ...options });
  onTestFinished(() => client.dispose());
  return { graph, client };
}

const operations = (graph: FakeGraph) => graph.requests.map(({ operationName }) => operationName);

describe('a socket that is closed', () => {
  test.each(EVENTS.map((event, index) => [index, event.__typename]))('before event %i (%s)', async (index) => {
    let sockets = 0;
    const { graph, client } = start({
      subscribe(request) {
        sockets += 1;
        if (tell(request, sockets === 1 ? index : undefined)) request.complete();
        else request.close(1006);
      },
    });
    expect(await Array.fromAsync(client.chat({ text: 'Hi' }))).toEqual(EVENTS);
    // Until the turn is known the prompt is sent again, with the same key; from then on it is only watched.
    expect(operations(graph)).toEqual(['Chat', index === 0 ? 'Chat' : 'WatchTurn']);
    const [first, second] = graph.requests.map(({ variables }) => variables);
    if (index === 0) expect(second).toEqual(first);
    else expect(second).toEqual({ id: TURN_ID, after: EVENTS[index - 1]?.cursor });
    expect(first).toMatchObject({ input: { turnKey: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
  });

  test('behind every event', async () => {
    const { graph, client } = start({
      subscribe(request) {
        tell(request, 1);
        request.close(1006);
      },
    });
    const states: string[] = [];
    const stream = client.chat({ text: 'Hi', turnKey: 'my-key' }, { onConnection: (state) => states.push(state) });
    expect(await Array.fromAsync(stream)).toEqual(EVENTS);
    expect(graph.introductions).toHaveLength(EVENTS.length);
    expect(states).toEqual(EVENTS.slice(1).flatMap(() => ['lost', 'connected']));
  });

  test('and the server tells more than was asked for', async () => {
    let sockets = 0;
    const { client } = start({
      subscribe(request) {
        sockets += 1;
        if (sockets === 1) {
          tell(request, 4);
          request.close(1006);
          return;
        }
        for (const event of EVENTS.slice(0, 3)) request.next({ turn: event });
        const joined = 'lo 👋 world!';
        request.next({
          turn: { __typename: 'TurnDelta', turnId: TURN_ID, cursor: 5 + joined.length, text: joined, offset: 3 },
        });
        request.next({ turn: EVENTS.at(-1) });
        request.complete();
      },
    });
    const events = await Array.fromAsync(client.chat({ text: 'Hi' }));
    expect(events.slice(0, 4)).toEqual(EVENTS.slice(0, 4));
    expect(events[4]).toMatchObject({ text: '👋 world!', offset: 6 });
    expect(events.at(-1)).toEqual(EVENTS.at(-1));
  });

  test('a text that was left out is asked for again', async () => {
    let sockets = 0;
    const { client } = start({
      subscribe(request) {
        sockets += 1;
        if (sockets > 1) tell(request);
        else for (const index of [0, 1, 2, 4]) request.next({ chat: EVENTS[index] });
      },
    });
    expect(await Array.fromAsync(client.chat({ text: 'Hi' }))).toEqual(EVENTS);
  });
});

test('a socket that never opens is given up', async () => {
  const { graph, client } = start(
    { opens: (socket) => socket === 3, subscribe: (request) => void tell(request) },
    { connectMs: 5 },
  );
  expect(await Array.fromAsync(client.chat({ text: 'Hi' }))).toEqual(EVENTS);
  expect(graph.introductions).toHaveLength(1);
});

describe('a subscription that ends without a terminal event', () => {
  test('goes on when the turn does', async () => {
    let subscriptions = 0;
    const { graph, client } = start({
      answers: { TurnPosition: () => ({ turn: { id: TURN_ID, status: 'GENERATING', cursor: 4 } }) },
      subscribe(request) {
        subscriptions += 1;
        tell(request, subscriptions === 1 ? 3 : undefined);
        request.complete();
      },
    });
    expect(await Array.fromAsync(client.watchTurn(TURN_ID))).toEqual(EVENTS);
    expect(operations(graph)).toEqual(['WatchTurn', 'TurnPosition', 'WatchTurn']);
  });

  test('ends when the turn had ended at that position', async () => {
    const cursor = EVENTS.at(-1)?.cursor ?? 0;
    const { client } = start({
      answers: { TurnPosition: () => ({ turn: { id: TURN_ID, status: 'COMPLETE', cursor } }) },
      subscribe: (request) => request.complete(),
    });
    expect(await Array.fromAsync(client.watchTurn(TURN_ID, { after: cursor }))).toEqual([]);
  });

  test('says so when the turn is gone', async () => {
    const { client } = start({
      answers: { TurnPosition: () => ({ turn: null }) },
      subscribe: (request) => request.complete(),
    });
    await expect(Array.fromAsync(client.watchTurn(TURN_ID))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('patience', () => {
  test('ends after the configured time, with waits that grow', async () => {
    const waits: number[] = [];
    let time = 0;
    const { client } = start(
      { subscribe: (request) => request.close(1006) },
      {
        now: () => time,
        random: () => 1,
        delay: async (milliseconds) => {
          waits.push(milliseconds);
          time += milliseconds;
        },
        reconnect: { patienceMs: 10_000, firstDelayMs: 100, maxDelayMs: 2_000 },
      },
    );
    await expect(Array.fromAsync(client.chat({ text: 'Hi' }))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000]);
  });

  test('an error of the server is not waited for, except where it says when to come back', async () => {
    let subscriptions = 0;
    const waits: number[] = [];
    const { client } = start(
      {
        subscribe(request) {
          subscriptions += 1;
          if (subscriptions === 1) request.errors(failure('UNAVAILABLE'));
          else if (subscriptions === 2) {
            tell(request, 3);
            request.errors(failure('RATE_LIMITED', { retryAfterSeconds: 7 }));
          } else tell(request);
        },
      },
      { random: () => 1, delay: async (milliseconds) => void waits.push(milliseconds) },
    );
    expect(await Array.fromAsync(client.chat({ text: 'Hi' }))).toEqual(EVENTS);
    expect(waits).toEqual([100, 7_000]);
  });

  test.each(['BAD_USER_INPUT', 'CONFLICT', 'RATE_LIMITED', 'QUOTA_EXCEEDED', 'INTERNAL', 'NOT_FOUND'])(
    '%s before the turn has begun is thrown at once',
    async (code) => {
      const { graph, client } = start({
        subscribe: (request) =>
          request.errors(failure(code, { retryAfterSeconds: 3, fields: { 'input.text': 'No.' } })),
      });
      await expect(Array.fromAsync(client.chat({ text: 'Hi' }))).rejects.toMatchObject({
        name: 'ColloquyError',
        code,
        message: `Failed with ${code}.`,
        fields: { 'input.text': 'No.' },
        retryAfterSeconds: 3,
      });
      expect(graph.requests).toHaveLength(1);
    },
  );
});

describe('leaving', () => {
  test('ends the subscription on the socket, and nothing else', async () => {
    const { graph, client } = start({ subscribe: (request) => void tell(request, 3) });
    for await (const event of client.chat({ text: 'Hi' })) if (event.__typename === 'TurnDelta') break;
    expect(operations(graph)).toEqual(['Chat']);
  });

  test('ends a wait for an event that never comes', async () => {
    const { client } = start({});
    const byReturn = client.chat({ text: 'Hi' });
    const first = byReturn.next();
    await byReturn.return?.();
    expect(await first).toEqual({ value: undefined, done: true });

    const controller = new AbortController();
    const bySignal = Array.fromAsync(client.chat({ text: 'Hi' }, { signal: controller.signal }));
    controller.abort();
    expect(await bySignal).toEqual([]);

    const byDisposal = Array.fromAsync(client.chat({ text: 'Hi' }));
    client.dispose();
    expect(await byDisposal).toEqual([]);
    expect(await Array.fromAsync(client.chat({ text: 'Hi' }))).toEqual([]);
  });
});

test('regenerating begins once, also when its first answer is lost', async () => {
  let calls = 0;
  const { graph, client } = start({
    answers: {
      Regenerate() {
        calls += 1;
        if (calls === 1) throw new TypeError('fetch failed');
        return { regenerate: { id: TURN_ID } };
      },
    },
    subscribe: (request) => void tell(request),
  });
  expect(await Array.fromAsync(client.regenerate({ messageId: 'message-1' }))).toEqual(EVENTS);
  const [first, second] = graph.named('Regenerate');
  expect(second?.variables).toEqual(first?.variables);
  expect(graph.named('WatchTurn')).toHaveLength(1);
});

test('text and answers are collected from events', async () => {
  const { client } = start({ subscribe: (request) => void tell(request) });
  expect((await Array.fromAsync(textOf(client.chat({ text: 'Hi' })))).join('')).toBe('Hello 👋 world!');
  const answer = await collectAnswer(client.chat({ text: 'Hi' }));
  expect(answer).toMatchObject({ turnId: TURN_ID, text: 'Hello 👋 world!', reasoning: '' });
});
