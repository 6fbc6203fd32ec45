import { describe, expect, it } from 'vitest';
import { createLeases, type Lent } from '../../src/adapters/limits/leases.ts';

const RULE = { name: 'test', points: 1_000, seconds: 60 };

/** Leases on a clock that stands still, from others who answer with what `answers` holds, one after another. */
function leasesOn(answers: (Lent | null)[]) {
  let time = 0;
  const wanted: number[] = [];
  const spend = createLeases({
    lend: async (_rule, _key, points) => {
      wanted.push(points);
      return answers.shift() ?? null;
    },
    clock: () => time,
  });
  const pass = (milliseconds: number) => {
    time += milliseconds;
  };
  return { spend, wanted, pass };
}

describe('points that are taken from the others to be spent here', () => {
  it('are a hundredth of the rule, or as many as wait', async () => {
    const { spend, wanted } = leasesOn([
      { points: 10, milliseconds: 60_000 },
      { points: 15, milliseconds: 60_000 },
    ]);
    const answers = await Promise.all(Array.from({ length: 25 }, () => spend(RULE, 'key')));
    expect(answers.every(({ allowed }) => allowed)).toBe(true);
    expect(wanted).toEqual([10, 15]);
  });

  it('are the last ones when they are fewer than were wanted; nobody is asked again until the window of all ends', async () => {
    const { spend, wanted, pass } = leasesOn([
      { points: 2, milliseconds: 5_500 },
      { points: 10, milliseconds: 60_000 },
    ]);
    const answers = await Promise.all(Array.from({ length: 3 }, () => spend(RULE, 'key')));
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, true, false]);
    expect(answers[2]?.retryAfterSeconds).toBe(6);
    pass(5_499);
    expect(spend(RULE, 'key')).toEqual({ allowed: false, retryAfterSeconds: 1 });
    expect(wanted).toHaveLength(1);
    pass(1);
    expect(await spend(RULE, 'key')).toEqual({ allowed: true, retryAfterSeconds: 0 });
  });

  it('are as many as the rule has, and those counted that were had, where the others do not answer', async () => {
    const { spend, wanted } = leasesOn([{ points: 10, milliseconds: 60_000 }, null]);
    const answers = [];
    for (let count = 0; count < 1_001; count++) answers.push(await spend(RULE, 'key'));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(1_000);
    expect(wanted).toHaveLength(2);
  });

  it('are remembered for so many keys only', async () => {
    const spend = createLeases({ lend: null });
    const rule = { ...RULE, points: 1 };
    expect(spend(rule, 'first')).toMatchObject({ allowed: true });
    expect(spend(rule, 'first')).toMatchObject({ allowed: false });
    for (let key = 0; key < 50_000; key++) spend(rule, String(key));
    expect(spend(rule, 'first')).toMatchObject({ allowed: true });
  });
});
