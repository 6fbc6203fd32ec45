import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { createPostgresDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/main-process.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import type { Engine } from '../support/server.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { lorem } from '../support/stream-plan.ts';
import { CHAT, type ChatEvent, chatInput, eventsOf, SEND, TURN, textOf, watchToEnd } from '../support/turns.ts';

const WHOLE = lorem(3_000).join('');

async function environmentFor(engine: Engine): Promise<Record<string, string>> {
  const plans = { long: { tokens: lorem(3_000), intervalMs: 4 }, soon: { tokens: lorem(300), intervalMs: 10 } };
  const upstream = await startScriptedUpstream({ plans });
  onTestFinished(() => upstream.close());
  const base = { DATA_DIR: await temporaryFolder(), OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: 'key' };
  if (engine === 'pglite') return base;
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  return { ...base, DATABASE_URL: url };
}

async function post(server: ServerProcess, query: string, variables: object, token?: string) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(server.graphqlUrl, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Record<string, never>; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data as Record<string, { [key: string]: never }>;
}

async function signUp(server: ServerProcess): Promise<string> {
  const input = { username: 'walker', password: 'a long enough one' };
  const query = 'mutation ($input: RegisterInput!) { register(input: $input) { accessToken } }';
  const { register } = await post(server, query, { input });
  return register?.accessToken as unknown as string;
}

/** Watches until so much of the answer has come. */
async function watchUntil(stream: AsyncIterable<ChatEvent>, length: number): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of stream) {
    events.push(event);
    if (textOf(events, 'TurnDelta').length >= length) break;
  }
  return events;
}

describe.each<Engine>(['pglite', 'postgresql'])('a server on %s that ends in the middle of an answer', (engine) => {
  it('by SIGKILL: the next start closes the turn with its checkpoint, and it can be answered again', async () => {
    const environment = await environmentFor(engine);
    const first = await startServerProcess(environment);
    const token = await signUp(first);
    const input = chatInput('long');
    // Long enough for a checkpoint to be stored.
    const seen = await watchUntil(eventsOf(first, 'ws', token, CHAT, { input }), 3_000);
    const turnId = seen[0]?.turnId ?? '';
    await first.end('SIGKILL');

    const second = await startServerProcess(environment);
    const { last, text } = await watchToEnd(eventsOf(second, 'ws', token, TURN, { id: turnId }));
    expect(last).toMatchObject({
      __typename: 'TurnFailed',
      error: { code: 'UNAVAILABLE', retryable: true },
      message: { status: 'INTERRUPTED', content: text },
    });
    expect(text.length).toBeGreaterThan(500);
    expect(WHOLE.startsWith(text)).toBe(true);

    // Who has seen more than was kept is told the end, once, and nothing else.
    const ahead = WHOLE.length;
    const told = [];
    for await (const event of eventsOf(second, 'sse', token, TURN, { id: turnId, after: ahead })) told.push(event);
    expect(told.map(({ __typename }) => __typename)).toEqual(['TurnFailed']);

    // The key still names that turn: a client that retries does not make another.
    const joined = await watchToEnd(eventsOf(second, 'ws', token, CHAT, { input }));
    expect(joined.last.turnId).toBe(turnId);
    const regenerate = 'mutation ($input: RegenerateInput!) { regenerate(input: $input) { status } }';
    const again = { turnKey: crypto.randomUUID(), messageId: last.message.id };
    expect((await post(second, regenerate, { input: again }, token)).regenerate?.status).toBe('GENERATING');
  });

  it('by SIGTERM: an answer that is not is kept to the last unit, its watchers are told, exit 0', async () => {
    const environment = { ...(await environmentFor(engine)), SHUTDOWN_GRACE_SECONDS: '1' };
    const first = await startServerProcess(environment);
    const token = await signUp(first);
    const events: ChatEvent[] = [];
    let ending: Promise<number | null> | undefined;
    for await (const event of eventsOf(first, 'ws', token, CHAT, { input: chatInput('long') })) {
      events.push(event);
      if (events.length === 50) ending = first.end('SIGTERM');
    }
    expect(await ending).toBe(0);
    const text = textOf(events, 'TurnDelta');
    const last = events.at(-1);
    expect(last).toMatchObject({ __typename: 'TurnFailed', message: { status: 'INTERRUPTED', content: text } });
    expect(first.output()).not.toMatch(/"level":(50|60)/);

    const second = await startServerProcess(environment);
    const stored = await watchToEnd(eventsOf(second, 'ws', token, TURN, { id: last?.turnId }));
    expect(stored.text).toBe(text);
    expect(stored.last.cursor).toBe(last?.cursor);
  });
});

describe('a server that is told to end', () => {
  it('by SIGTERM: an answer that is finished in time is whole, and nothing new is begun', async () => {
    const server = await startServerProcess(await environmentFor('postgresql'));
    const token = await signUp(server);
    const idle = new WebSocket(server.socketUrl, 'graphql-transport-ws');
    await once(idle, 'open');
    const leftIdle = once(idle, 'close');
    const stream = eventsOf(server, 'ws', token, CHAT, { input: chatInput('soon') });
    const begun = await watchUntil(stream, 10);
    const { turnId, cursor } = begun.at(-1) as ChatEvent;
    const ending = server.end('SIGTERM');
    expect((await leftIdle)[0]).toBe(1001);
    expect((await fetch(`${server.url}/ready`)).status).toBe(503);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    const refused = post(server, SEND, { input: chatInput('soon') }, token);
    await expect(refused).rejects.toThrow(/"code":"UNAVAILABLE"/);
    // Whoever comes back meanwhile is shown the rest, over either transport.
    const watchers = (['ws', 'sse'] as const).map((transport) =>
      watchToEnd(eventsOf(server, transport, token, TURN, { id: turnId, after: cursor }), cursor),
    );
    for (const { text, last } of await Promise.all(watchers)) {
      expect(textOf(begun, 'TurnDelta') + text).toBe(lorem(300).join(''));
      expect(last).toMatchObject({ __typename: 'TurnFinished', message: { status: 'COMPLETE' } });
    }
    expect(await ending).toBe(0);
    expect(server.output()).not.toMatch(/"level":(50|60)/);
  });

  it('by a second signal: at once, and the next start closes the turn', async () => {
    const environment = await environmentFor('postgresql');
    const first = await startServerProcess(environment);
    const token = await signUp(first);
    const seen = await watchUntil(eventsOf(first, 'ws', token, CHAT, { input: chatInput('long') }), 3_000);
    first.child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${first.url}/ready`)).status).toBe(503);
    expect(await first.end('SIGTERM')).toBe(1);
    const second = await startServerProcess(environment);
    const { last } = await watchToEnd(eventsOf(second, 'ws', token, TURN, { id: seen[0]?.turnId }));
    expect(last).toMatchObject({ __typename: 'TurnFailed', message: { status: 'INTERRUPTED' } });
  });
});
