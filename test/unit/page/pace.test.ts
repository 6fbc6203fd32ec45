import { expect, test } from 'vitest';
import { createPace } from '../../../frontend/src/thread/pace.ts';

/** A page whose frames come when the test says so. */
function fakePage() {
  let time = 0;
  let drawings = 0;
  let cost = 0;
  const waiting = new Map<number, { at: number; call: () => void }>();
  let last = 0;
  const wait = (milliseconds: number) => (call: () => void) => {
    const id = ++last;
    waiting.set(id, { at: time + milliseconds, call });
    return () => void waiting.delete(id);
  };
  const pace = createPace(
    () => {
      drawings += 1;
      time += cost;
    },
    {
      now: () => time,
      beforeFrame: wait(10),
      afterFrame: wait(0),
      later: (call, milliseconds) => wait(milliseconds)(call),
    },
  );
  return {
    pace,
    /** What drawing costs from now on, in milliseconds. */
    costs(milliseconds: number): void {
      cost = milliseconds;
    },
    /** Lets time pass, with something new to draw each millisecond. Returns how often it was drawn. */
    run(milliseconds: number, isNew = true): number {
      const before = drawings;
      for (const end = time + milliseconds; time < end; time += 1) {
        if (isNew) pace.request();
        for (const [id, { at, call }] of [...waiting]) {
          if (at <= time && waiting.delete(id)) call();
        }
      }
      return drawings - before;
    },
  };
}

test('what is cheap is drawn for every frame, and only what is new', () => {
  const page = fakePage();
  page.costs(2);
  expect(page.run(1000)).toBeGreaterThan(60);
  page.run(100, false);
  expect(page.run(1000, false)).toBe(0);
});

test('what is costly leaves the page three quarters of the time, and its end is drawn', () => {
  const page = fakePage();
  page.costs(25);
  const drawn = page.run(5000);
  expect(drawn).toBeGreaterThan(40);
  expect(drawn).toBeLessThanOrEqual(50);
  page.pace.request();
  expect(page.run(1000, false)).toBe(1);
});

test('what takes more than two frames is drawn twice a second, so that few frames are missed', () => {
  const page = fakePage();
  page.costs(40);
  const drawn = page.run(5000);
  expect(drawn).toBeGreaterThanOrEqual(9);
  expect(drawn).toBeLessThanOrEqual(11);
  page.costs(300);
  expect(page.run(12_000)).toBeLessThanOrEqual(11);
});

test('nothing is drawn after the end', () => {
  const page = fakePage();
  page.pace.request();
  page.pace.stop();
  expect(page.run(100, false)).toBe(0);
});
