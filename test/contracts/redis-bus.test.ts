import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createRedisBus } from '../../src/adapters/bus/redis-bus.ts';
import { openRedisConnections } from '../../src/adapters/redis/connections.ts';
import { startRedis } from '../support/services/redis.ts';
import { describeBus } from './bus.ts';

async function openBus(url: string, prefix: string) {
  const redis = openRedisConnections({ url, prefix, warn: () => {} });
  onTestFinished(() => redis.dispose());
  const bus = createRedisBus({ ...redis, origin: randomUUID() });
  onTestFinished(() => bus.dispose());
  expect(await redis.whenReady(10_000)).toBe(true);
  await bus.settled();
  return bus;
}

describeBus('over Redis', async () => {
  const prefix = `test-${randomUUID()}:`;
  return {
    here: await openBus(inject('redisUrl'), prefix),
    there: await openBus(inject('redisUrl'), prefix),
  };
});

describe('a bus over a Redis that fails', () => {
  async function start() {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const [here, there] = await Promise.all([openBus(redis.url, 'p:'), openBus(redis.url, 'p:')]);
    const heard: string[] = [];
    const local: string[] = [];
    const gaps: number[] = [];
    there.subscribe('conversation-changed', 'user', ({ conversationId }) => void heard.push(conversationId));
    here.subscribe('conversation-changed', 'user', ({ conversationId }) => void local.push(conversationId));
    there.onGap((sinceMs) => gaps.push(sinceMs));
    await Promise.all([here.settled(), there.settled()]);
    const say = (conversationId: string) => here.publish('conversation-changed', 'user', { conversationId });
    /** Until it is heard: what is said too early is lost. */
    const sayUntilHeard = (conversationId: string) =>
      expect
        .poll(() => {
          say(conversationId);
          return heard.includes(conversationId);
        })
        .toBe(true);
    return { redis, here, there, heard, local, gaps, say, sayUntilHeard };
  }

  it('goes on by itself while it is away, and tells of the gap when it is back', async () => {
    const { redis, heard, local, gaps, say, sayUntilHeard } = await start();
    say('before');
    await expect.poll(() => heard).toEqual(['before']);
    await redis.kill();
    say('alone');
    expect(local).toEqual(['before', 'alone']);
    await redis.start();
    await sayUntilHeard('again');
    expect(heard).not.toContain('alone');
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps[0]).toBeGreaterThan(0);
  });

  it('notices that it is frozen, tells so now and then, and goes on when it is not', async () => {
    const { redis, local, gaps, say, sayUntilHeard } = await start();
    redis.freeze();
    say('alone');
    expect(local).toEqual(['alone']);
    await expect.poll(() => gaps.length, { timeout: 30_000 }).toBeGreaterThan(1);
    redis.thaw();
    await sayUntilHeard('again');
  });

  it('passes over what is no message, and what is of another version', async () => {
    const { redis, heard, sayUntilHeard } = await start();
    const stranger = new Redis(redis.url);
    onTestFinished(() => stranger.disconnect());
    for (const text of ['', 'null', '[]', '{"from":1}', '{"from":"x","body":null}', '{']) {
      await stranger.publish('p:bus:conversation-changed:user', text);
    }
    await sayUntilHeard('last');
    expect(new Set(heard)).toEqual(new Set(['last']));
  });

  it('has one connection that listens, however many do, and leaves no channel behind', async () => {
    const { redis, there } = await start();
    const ends = Array.from({ length: 2_000 }, (_, index) => there.subscribe('turn-stop', String(index), () => {}));
    await there.settled();
    const admin = new Redis(redis.url);
    onTestFinished(() => admin.disconnect());
    expect(await admin.pubsub('CHANNELS', 'p:bus:turn-stop:*')).toHaveLength(2_000);
    const clients = String(await admin.client('LIST'))
      .trim()
      .split('\n');
    // Two instances with two connections, and this test.
    expect(clients).toHaveLength(5);
    for (const end of ends) end();
    await there.settled();
    expect(await admin.pubsub('CHANNELS', 'p:bus:turn-stop:*')).toEqual([]);
  });
});
