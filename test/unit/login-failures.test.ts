import { expect, test } from 'vitest';
import type { AuditEntry } from '../../src/ports/audit-log.ts';
import { createLoginFailures } from '../../src/services/audit/login-failures.ts';

function start(points: number) {
  const recorded: AuditEntry[] = [];
  const errors: unknown[] = [];
  const state = { points, fault: null as Error | null };
  const failed = createLoginFailures({
    async record(entry) {
      if (state.fault) throw state.fault;
      recorded.push(entry);
    },
    limiter: {
      async consume() {
        state.points -= 1;
        return { allowed: state.points >= 0, retryAfterSeconds: 1 };
      },
    },
    logError: (error) => errors.push(error),
  });
  const fail = () => failed({ account: null, reason: 'unknown account', ip: '192.0.2.1' });
  return { state, recorded, errors, failed, fail };
}

test('a failure names the account, the reason and the address, and nobody as who did it', async () => {
  const { recorded, failed, fail } = start(2);
  await failed({ account: { id: 'id', username: 'known' }, reason: 'wrong password', ip: null });
  await fail();
  expect(recorded).toEqual([
    {
      actor: { userId: null, name: 'anonymous', ip: null },
      action: 'login-failed',
      subject: { type: 'User', id: 'id', name: 'known' },
      details: { reason: 'wrong password' },
    },
    {
      actor: { userId: null, name: 'anonymous', ip: '192.0.2.1' },
      action: 'login-failed',
      details: { reason: 'unknown account' },
    },
  ]);
});

test('those that are too many are counted, and told with the next one that is recorded', async () => {
  const { state, recorded, fail } = start(1);
  for (let count = 0; count < 5; count++) await fail();
  expect(recorded).toHaveLength(1);
  state.points = 2;
  await fail();
  await fail();
  expect(recorded.slice(1).map(({ details }) => details)).toEqual([
    { reason: 'unknown account', unrecorded: 4 },
    { reason: 'unknown account' },
  ]);
});

test('one that cannot be recorded is a fault of the server, and counts as left out', async () => {
  const { state, recorded, errors, fail } = start(10);
  state.fault = new Error('no database');
  await fail();
  await fail();
  expect(errors).toHaveLength(2);
  state.fault = null;
  await fail();
  expect(recorded[0]?.details).toEqual({ reason: 'unknown account', unrecorded: 2 });
});
