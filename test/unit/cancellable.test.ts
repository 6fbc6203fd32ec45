import { describe, expect, it } from 'vitest';
import { cancellable } from '../../src/util/cancellable.ts';

const never = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

describe('a cancellable iterator', () => {
  it('ends a pending read when its reader leaves, and runs the cleanup', async () => {
    let cleaned = false;
    const items = cancellable<number>(async function* (signal) {
      try {
        yield 1;
        await never(signal);
        yield 2;
      } finally {
        cleaned = true;
      }
    });
    expect(await items.next()).toEqual({ value: 1, done: false });
    const pending = items.next();
    await items.return?.();
    expect(await pending).toEqual({ value: undefined, done: true });
    expect(cleaned).toBe(true);
    expect((await items.next()).done).toBe(true);
  });

  it('ends when the outer signal aborts', async () => {
    const outer = new AbortController();
    const items = cancellable<number>(async function* (signal) {
      await never(signal);
      yield 1;
    }, outer.signal);
    const pending = items.next();
    outer.abort();
    expect((await pending).done).toBe(true);
    expect((await items.next()).done).toBe(true);
  });

  it('does not begin once it has been left', async () => {
    let begun = false;
    const items = cancellable<number>(async function* () {
      begun = true;
      yield 1;
    });
    await items.return?.();
    expect((await items.next()).done).toBe(true);
    expect(begun).toBe(false);
  });

  it('passes failures on, but none that come from leaving', async () => {
    const failing = cancellable<number>(async function* () {
      yield 1;
      throw new Error('broken');
    });
    await failing.next();
    await expect(failing.next()).rejects.toThrow('broken');
    const left = cancellable<number>(async function* (signal) {
      yield 1;
      await never(signal);
      throw new Error('because it was left');
    });
    await left.next();
    const pending = left.next();
    await left.return?.();
    expect((await pending).done).toBe(true);
  });
});
