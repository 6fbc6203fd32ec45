import { expect, it } from 'vitest';
import { createPlaces } from '../../src/util/places.ts';

const signal = new AbortController().signal;

it('gives places in the order in which they were asked for', async () => {
  const places = createPlaces('x', 1);
  const first = await places.take(signal);
  const order: number[] = [];
  const others = [1, 2, 3].map(async (number) => {
    const give = await places.take(signal);
    order.push(number);
    give();
  });
  expect(places.load()).toMatchObject({ active: 1, waiting: 3 });
  expect(places.load().longestWaitMs).toBeGreaterThanOrEqual(0);
  first();
  await Promise.all(others);
  expect(order).toEqual([1, 2, 3]);
  expect(places.load()).toEqual({ active: 0, waiting: 0, longestWaitMs: 0 });
});

it('gives a place back once, however often that is said', async () => {
  const places = createPlaces('x', 2);
  const give = await places.take(signal);
  give();
  give();
  expect(places.load().active).toBe(0);
});

it('lets whoever leaves the queue go, and loses no place', async () => {
  const places = createPlaces('x', 1);
  const give = await places.take(signal);
  const controller = new AbortController();
  const left = places.take(controller.signal);
  const stays = places.take(signal);
  controller.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  give();
  (await stays)();
  // The turn of somebody who leaves at that very moment.
  const again = await places.take(signal);
  const late = new AbortController();
  const waiting = places.take(late.signal);
  again();
  late.abort(new Error('left'));
  await waiting.then(
    (back) => back(),
    () => {},
  );
  expect(places.load()).toMatchObject({ active: 0, waiting: 0 });
});

it('refuses whoever comes when too many wait', async () => {
  const places = createPlaces('ollama', 1, 2);
  await places.take(signal);
  for (let count = 0; count < 2; count++) void places.take(signal);
  await expect(places.take(signal)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryable: true });
});

it('admits those who wait when there are more places', async () => {
  const places = createPlaces('x', 0);
  const waiting = [places.take(signal), places.take(signal), places.take(signal)];
  places.resize(2);
  await Promise.all(waiting.slice(0, 2));
  expect(places.load()).toMatchObject({ active: 2, waiting: 1 });
});
