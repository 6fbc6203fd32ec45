import { expect, test } from 'vitest';
import {
  type Counters,
  countersOf,
  increaseOf,
  meanOf,
  quantileOf,
} from '../../../frontend/src/admin/overview/counters.ts';
import { createRates } from '../../../frontend/src/admin/overview/rates.ts';
import { runsOf, summaryOf } from '../../../frontend/src/charts/points.ts';
import { nearestIndex, ticksUpTo, timesBetween } from '../../../frontend/src/charts/scale.ts';

const NOTHING: Counters = {
  process: 'one',
  turns: 0,
  failed: 0,
  promptTokens: 0,
  completionTokens: 0,
  hits: 0,
  misses: 0,
  firstTokens: { sum: 0, count: 0, buckets: new Map() },
};

const counted = (turns: number, process = 'one'): Counters => ({ ...NOTHING, turns, process });

test('counters are summed over what the labels tell apart, and name their process', () => {
  const sample = (name: string, value: number, labels = {}) => ({ name, value, labels });
  const counters = countersOf({
    metrics: [
      sample('turns_total', 5, { status: 'complete', model: 'a' }),
      sample('turns_total', 2, { status: 'failed', model: 'a' }),
      sample('turns_total', 1, { status: 'interrupted', model: 'b' }),
      sample('tokens_total', 70, { kind: 'prompt', model: 'a' }),
      sample('tokens_total', 30, { kind: 'completion', model: 'a' }),
      sample('tokens_total', 4, { kind: 'completion', model: 'b' }),
      sample('first_token_ms_bucket', 1, { le: '100', model: 'a' }),
      sample('first_token_ms_bucket', 2, { le: '+Inf', model: 'a' }),
      sample('first_token_ms_bucket', 3, { le: '100', model: 'b' }),
      sample('first_token_ms_sum', 300, { model: 'a' }),
      sample('first_token_ms_sum', 60, { model: 'b' }),
      sample('first_token_ms_count', 2, { model: 'a' }),
      sample('first_token_ms_count', 3, { model: 'b' }),
      sample('process_start_time_seconds', 1_700, { worker: '2' }),
    ],
    worker: { queued: 0, active: 0, completed: 0, failed: 0, retried: 0, meanSeconds: null },
    cache: { backend: 'memory', enabled: true, entries: 0, hits: 6, misses: 3, hitRate: 2 / 3, bytes: 0 },
  });
  expect(counters).toEqual({
    process: '2@1700',
    turns: 8,
    failed: 3,
    promptTokens: 70,
    completionTokens: 34,
    hits: 6,
    misses: 3,
    firstTokens: {
      sum: 360,
      count: 5,
      buckets: new Map([
        [100, 4],
        [Number.POSITIVE_INFINITY, 2],
      ]),
    },
  });
});

test('a counter that has begun again, or another process, is no increase and never a negative one', () => {
  expect(increaseOf(counted(4), counted(9))?.turns).toBe(5);
  expect(increaseOf(counted(9), counted(4))).toBeNull();
  expect(increaseOf(counted(4), counted(9, 'another'))).toBeNull();
  const seen = (count: number): Counters => ({ ...NOTHING, firstTokens: { sum: 0, count, buckets: new Map() } });
  expect(increaseOf(seen(3), seen(1))).toBeNull();
});

test('a part of a histogram is read as Prometheus reads it', () => {
  const buckets = new Map([
    [Number.POSITIVE_INFINITY, 20],
    [200, 19],
    [100, 10],
  ]);
  expect(quantileOf({ sum: 0, count: 20, buckets }, 0.5)).toBe(100);
  expect(quantileOf({ sum: 0, count: 20, buckets }, 0.25)).toBe(50);
  expect(quantileOf({ sum: 0, count: 20, buckets }, 0.95)).toBe(200);
  expect(quantileOf({ sum: 0, count: 20, buckets }, 0.99)).toBe(200);
  expect(quantileOf({ sum: 0, count: 0, buckets: new Map() }, 0.95)).toBeNull();
  expect(meanOf({ sum: 30, count: 4, buckets: new Map() })).toBe(7.5);
  expect(meanOf({ sum: 0, count: 0, buckets: new Map() })).toBeNull();
});

test('rates are of the last minute, and begin anew after a restart or a long silence', () => {
  const rates = createRates(20_000);
  expect(rates.add(0, counted(100), 1)?.turns).toBeNull();
  expect(rates.add(10_000, counted(102), 1)?.turns).toBe(12);
  for (let at = 20_000; at <= 60_000; at += 10_000) rates.add(at, counted(102), 1);
  expect(rates.add(70_000, counted(102), 1)?.turns).toBe(0);
  // Restarted.
  expect(rates.add(80_000, counted(1, 'two'), 1)?.turns).toBeNull();
  expect(rates.add(90_000, counted(2, 'two'), 1)?.turns).toBe(6);
  // Asleep.
  expect(rates.add(200_000, counted(50, 'two'), 1)?.turns).toBeNull();
  expect(rates.add(210_000, counted(50, 'two'), 1)?.turns).toBe(0);
});

test('of several servers that answer in turn one is followed, until it is gone', () => {
  const rates = createRates(20_000);
  rates.add(0, counted(10, 'one'), 2);
  expect(rates.add(5_000, counted(900, 'two'), 2)).toBeUndefined();
  expect(rates.add(10_000, counted(11, 'one'), 2)?.turns).toBe(6);
  const answers = [15, 20, 25, 30, 35].map((second) => rates.add(second * 1_000, counted(900, 'two'), 2));
  expect(answers.slice(0, 3)).toEqual([undefined, undefined, undefined]);
  expect(answers[3]?.turns).toBeNull();
  expect(answers[4]?.turns).toBe(0);
});

test('what is not known, and a long silence, are gaps in a line', () => {
  const points = [0, 2, 4, 6, 20, 22].map((at) => ({ at, values: [at === 4 ? null : at * 10] }));
  expect(runsOf(points, 0, 5)).toEqual([
    [
      { at: 0, value: 0 },
      { at: 2, value: 20 },
    ],
    [{ at: 6, value: 60 }],
    [
      { at: 20, value: 200 },
      { at: 22, value: 220 },
    ],
  ]);
  expect(summaryOf(points, 0, 5)).toEqual({ least: 0, most: 220, gaps: 2 });
  expect(summaryOf([{ at: 0, values: [null] }], 0, 5)).toBeNull();
});

test('axes have few round values, and room for the highest', () => {
  expect(ticksUpTo(7, true)).toEqual([0, 5, 10]);
  expect(ticksUpTo(1, true)).toEqual([0, 1]);
  expect(ticksUpTo(0.5)).toEqual([0, 0.2, 0.4, expect.closeTo(0.6)]);
  expect(ticksUpTo(2_999)).toEqual([0, 1_000, 2_000, 3_000]);
  for (const most of [0, 0.001, 3, 42, 1_234_567]) {
    expect(ticksUpTo(most).at(-1)).toBeGreaterThanOrEqual(most);
    expect(ticksUpTo(most).length).toBeLessThanOrEqual(5);
  }
  expect(timesBetween(61, 240, 60)).toEqual([120, 180, 240]);
  expect(nearestIndex([10, 20, 40], 31)).toBe(2);
  expect(nearestIndex([], 31)).toBe(-1);
});
