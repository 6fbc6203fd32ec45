import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { createKey } from '../support/api-keys.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { codeOf } from '../support/errors.ts';
import { openGraphqlSocket } from '../support/graphql-socket.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { startTestServer, subscribe, type Transport } from '../support/server.ts';
import { startRedis } from '../support/services/redis.ts';
import { lorem } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND, STOP, TURN, watchToEnd } from '../support/turns.ts';

/** Two servers on one PostgreSQL, with Redis between them or without. */
async function startTwo(withRedis: boolean, redisUrl = inject('redisUrl')) {
  const { url, drop } = await createPostgresDatabase();
  onTestFinished(drop);
  const upstream = await startScriptedUpstream({
    plans: {
      short: { tokens: lorem(60), reasoning: ['hm ', 'well '], intervalMs: 20 },
      endless: { tokens: lorem(20_000), intervalMs: 10 },
      silent: { tokens: lorem(2), intervalMs: 60_000 },
    },
  });
  onTestFinished(() => upstream.close());
  const shared: Record<string, string> = withRedis
    ? { REDIS_URL: redisUrl, REDIS_KEY_PREFIX: `test-${randomUUID()}` }
    : {};
  const start = async () => {
    const database = await openPostgresDatabase(url, { poolSize: 5, prepare: true });
    return startTestServer({ openAiUrl: upstream.url, environment: shared, overrides: { database } });
  };
  const [here, there] = await Promise.all([start(), start()]);
  const generations = () => upstream.requests.filter(({ path }) => path.endsWith('/chat/completions'));
  return { here, there, generations };
}

describe.each([
  { name: 'with Redis', withRedis: true },
  { name: 'without Redis', withRedis: false },
])('two servers on one database, $name', ({ withRedis }) => {
  it.each<Transport>(['ws', 'sse'])('show each other’s turns over %s, from any position', async (transport) => {
    const { here, there, generations } = await startTwo(withRedis);
    const user = await here.register();
    const input = chatInput('short');
    const own = watchToEnd(eventsOf(here, transport, user.token, CHAT, { input }));
    // The same key on the other one joins the turn.
    await expect.poll(() => generations().length).toBe(1);
    const joined = await watchToEnd(eventsOf(there, transport, user.token, CHAT, { input }));
    const whole = await own;
    expect(joined.text).toBe(lorem(60).join(''));
    expect(joined.reasoning).toBe('hm well ');
    expect(joined.last).toEqual(whole.last);
    expect(joined.last.message).toMatchObject({ status: 'COMPLETE', content: whole.text });
    const { turnId } = whole.last;
    const rest = await watchToEnd(eventsOf(there, transport, user.token, TURN, { id: turnId, after: 30 }), 30);
    expect(`${rest.reasoning}${rest.text}`).toBe(`hm well ${whole.text}`.slice(28));
    expect(generations()).toHaveLength(1);
  });

  it.each(['endless', 'silent'])('stop each other’s turns: %s', async (model) => {
    const { here, there, generations } = await startTwo(withRedis);
    const user = await here.register();
    const { sendMessage } = await here.data(SEND, { input: chatInput(model) }, user.token);
    await expect.poll(() => generations().length).toBe(1);
    const watched = watchToEnd(eventsOf(there, 'ws', user.token, TURN, { id: sendMessage.id }));
    const { stopTurn } = await there.data(STOP, { id: sendMessage.id }, user.token);
    expect(stopTurn.status).toBe('STOPPED');
    const { last, text } = await watched;
    expect(last).toMatchObject({ finishReason: 'STOPPED', message: { content: text } });
    await expect.poll(() => here.app.load().runningTurns).toBe(0);
    await expect.poll(() => generations()[0]?.aborted).toBe(true);
  });
});

describe('two servers with Redis between them', () => {
  const CREATE = 'mutation ($title: String!) { createConversation(input: { title: $title }) { id } }';
  const CHANGED = 'subscription { conversationChanged { id title } }';

  it('end a sign-in on both at once, over ws and sse', async () => {
    const { here, there } = await startTwo(true);
    const user = await here.register();
    const { socket, closed } = await openGraphqlSocket(there, { token: user.token });
    const events = subscribe(there, 'sse', user.token, CHANGED);
    const first = events.next();
    let isHeard = false;
    void first.then(() => {
      isHeard = true;
    });
    // Until it is in force.
    await expect
      .poll(async () => {
        await here.data(CREATE, { title: 'changed' }, user.token);
        return isHeard;
      })
      .toBe(true);
    const ended = (async () => {
      for await (const { errors } of events) expect(errors).toBeUndefined();
    })();
    await here.data('mutation { logout }', {}, user.token);
    expect((await closed).code).toBe(4403);
    expect(socket.readyState).toBe(socket.CLOSED);
    await ended;
  });

  it.each(['updateUser(id: $id, disabled: true) { id }', 'deleteUser(id: $id)'])(
    'sign out on both at once whose account is closed on one: %s',
    async (mutation) => {
      const { here, there } = await startTwo(true);
      const admin = await here.register();
      const user = await here.register();
      const { closed } = await openGraphqlSocket(there, { token: user.token });
      await here.data(`mutation ($id: ID!) { ${mutation} }`, { id: user.id }, admin.token);
      expect((await closed).code).toBe(4403);
      expect(codeOf(await there.request('{ viewer { isAdmin } }', {}, user.token))).toBe('UNAUTHENTICATED');
    },
  );

  it.each(['deactivateApiKey(id: $id) { id }', 'deleteApiKey(id: $id)'])(
    'refuse on both at once a key that is ended on one, and end what is open with it: %s',
    async (mutation) => {
      const { here, there, generations } = await startTwo(true);
      const admin = await here.register();
      const { secret, id } = await createKey(here, admin.token);
      const { closed } = await openGraphqlSocket(there, { token: secret });
      const watched = watchToEnd(eventsOf(there, 'sse', secret, CHAT, { input: chatInput('endless') })).catch(
        () => null,
      );
      await expect.poll(() => generations().length).toBe(1);
      // Known to both by now.
      for (const server of [here, there]) await server.data('{ viewer { isAdmin } }', {}, secret);
      await here.data(`mutation ($id: ID!) { ${mutation} }`, { id }, admin.token);
      expect((await closed).code).toBe(4403);
      await watched;
      for (const server of [here, there]) {
        expect(codeOf(await server.request('{ viewer { isAdmin } }', {}, secret))).toBe('UNAUTHENTICATED');
      }
      // What a deleted key is being answered is stopped; a deactivated one's goes on, as everybody's who has left.
      if (mutation.startsWith('delete')) await expect.poll(() => generations()[0]?.aborted).toBe(true);
    },
  );

  it('stop on both what somebody is being answered who is deleted on one', async () => {
    const { here, there, generations } = await startTwo(true);
    const admin = await here.register();
    const user = await here.register();
    await there.data(SEND, { input: chatInput('endless') }, user.token);
    await expect.poll(() => generations().length).toBe(1);
    await here.data('mutation ($id: ID!) { deleteUser(id: $id) }', { id: user.id }, admin.token);
    await expect.poll(() => there.app.load().runningTurns).toBe(0);
    await expect.poll(() => generations()[0]?.aborted).toBe(true);
    expect(await here.app.database.prisma.turn.count()).toBe(0);
  });

  it('tell each other’s watchers of conversations that change', async () => {
    const { here, there } = await startTwo(true);
    const user = await here.register();
    const socket = await openGraphqlSocket(there, { token: user.token });
    socket.subscribe('1', CHANGED);
    // An operation that is answered after it: the subscription is in force.
    socket.subscribe('2', '{ __typename }');
    await socket.take('complete', '2');
    const { sendMessage } = await here.data(SEND, { input: chatInput('short'), wait: true }, user.token);
    const { payload } = await socket.take('next', '1');
    expect(payload?.data.conversationChanged.id).toBe(sendMessage.conversation.id);
  });

  it('catch up on what was lost while Redis was away', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const { here, there } = await startTwo(true, redis.url);
    const user = await here.register();
    const other = await here.register();
    const socket = await openGraphqlSocket(there, { token: user.token });
    const revoked = await openGraphqlSocket(there, { token: other.token });
    socket.subscribe('1', CHANGED);
    socket.subscribe('2', '{ __typename }');
    await socket.take('complete', '2');
    const key = await createKey(here, user.token);
    const ended = await openGraphqlSocket(there, { token: key.secret });
    await redis.kill();
    await here.data('mutation { logout }', {}, other.token);
    await here.data('mutation ($id: ID!) { deactivateApiKey(id: $id) { id } }', { id: key.id }, user.token);
    await here.data(CREATE, { title: 'made meanwhile' }, user.token);
    // Within seconds, though Redis is still away.
    const { payload } = await socket.take('next', '1');
    expect(payload?.data.conversationChanged.title).toBe('made meanwhile');
    expect((await revoked.closed).code).toBe(4403);
    expect((await ended.closed).code).toBe(4403);
    await redis.start();
    const live = async () => {
      await here.data(CREATE, { title: 'made after' }, user.token);
      return (await socket.take('next', '1')).payload?.data.conversationChanged.title;
    };
    await expect.poll(live).toBe('made after');
  });
});
