import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../support/scripted-upstream.ts';
import {
  type Data,
  type Engine,
  startTestServer,
  subscribe,
  type TestServer,
  type TestUser,
  type Transport,
} from '../support/server.ts';

const CASES: [Transport, Engine][] = [
  ['ws', 'pglite'],
  ['sse', 'pglite'],
  ['ws', 'postgresql'],
  ['sse', 'postgresql'],
];

const CREATE = 'mutation ($title: String!) { createConversation(input: { title: $title }) { id } }';
const UPDATE = 'mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { id } }';
const CHANGED = `subscription ($id: ID) {
  conversationChanged(id: $id) { id title pinned messageCount activeTurn { id } lastMessage { status content } }
}`;

describe.each(CASES)('conversationChanged over %s on %s', (transport, engine) => {
  let upstream: ScriptedUpstream;
  let server: TestServer;
  beforeAll(async () => {
    upstream = await startScriptedUpstream();
    server = await startTestServer({
      engine,
      shared: true,
      openAiUrl: upstream.url,
      environment: { DEFAULT_MODEL: 'openai/echo' },
    });
  });
  afterAll(async () => {
    await server.close();
    await upstream.close();
  });

  const create = async (user: TestUser, title: string): Promise<string> =>
    (await server.data(CREATE, { title }, user.token)).createConversation.id;
  const update = (user: TestUser, input: object) => server.data(UPDATE, { input }, user.token);

  /** Reads on until a change is as it should be in the end. */
  async function until(changes: AsyncIterableIterator<{ data?: Data | null }>, matches: (change: Data) => boolean) {
    const seen: Data[] = [];
    while (true) {
      const { value, done } = await changes.next();
      if (done) throw new Error(`It ended after ${JSON.stringify(seen)}`);
      const change: Data = value.data?.conversationChanged;
      seen.push(change);
      if (matches(change)) return seen;
    }
  }

  /** Listens, and does not return before it is heard. */
  async function listen(user: TestUser, id: string | null = null) {
    const changes = subscribe(server, transport, user.token, CHANGED, { id });
    const first = changes.next();
    const heard = first.then(() => true);
    const nudge = async () => {
      if (id) await update(user, { id, pinned: false });
      else await create(user, 'nudge');
      return new Promise<false>((resolve) => setImmediate(resolve, false));
    };
    while (!(await Promise.race([heard, nudge()])));
    return changes;
  }

  test('tells of mine as they change, and of nobody else’s', async () => {
    const [user, other] = [await server.register(), await server.register()];
    const [mine, others] = [await create(user, 'mine'), await create(other, 'others')];
    const changes = await listen(user);
    await update(other, { id: others, title: 'secret' });
    await update(user, { id: mine, title: 'renamed', pinned: true });
    const seen = await until(changes, ({ title }) => title === 'renamed');
    expect(seen.at(-1)).toMatchObject({ id: mine, pinned: true });
    expect(seen.map(({ title }) => title)).not.toContain('secret');
    await changes.return?.();
  });

  test('tells of one alone where one is asked for', async () => {
    const user = await server.register();
    const [watched, beside] = [await create(user, 'watched'), await create(user, 'beside')];
    const changes = await listen(user, watched);
    await update(user, { id: beside, title: 'not told' });
    await update(user, { id: watched, title: 'told' });
    const seen = await until(changes, ({ title }) => title === 'told');
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set([watched]));
    await changes.return?.();
  });

  test('tells when an answer begins and when it is there, with the text, and not for every token', async () => {
    const user = await server.register();
    const id = await create(user, 'talk');
    const changes = await listen(user, id);
    const text = 'word '.repeat(500).trim();
    await server.data(
      'mutation ($input: ChatInput!) { sendMessage(input: $input, wait: true) { id } }',
      { input: { turnKey: randomUUID(), conversationId: id, text } },
      user.token,
    );
    const seen = await until(changes, ({ messageCount, activeTurn }) => messageCount === 2 && activeTurn === null);
    expect(seen.at(-1)?.lastMessage).toEqual({ status: 'COMPLETE', content: text });
    expect(seen.length).toBeLessThan(20);
    await changes.return?.();
  });
});
