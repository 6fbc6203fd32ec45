import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { seededRandom } from '../support/fault-seed.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import type { Data } from '../support/server.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { checkReceived, followTurn, type Received } from '../support/stream-client.ts';
import { chatInput, SEND, STOP, TURN } from '../support/turns.ts';
import { paced, startTwoInstances } from '../support/two-instances.ts';

/** Runs so many at a time. */
async function inParallel<Item, Result>(
  items: Item[],
  width: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.map((item, index) => ({ item, index }));
  const lane = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next.index] = await work(next.item, next.index);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

describe('streams over two instances', () => {
  it('are whole for 200 turns, a tenth of whose sockets is cut and resumed on the other instance', async () => {
    const random = seededRandom();
    const { servers, token, generations } = await startTwoInstances({ plans: { paced: paced(60, 1_500) } });
    // About 7 kB a turn come through a socket.
    const cutAfterBytes = () => (random() < 0.1 ? 500 + Math.floor(random() * 6_000) : Number.POSITIVE_INFINITY);
    const proxies = await Promise.all(servers.map(({ url }) => startCuttingProxy(url, { cutAfterBytes })));
    onTestFinished(async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    });
    const addresses = proxies.map(({ url }) => ({
      graphqlUrl: `${url}/graphql`,
      socketUrl: `${url.replace('http', 'ws')}/graphql`,
    }));
    const turns = Array.from({ length: 200 }, (_, index) => index);
    const received = await inParallel(turns, 40, (index) => {
      const order = index % 2 === 0 ? addresses : addresses.toReversed();
      return followTurn({ addresses: order, token }, { input: chatInput('paced') });
    });
    let cuts = 0;
    for (const each of received) {
      const { last } = checkReceived(each);
      expect(last).toMatchObject({ __typename: 'TurnFinished', message: { status: 'COMPLETE' } });
      cuts += each.connections - 1;
    }
    expect(cuts).toBeGreaterThan(5);
    expect(generations()).toBe(200);
  }, 180_000);

  it('are resumed at every position of an answer of 2,000 units, during and after, on both instances', async () => {
    const { servers, here, token } = await startTwoInstances({ plans: { long: paced(400, 12_000) } });
    const whole = followTurn({ addresses: [here], token }, { input: chatInput('long') });
    const sockets = await Promise.all(servers.map((server) => openGraphqlSocket(server, { token })));
    const turnId = await firstTurnOf(here, token);
    let operation = 0;
    /** The event after a position: of it only the first unit is believed. */
    const eventAfter = async (position: number): Promise<Data> => {
      operation += 1;
      const socket = sockets[operation % 2] as (typeof sockets)[number];
      const id = String(operation);
      socket.subscribe(id, TURN, { id: turnId, after: position });
      const { payload } = await socket.take('next', id);
      socket.send({ id, type: 'complete' });
      return payload?.data.turn;
    };
    let text = '';
    let isOver = false;
    for (let position = 0; !isOver; ) {
      const event = await eventAfter(position);
      position += 1;
      text += ((event.text as string | undefined) ?? '').slice(0, 1);
      isOver = event.message !== undefined;
    }
    const { last, text: answer, reasoning } = checkReceived(await whole);
    expect(text).toBe(reasoning + answer);
    expect(answer.length).toBeGreaterThan(2_000);
    const positions = Array.from({ length: last.cursor }, (_, index) => index);
    await inParallel(positions, 50, async (after) => {
      const socket = sockets[after % 2] as (typeof sockets)[number];
      const id = `after ${after}`;
      socket.subscribe(id, TURN, { id: turnId, after });
      const events: Data[] = [];
      while (events.at(-1)?.message === undefined) events.push((await socket.take('next', id)).payload?.data.turn);
      checkReceived({ events, from: after, connections: 1 } as Received);
    });
  }, 240_000);

  it('are made once, though asked for twenty times at once on both', async () => {
    const { servers, generations, data } = await startTwoInstances({ plans: { paced: paced(40, 500) } });
    for (let round = 0; round < 5; round++) {
      const input = chatInput('paced', { turnKey: randomUUID() });
      const asked = Array.from({ length: 20 }, (_, index) =>
        data(servers[index % 2] as ServerProcess, SEND, { input, wait: true }),
      );
      const answers = (await Promise.all(asked)).map(({ sendMessage }) => sendMessage);
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      for (const { status } of answers) expect(status).toBe('COMPLETE');
      expect(generations()).toBe(round + 1);
    }
  });

  it('end once, 200 times, when a stop on the other instance races the finish', async () => {
    const random = seededRandom();
    // On a busy machine a stop is late for the one, and in time for the other.
    const plans = { short: { ...paced(4, 40), reasoning: [] }, longer: { ...paced(60, 600), reasoning: [] } };
    const { here, there, servers, token, data } = await startTwoInstances({ plans });
    const ends = await inParallel(Array.from({ length: 200 }), 10, async () => {
      const [model, lasts] = random() < 0.5 ? ['short', 40] : ['longer', 600];
      const { sendMessage } = await data(here, SEND, { input: chatInput(model as string) });
      const watched = Promise.all(
        servers.map((server) => followTurn({ addresses: [server], token }, { turnId: sendMessage.id, after: 0 })),
      );
      await new Promise((resolve) => setTimeout(resolve, random() * (lasts as number) * 1.3));
      const { stopTurn } = await data(there, STOP, { id: sendMessage.id });
      const [own, other] = await watched;
      const [first, second] = [checkReceived(own as Received), checkReceived(other as Received)];
      expect(first).toEqual(second);
      expect(first.last.message.status).toBe(stopTurn.status);
      expect(first.last.message.content).toBe(stopTurn.assistantMessage.content);
      return stopTurn.status as string;
    });
    // Each of the two wins now and then.
    expect([...new Set(ends)].sort()).toEqual(['COMPLETE', 'STOPPED']);
  }, 180_000);

  it('are the same in two tabs on two instances, from the list to the last word', async () => {
    const { here, there, servers, token, data } = await startTwoInstances({ plans: { paced: paced(60, 1_500) } });
    const CHANGED = 'subscription { conversationChanged { id activeTurn { id } lastMessage { status } } }';
    const tabs = await Promise.all(servers.map((server) => openGraphqlSocket(server, { token })));
    for (const tab of tabs) {
      tab.subscribe('list', CHANGED);
      tab.subscribe('after', '{ __typename }');
      await tab.take('complete', 'after');
    }
    const { sendMessage } = await data(here, SEND, { input: chatInput('paced') });
    const seen = await Promise.all(
      tabs.map(async (tab, index) => {
        // Each tab learns of the turn from its list, and follows it where it is.
        let turnId: string | undefined;
        while (!turnId) turnId = (await tab.take('next', 'list')).payload?.data.conversationChanged.activeTurn?.id;
        const address = servers[index] as ServerProcess;
        const received = checkReceived(await followTurn({ addresses: [address], token }, { turnId, after: 0 }));
        let status: string | undefined;
        while (status !== 'COMPLETE') {
          status = (await tab.take('next', 'list')).payload?.data.conversationChanged.lastMessage.status;
        }
        return { turnId, text: received.text, last: received.last };
      }),
    );
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.turnId).toBe(sendMessage.id);
    expect(there.output()).not.toMatch(/"level":(50|60)/);
  });
});

async function firstTurnOf(server: ServerProcess, token: string): Promise<string> {
  const query = '{ conversations(first: 1) { edges { node { activeTurn { id } } } } }';
  for (;;) {
    const response = await fetch(server.graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    });
    const { data } = (await response.json()) as { data: Data };
    const id = data.conversations.edges[0]?.node.activeTurn?.id;
    if (id) return id;
  }
}
