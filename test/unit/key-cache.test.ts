import { expect, test } from 'vitest';
import { createMemoryBus } from '../../src/adapters/bus/memory-bus.ts';
import { createKeyCache, EVERY_KEY } from '../../src/services/keys/key-cache.ts';

type Row = { version: number };

function start() {
  const bus = createMemoryBus();
  const gaps = new Set<(sinceMs: number) => void>();
  const onGap = (listener: (sinceMs: number) => void) => {
    gaps.add(listener);
    return () => void gaps.delete(listener);
  };
  const cache = createKeyCache<Row>({ bus: { ...bus, onGap } });
  let reads = 0;
  const read = async () => ({ version: ++reads });
  return { bus, cache, gaps, read, reads: () => reads };
}

test('what was read is remembered until any key changes, or word of that may have been lost', async () => {
  const { bus, cache, gaps, read } = start();
  expect(await cache.get('a', read)).toEqual({ version: 1 });
  expect(await cache.get('a', read)).toEqual({ version: 1 });
  bus.publish('api-key-changed', EVERY_KEY, {});
  expect(await cache.get('a', read)).toEqual({ version: 2 });
  for (const tell of gaps) tell(0);
  expect(await cache.get('a', read)).toEqual({ version: 3 });
  cache.dispose();
  expect(gaps.size).toBe(0);
});

test('what was read before a change is not remembered after it', async () => {
  const { bus, cache, read } = start();
  let answer: (row: Row) => void = () => {};
  const slow = cache.get('a', () => new Promise<Row>((resolve) => (answer = resolve)));
  bus.publish('api-key-changed', EVERY_KEY, {});
  answer({ version: 0 });
  expect(await slow).toEqual({ version: 0 });
  expect(await cache.get('a', read)).toEqual({ version: 1 });
});

test('what is unknown is looked up each time', async () => {
  const { cache, read, reads } = start();
  expect(await cache.get('a', async () => undefined)).toBeUndefined();
  expect(await cache.get('a', read)).toEqual({ version: 1 });
  expect(reads()).toBe(1);
});
