import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openPostgresDatabase } from '../../src/adapters/db/open-database.ts';
import { createPostgresDatabase } from '../support/database.ts';
import { startScriptedUpstream } from '../support/scripted-upstream.ts';
import { startTestServer, type Transport } from '../support/server.ts';
import { lorem } from '../support/stream-plan.ts';
import { CHAT, chatInput, eventsOf, SEND, STOP, TURN, watchToEnd } from '../support/turns.ts';

/** Two servers on one PostgreSQL, with Redis between them or without. */
async function startTwo(withRedis: boolean) {
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
    ? { REDIS_URL: inject('redisUrl'), REDIS_KEY_PREFIX: `test-${randomUUID()}` }
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
