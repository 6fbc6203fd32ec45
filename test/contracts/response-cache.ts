import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CachedAnswer, ResponseCache } from '../../src/ports/response-cache.ts';

export type CacheSettings = { ttlMs: number; maxBytes: number };

const SETTINGS: CacheSettings = { ttlMs: 60_000, maxBytes: 1_000_000 };

export const answer = (content: string, more: Partial<CachedAnswer> = {}): CachedAnswer => ({
  content,
  reasoning: '',
  segments: [0, content.length],
  finishReason: 'STOP',
  usage: { promptTokens: 3, completionTokens: 4 },
  ...more,
});

/** What every response cache holds to. */
export function describeResponseCache(
  name: string,
  create: (settings: CacheSettings) => ResponseCache | Promise<ResponseCache>,
): void {
  describe(`the response cache ${name}`, () => {
    it('gives what was put in, whole, and counts what is found and what is not', async () => {
      const cache = await create(SETTINGS);
      expect(await cache.get('a')).toBeNull();
      const whole = answer('漢😀\u0001"', {
        reasoning: 'hm ',
        segments: [1, 2, 2, 3],
        finishReason: 'LENGTH',
        usage: null,
      });
      await cache.set('a', whole, []);
      await cache.set('b', answer('other'), []);
      expect(await cache.get('a')).toEqual(whole);
      expect(await cache.get('b')).toEqual(answer('other'));
      await expect.poll(() => cache.figures()).toMatchObject({ entries: 2, hits: 2, misses: 1 });
      expect((await cache.figures()).bytes).toBeGreaterThan(0);
    });

    it('keeps the newer of two answers, and counts it once', async () => {
      const cache = await create(SETTINGS);
      await cache.set('a', answer('first, which is longer'), []);
      await cache.set('a', answer('second'), []);
      expect((await cache.get('a'))?.content).toBe('second');
      const { entries, bytes } = await cache.figures();
      expect(entries).toBe(1);
      await cache.flush();
      await cache.set('a', answer('second'), []);
      expect((await cache.figures()).bytes).toBe(bytes);
    });

    it('forgets after its time', async () => {
      const cache = await create({ ...SETTINGS, ttlMs: 50 });
      await cache.set('a', answer('short-lived'), []);
      await expect.poll(() => cache.get('a')).toBeNull();
      await expect.poll(() => cache.figures()).toMatchObject({ entries: 0, bytes: 0 });
    });

    it('is bounded in size: the oldest go, and what is too large does not come in', async () => {
      const cache = await create({ ...SETTINGS, maxBytes: 100_000 });
      for (let index = 0; index < 100; index++) await cache.set(`key ${index}`, answer('x'.repeat(3_000)), []);
      const { entries, bytes } = await cache.figures();
      expect(bytes).toBeLessThanOrEqual(100_000);
      expect(entries).toBeGreaterThan(10);
      expect(await cache.get('key 0')).toBeNull();
      expect(await cache.get('key 99')).not.toBeNull();
      await cache.set('large', answer('x'.repeat(50_000)), []);
      expect(await cache.get('large')).toBeNull();
      expect(await cache.get('key 99')).not.toBeNull();
    });

    it('forgets what was made from a file, also what comes just after, and nothing else', async () => {
      const cache = await create(SETTINGS);
      const [gone, kept] = [randomUUID(), randomUUID()];
      await cache.set('one', answer('from both'), [kept, gone]);
      await cache.set('two', answer('from the one that stays'), [kept]);
      await cache.set('three', answer('from none'), []);
      await cache.removeFiles([gone]);
      expect(await cache.get('one')).toBeNull();
      expect(await cache.get('two')).not.toBeNull();
      expect(await cache.get('three')).not.toBeNull();
      await cache.set('late', answer('was on its way'), [gone]);
      expect(await cache.get('late')).toBeNull();
      expect(await cache.figures()).toMatchObject({ entries: 2 });
      await cache.removeFiles([randomUUID()]);
    });

    it('forgets everything, and says how many', async () => {
      const cache = await create(SETTINGS);
      expect(await cache.flush()).toBe(0);
      for (let index = 0; index < 1_200; index++) await cache.set(String(index), answer('x'), []);
      expect(await cache.flush()).toBe(1_200);
      expect(await cache.figures()).toMatchObject({ entries: 0, bytes: 0 });
      expect(await cache.get('7')).toBeNull();
      await cache.ping();
    });
  });
}
