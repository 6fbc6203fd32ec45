import { describe, expect, it } from 'vitest';
import { createSharedReadings } from '../../src/services/stats/shared-readings.ts';

/** A clock that goes on when everybody waits for it. */
function setUp(read?: () => Promise<number>) {
  let time = 10_300;
  let reads = 0;
  const waits: { until: number; wake: () => void }[] = [];
  const readings = createSharedReadings({
    read: read ?? (async () => ++reads),
    clock: () => time,
    delay: (milliseconds, signal) =>
      new Promise((wake) => {
        waits.push({ until: time + milliseconds, wake });
        signal?.addEventListener('abort', () => wake());
      }),
  });
  const advance = (to: number) => {
    time = to;
    for (const wait of waits.splice(0)) wait.until <= time ? wait.wake() : waits.push(wait);
  };
  return { ...readings, advance, reads: () => reads, nextWait: () => Math.min(...waits.map(({ until }) => until)) };
}

describe('shared readings', () => {
  it('are read once a second for all who watch, and not at all when nobody does', async () => {
    const { watch, advance, reads, nextWait } = setUp();
    expect(reads()).toBe(0);
    const watchers = [watch(1), watch(1), watch(2)];
    expect(await Promise.all(watchers.map((watcher) => watcher.next()))).toEqual(
      watchers.map(() => ({ value: 1, done: false })),
    );
    const nexts = watchers.map((watcher) => watcher.next());
    await Promise.resolve();
    expect(nextWait()).toBeGreaterThan(11_000);
    expect(nextWait()).toBeLessThan(11_010);
    advance(11_005);
    expect(await Promise.all(nexts.slice(0, 2))).toEqual([
      { value: 2, done: false },
      { value: 2, done: false },
    ]);
    const again = watchers[0]?.next();
    await Promise.resolve();
    advance(12_005);
    expect(await again).toEqual({ value: 3, done: false });
    expect(await nexts[2]).toEqual({ value: 3, done: false });
    for (const watcher of watchers) await watcher.return?.();
    expect(reads()).toBe(3);
  });

  it('end at once with their watcher, and with a fault', async () => {
    const { watch } = setUp();
    const watcher = watch(60);
    await watcher.next();
    const waiting = watcher.next();
    await watcher.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    const left = new AbortController();
    left.abort();
    expect(await watch(1, left.signal).next()).toMatchObject({ done: true });
    const failing = setUp(() => Promise.reject(new Error('away')));
    await expect(failing.watch(1).next()).rejects.toThrow('away');
  });
});
