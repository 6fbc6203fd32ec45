import { readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DeadlinePassed, withDeadline } from '../../src/util/deadline.ts';

function holdUp(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('a deadline', () => {
  it('ends the wait, and aborts what is waited for', async () => {
    const begun = performance.now();
    let signal: AbortSignal | undefined;
    const wait = withDeadline(50, undefined, (inner) => {
      signal = inner;
      return new Promise<never>(() => {});
    });
    await expect(wait).rejects.toThrow(DeadlinePassed);
    expect(performance.now() - begun).toBeGreaterThan(45);
    expect(signal?.aborted).toBe(true);
  });

  it('ends with the reason of the signal from outside', async () => {
    const outer = new AbortController();
    const reason = new Error('Nobody waits any more.');
    const wait = withDeadline(10_000, outer.signal, () => new Promise<never>(() => {}));
    outer.abort(reason);
    await expect(wait).rejects.toBe(reason);
    await expect(withDeadline(10_000, outer.signal, async () => 'late')).rejects.toBe(reason);
  });

  it('takes what arrived in time while the process was held up', async () => {
    const look = withDeadline(200, undefined, () => stat(import.meta.filename));
    // Long enough for the file, and for the timer.
    holdUp(400);
    expect((await look).isFile()).toBe(true);
  });

  it('gives the time again that the process was held up, so that an answer of several steps can come', async () => {
    const steps = withDeadline(500, undefined, async () => {
      for (let step = 0; step < 3; step++) await readFile(import.meta.filename);
      return 'here';
    });
    holdUp(800);
    expect(await steps).toBe('here');
  });

  it('is never more than twice as long', async () => {
    const begun = performance.now();
    const wait = withDeadline(50, undefined, () => new Promise<never>(() => {}));
    holdUp(300);
    await expect(wait).rejects.toThrow(DeadlinePassed);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
