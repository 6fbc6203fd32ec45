import { randomUUID } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { openTestDatabase, startTestServer, subscribe, type TestServer, type Transport } from '../support/server.ts';
import { lorem } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND, TURN, watchToEnd } from '../support/turns.ts';

const NOTHING = { sockets: 0, turnStreams: 0, runningTurns: 0 };

/** A request for server-sent events whose answer nobody reads unless the test does. */
function ask(server: TestServer, token: string, query: string, variables: object): ClientRequest {
  const asked = request(server.graphqlUrl, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token}` },
  });
  asked.on('error', () => {});
  onTestFinished(() => void asked.destroy());
  asked.end(JSON.stringify({ query, variables }));
  return asked;
}

describe('a watcher over server-sent events that does not keep up', () => {
  it('gets what it missed joined', async () => {
    const tokens = lorem(60_000);
    const upstream = await startScriptedUpstream({ plans: { flood: { tokens, tokensPerWrite: 50 } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url });
    const user = await server.register();
    const { sendMessage } = await server.data(SEND, { input: chatInput('flood') }, user.token);
    const slow = ask(server, user.token, TURN, { id: sendMessage.id });
    const response = await new Promise<IncomingMessage>((resolve) => slow.once('response', resolve));

    const quick = await watchToEnd(eventsOf(server, 'ws', user.token, TURN, { id: sendMessage.id }));
    expect(quick.text).toBe(tokens.join(''));

    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += chunk;
    const events = body.match(/^data: .+$/gm)?.map((line) => JSON.parse(line.slice(6)).data.turn) ?? [];
    expect(events.map(({ text }) => text ?? '').join('')).toBe(tokens.join(''));
    expect(events.at(-1).__typename).toBe('TurnFinished');
    expect(events.length).toBeLessThan(3_000);
  });

  it('leaves nothing behind when its connection breaks', async () => {
    // More than the buffers of the sockets on both sides hold, so that the server waits for the reader.
    const tokens = Array<string>(120).fill('x'.repeat(60_000));
    const upstream = await startScriptedUpstream({ plans: { flood: { tokens } } });
    onTestFinished(() => upstream.close());
    const environment = { MAX_ANSWER_CHARACTERS: '10000000' };
    const server = await startTestServer({ openAiUrl: upstream.url, environment });
    const user = await server.register();
    const { sendMessage } = await server.data(SEND, { input: chatInput('flood'), wait: true }, user.token);
    const slow = ask(server, user.token, TURN, { id: sendMessage.id });
    await new Promise((resolve) => slow.once('response', resolve));
    await expect.poll(() => slow.socket?.bytesRead ?? 0).toBeGreaterThan(10_000);
    for (let quiet = 0, before = -1; quiet < 20; quiet += 1) {
      const read = slow.socket?.bytesRead ?? 0;
      if (read !== before) quiet = 0;
      before = read;
      await server.request('{ health { status } }');
    }
    expect(slow.socket?.bytesRead).toBeLessThan(6_000_000);
    expect(server.app.load().turnStreams).toBe(1);
    slow.destroy();
    await expect.poll(() => server.app.load()).toEqual(NOTHING);
  });
});

describe('watchers over server-sent events that leave at once', () => {
  it('leave nothing behind', async () => {
    const upstream = await startScriptedUpstream({ plans: { short: { tokens: lorem(40), intervalMs: 10 } } });
    onTestFinished(() => upstream.close());
    const server = await startTestServer({ openAiUrl: upstream.url });
    const user = await server.register();
    for (let index = 0; index < 20; index++) {
      const asked = ask(server, user.token, CHAT, { input: chatInput('short') });
      // Sooner and later on its way through the server.
      asked.once('finish', () => {
        const leave = (ticks: number): void => {
          if (ticks === 0) asked.destroy();
          else setImmediate(leave, ticks - 1);
        };
        leave(index);
      });
      await new Promise((resolve) => asked.once('close', resolve));
    }
    await expect.poll(() => server.app.load(), { timeout: 10_000 }).toEqual(NOTHING);
  });
});

describe.each<Transport>(['ws', 'sse'])('a watcher over %s of a turn that another server makes', (transport) => {
  it('is told of a fault as of any other, and leaves nothing behind', async () => {
    const database = await openTestDatabase('pglite');
    const { prisma } = database;
    const upstream = await startScriptedUpstream({ plans: { short: { tokens: lorem(3) } } });
    onTestFinished(() => upstream.close());
    const kept = { ...database, dispose: async () => {} };
    const first = await startTestServer({ openAiUrl: upstream.url, overrides: { database: kept } });
    const user = await first.register();
    const { sendMessage } = await first.data(SEND, { input: chatInput('short'), wait: true }, user.token);
    await first.close();

    const errors: unknown[] = [];
    const server = await startTestServer({ overrides: { database }, errors });
    const other = { id: randomUUID(), hostname: 'elsewhere', pid: 1, heartbeatAt: new Date(Date.now() + 3_600_000) };
    await prisma.instance.create({ data: other });
    await prisma.message.updateMany({ where: { role: 'ASSISTANT' }, data: { status: 'GENERATING' } });
    await prisma.turn.updateMany({ data: { status: 'GENERATING', instanceId: other.id } });
    const results = subscribe(server, transport, user.token, TURN, { id: sendMessage.id });
    expect((await results.next()).value.data.turn.__typename).toBe('TurnStarted');
    expect((await results.next()).value.data.turn.__typename).toBe('TurnRetrieved');

    const { findUnique, findMany } = prisma.turn;
    const fail = (() => Promise.reject(new Error('a secret of the server'))) as never;
    Object.assign(prisma.turn, { findUnique: fail, findMany: fail });
    const told = await results.next().catch((error: unknown) => ({ value: String(error) }));
    Object.assign(prisma.turn, { findUnique, findMany });
    expect(JSON.stringify(told)).toContain('INTERNAL');
    expect(JSON.stringify(told)).not.toContain('secret');
    expect(errors).toHaveLength(1);
    await expect.poll(() => server.app.load()).toEqual(NOTHING);
  });
});
