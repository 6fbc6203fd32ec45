import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createMemoryCache } from '../../src/adapters/cache/memory-cache.ts';
import { createRedisCache } from '../../src/adapters/cache/redis-cache.ts';
import { openRedisConnections } from '../../src/adapters/redis/connections.ts';
import { startRedis } from '../support/services/redis.ts';
import { answer, type CacheSettings, describeResponseCache } from './response-cache.ts';

async function openCache(url: string, settings: CacheSettings, prefix = `test-${randomUUID()}:`) {
  const redis = openRedisConnections({ url, prefix, warn: () => {} });
  onTestFinished(() => redis.dispose());
  expect(await redis.whenReady(10_000)).toBe(true);
  return createRedisCache({ ...redis, ...settings });
}

describeResponseCache('in memory', createMemoryCache);
describeResponseCache('in Redis', (settings) => openCache(inject('redisUrl'), settings));

const SETTINGS = { ttlMs: 60_000, maxBytes: 1_000_000 };

describe('a response cache in Redis', () => {
  async function start() {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const [here, there] = await Promise.all([
      openCache(redis.url, SETTINGS, 'p:'),
      openCache(redis.url, SETTINGS, 'p:'),
    ]);
    const client = new Redis(redis.url);
    onTestFinished(() => client.disconnect());
    return { redis, here, there, client };
  }

  it('is shared by instances, with its figures, and leaves nothing behind', async () => {
    const { here, there, client } = await start();
    await here.set('a', answer('shared'), [randomUUID()]);
    expect(await there.get('a')).toEqual(answer('shared'));
    await there.get('b');
    await expect.poll(() => here.figures()).toMatchObject({ entries: 1, hits: 1, misses: 1 });
    for (const key of await client.keys('p:*')) {
      if (!key.endsWith(':counts')) expect(await client.pttl(key), key).toBeGreaterThan(0);
    }
    await there.flush();
    expect(await here.get('a')).toBeNull();
  });

  it('rejects in time while Redis is frozen or away, and goes on after', async () => {
    const { redis, here } = await start();
    await here.set('a', answer('kept'), []);
    redis.freeze();
    const begun = performance.now();
    await expect(here.get('a')).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(1_000);
    redis.thaw();
    await expect.poll(() => here.get('a').catch(() => null)).toEqual(answer('kept'));
    await redis.kill();
    await expect(here.get('a')).rejects.toThrow();
    await expect(here.set('b', answer('x'), [])).rejects.toThrow();
    await expect(here.flush()).rejects.toThrow();
    await redis.start();
    await expect
      .poll(() =>
        here
          .set('b', answer('again'), [])
          .then(() => here.get('b'))
          .catch(() => null),
      )
      .toEqual(answer('again'));
  });

  it('survives what somebody else has done to its keys', async () => {
    const { here, client } = await start();
    await here.set('a', answer('x'), []);
    await client.set('p:cache:answer:a', '{"content":1}');
    expect(await here.get('a')).toBeNull();
    await client.del('p:cache:index', 'p:cache:sizes');
    await client.set('p:cache:bytes', '999999999');
    await here.set('b', answer('y'), []);
    await here.set('c', answer('z'), []);
    expect(await here.get('c')).toEqual(answer('z'));
    expect((await here.figures()).bytes).toBeLessThan(1_000);
  });
});
