import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMemoryBus } from '../../src/adapters/bus/memory-bus.ts';
import { type AccessHolder, watchAccess, watchBegun } from '../../src/transport/access.ts';

const DAY_MS = 86_400_000;
const SESSION: AccessHolder['credential'] = { type: 'session', sessionId: 's' };
const KEY: AccessHolder['credential'] = { type: 'key', keyId: 'k' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(credential: AccessHolder['credential'], expiresAt: Date | null) {
  const bus = createMemoryBus();
  const end = vi.fn();
  const deps = { bus, now: () => new Date(), isLiving: async () => true };
  const release = watchAccess(deps, { userId: 'u', credential, expiresAt }, end);
  return { bus, end, release };
}

test('a key that lasts longer than a timer can is not ended before its time', () => {
  const { end } = watch(KEY, new Date(Date.now() + 60 * DAY_MS));
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(end).toHaveBeenCalledOnce();
});

test('one that never expires has no timer', () => {
  const { end, release } = watch(KEY, null);
  expect(vi.getTimerCount()).toBe(0);
  release();
  expect(end).not.toHaveBeenCalled();
});

test('a key ends with its owner, and not with somebody’s session; a session as it is named', () => {
  const key = watch(KEY, null);
  key.bus.publish('access-revoked', 'u', { sessionId: 's' });
  expect(key.end).not.toHaveBeenCalled();
  key.bus.publish('access-revoked', 'u', { sessionId: null });
  expect(key.end).toHaveBeenCalledOnce();

  const session = watch(SESSION, null);
  session.bus.publish('access-revoked', 'u', { sessionId: 'another' });
  session.bus.publish('access-revoked', 'u', { sessionId: null, except: 's' });
  expect(session.end).not.toHaveBeenCalled();
  session.bus.publish('access-revoked', 'u', { sessionId: 's' });
  expect(session.end).toHaveBeenCalledOnce();
});

test('what was begun goes on when its credentials expire, and ends when they are ended, also just before', async () => {
  const bus = createMemoryBus();
  const [ended, living] = [vi.fn(), vi.fn()];
  const deps = { bus, now: () => new Date() };
  const holder = { userId: 'u', credential: SESSION, expiresAt: new Date() };
  watchBegun({ ...deps, isLiving: async () => false }, holder, ended);
  watchBegun({ ...deps, isLiving: async () => true }, holder, living);
  watchBegun({ ...deps, isLiving: () => Promise.reject(new Error('the database is away')) }, holder, living);
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(ended).toHaveBeenCalledOnce();
  expect(living).not.toHaveBeenCalled();
  bus.publish('access-revoked', 'u', { sessionId: 's' });
  expect(ended).toHaveBeenCalledOnce();
  expect(living).toHaveBeenCalledTimes(2);
});
