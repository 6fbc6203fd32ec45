import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createRateLimiter } from '../../src/adapters/limits/rate-limiter.ts';
import { openRedisConnections } from '../../src/adapters/redis/connections.ts';
import type { RateLimiter } from '../../src/ports/rate-limiter.ts';
import { startRedis } from '../support/services/redis.ts';

const RULE = { name: 'test', points: 5, seconds: 60 };

async function openLimiter(url: string, prefix = `test-${randomUUID()}:`): Promise<RateLimiter> {
  const redis = openRedisConnections({ url, prefix, warn: () => {} });
  onTestFinished(() => redis.dispose());
  expect(await redis.whenReady(10_000)).toBe(true);
  return createRateLimiter({ redis });
}

const allowedOf = async (limiter: RateLimiter, key: string, count: number, rule = RULE) => {
  const answers = await Promise.all(Array.from({ length: count }, () => limiter.consume(rule, key)));
  return answers.filter(({ allowed }) => allowed).length;
};

const spentOf = async (limiter: RateLimiter, key: string, count: number, rule = RULE) => {
  const answers = await Promise.all(Array.from({ length: count }, () => limiter.spend(rule, key)));
  return answers.filter(({ allowed }) => allowed).length;
};

/** What every rate limiter holds to. */
function describeRateLimiter(name: string, create: () => Promise<RateLimiter>): void {
  describe(`the rate limiter ${name}`, () => {
    it('allows so many, each key by itself, also all at once, and says when to come back', async () => {
      const limiter = await create();
      expect(await allowedOf(limiter, 'one', 20)).toBe(5);
      expect(await allowedOf(limiter, 'another', 3)).toBe(3);
      const { allowed, retryAfterSeconds } = await limiter.consume(RULE, 'one');
      expect(allowed).toBe(false);
      expect(retryAfterSeconds).toBeGreaterThan(0);
      expect(retryAfterSeconds).toBeLessThanOrEqual(60);
      expect(await limiter.consume({ ...RULE, name: 'other rule' }, 'one')).toEqual({
        allowed: true,
        retryAfterSeconds: 0,
      });
    });

    it('begins anew after its time, and when it is told to', async () => {
      const limiter = await create();
      const short = { ...RULE, seconds: 1 };
      expect(await allowedOf(limiter, 'key', 6, short)).toBe(5);
      await expect.poll(async () => (await limiter.consume(short, 'key')).allowed).toBe(true);
      expect(await allowedOf(limiter, 'key', 6)).toBe(5);
      await limiter.reset(RULE, 'key');
      expect(await allowedOf(limiter, 'key', 6)).toBe(5);
    });

    it('gives back what was taken for nothing', async () => {
      const limiter = await create();
      expect(await allowedOf(limiter, 'key', 5)).toBe(5);
      await limiter.refund(RULE, 'key');
      expect(await allowedOf(limiter, 'key', 5)).toBe(1);
    });

    it('lets what happens often be spent here: so many for each key, also all at once', async () => {
      const limiter = await create();
      expect(await spentOf(limiter, 'one', 20)).toBe(5);
      expect(await spentOf(limiter, 'another', 3)).toBe(3);
      const { allowed, retryAfterSeconds } = await limiter.spend(RULE, 'one');
      expect(allowed).toBe(false);
      expect(retryAfterSeconds).toBeGreaterThan(0);
      expect(retryAfterSeconds).toBeLessThanOrEqual(60);
      const many = { ...RULE, name: 'many', points: 1_000 };
      expect(await spentOf(limiter, 'one', 1_500, many)).toBe(1_000);
      const short = { ...RULE, seconds: 1 };
      expect(await spentOf(limiter, 'short', 6, short)).toBe(5);
      await expect.poll(async () => (await limiter.spend(short, 'short')).allowed).toBe(true);
    });

    it('takes any key', async () => {
      const limiter = await create();
      for (const key of ['', ':', '\u0000', '漢'.repeat(10_000)]) expect(await allowedOf(limiter, key, 6)).toBe(5);
    });
  });
}

describeRateLimiter('in memory', async () => createRateLimiter({ redis: null }));
describeRateLimiter('in Redis', () => openLimiter(inject('redisUrl')));

describe('a rate limiter in Redis', () => {
  it('counts for all instances together', async () => {
    const prefix = `test-${randomUUID()}:`;
    const [here, there] = await Promise.all([
      openLimiter(inject('redisUrl'), prefix),
      openLimiter(inject('redisUrl'), prefix),
    ]);
    const counts = await Promise.all([allowedOf(here, 'key', 20), allowedOf(there, 'key', 20)]);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(5);
    await here.reset(RULE, 'key');
    expect(await allowedOf(there, 'key', 20)).toBe(5);
  });

  it('lets all instances together spend so many, and asks only now and then', async () => {
    const prefix = `test-${randomUUID()}:`;
    const [here, there] = await Promise.all([
      openLimiter(inject('redisUrl'), prefix),
      openLimiter(inject('redisUrl'), prefix),
    ]);
    const rule = { ...RULE, points: 1_000 };
    const first = here.spend(rule, 'key');
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toEqual({ allowed: true, retryAfterSeconds: 0 });
    // Nine of the ten that it has taken are left.
    for (let count = 0; count < 9; count++) expect(here.spend(rule, 'key')).not.toBeInstanceOf(Promise);
    expect(here.spend(rule, 'key')).toBeInstanceOf(Promise);
    const counts = await Promise.all([spentOf(here, 'key', 800, rule), spentOf(there, 'key', 800, rule)]);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(1_000 - 11);
  });

  it('counts by itself while Redis is frozen or away: neither all nor none are let through', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const limiter = await openLimiter(redis.url);
    redis.freeze();
    const begun = performance.now();
    expect(await allowedOf(limiter, 'frozen', 20)).toBe(5);
    expect(await spentOf(limiter, 'frozen', 20)).toBe(5);
    expect(performance.now() - begun).toBeLessThan(2_000);
    redis.thaw();
    await redis.kill();
    expect(await allowedOf(limiter, 'away', 20)).toBe(5);
    await limiter.reset(RULE, 'away');
    expect(await allowedOf(limiter, 'away', 20)).toBe(5);
    await redis.start();
    await expect.poll(() => allowedOf(limiter, randomUUID(), 20)).toBe(5);
  });
});
