import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { createMemoryBus } from '../../src/adapters/bus/memory-bus.ts';
import { createMemoryEventLog } from '../../src/adapters/events/memory-event-log.ts';
import { createRedisJournal } from '../../src/adapters/journal/redis-journal.ts';
import { openRedisConnections } from '../../src/adapters/redis/connections.ts';
import type { JournalPart } from '../../src/ports/journal.ts';
import { createMemoryJournals } from '../support/memory-journal.ts';
import { startRedis } from '../support/services/redis.ts';
import { describeEventLog } from './event-log.ts';
import { describeJournal, type OpenJournal } from './journal.ts';

/** Instances on one Redis, each with connections of its own. */
function redisJournals(url: string, errors: unknown[] = []): OpenJournal {
  const bus = createMemoryBus();
  const prefix = `test-${randomUUID()}:`;
  const holdsLease = () => true;
  return async (instanceId, stillMine = async () => true) => {
    const redis = openRedisConnections({ url, prefix, warn: () => {} });
    onTestFinished(() => redis.dispose());
    expect(await redis.whenReady(10_000)).toBe(true);
    const logError = (error: unknown) => errors.push(error);
    return createRedisJournal({ ...redis, instanceId, bus, stillMine, holdsLease, logError });
  };
}

describeJournal('in memory', () => createMemoryJournals().open);
describeJournal('in Redis', () => redisJournals(inject('redisUrl')));

describeEventLog('that is written down in Redis', async () => {
  const journal = await redisJournals(inject('redisUrl'))('owner');
  onTestFinished(() => journal.dispose());
  return createMemoryEventLog({ journal });
});

const text = (start: number, words: string): JournalPart => ({ type: 'text', key: 1, start, text: words });

describe('a journal in a Redis that fails', () => {
  async function start() {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const errors: unknown[] = [];
    const open = redisJournals(redis.url, errors);
    const owner = await open('owner');
    const other = await open('other');
    onTestFinished(() => owner.dispose());
    onTestFinished(() => other.dispose());
    const heard: JournalPart[] = [];
    onTestFinished(other.follow('owner', 1, (part) => heard.push(part)));
    await expect.poll(() => owner.append([text(2, 'a')]).catch(() => null)).toBe('written');
    await expect.poll(() => heard).toEqual([text(2, 'a')]);
    return { redis, owner, other, heard, errors };
  }

  it('refuses while it is away, and goes on when it is back, empty', async () => {
    const { redis, owner, other, heard } = await start();
    await redis.kill();
    await expect(owner.append([text(3, 'b')])).rejects.toThrow();
    await expect(other.seal('owner')).rejects.toThrow();
    await redis.start();
    await expect.poll(() => owner.append([text(4, 'c')]).catch(() => null)).toBe('written');
    await expect.poll(() => heard.at(-1)).toEqual(text(4, 'c'));
    expect(await other.seal('owner')).toEqual([text(4, 'c')]);
  });

  it('refuses in time while it is frozen, and nothing is lost to who follows', async () => {
    const { redis, owner, heard } = await start();
    redis.freeze();
    const begun = performance.now();
    await expect(owner.append([text(3, 'b')])).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(5_000);
    redis.thaw();
    await expect.poll(() => owner.append([text(4, 'c')]).catch(() => null)).toBe('written');
    await expect.poll(() => heard.at(-1)).toEqual(text(4, 'c'));
    // What was refused may have been written all the same; it is not torn out of its order.
    expect(heard.filter((part) => 'start' in part).map((part) => 'start' in part && part.start)).toEqual(
      expect.arrayContaining([2, 4]),
    );
  });

  it('is bounded in size and has an end of life', async () => {
    const { redis, owner } = await start();
    const long = 'x'.repeat(1_000_000);
    for (let index = 0; index < 24; index++) await owner.append([text(3 + index * 1_000_000, long)]);
    const client = new Redis(redis.url);
    onTestFinished(() => client.disconnect());
    const [key = ''] = await client.keys('*journal:owner');
    expect(Number(await client.memory('USAGE', key))).toBeLessThan(24_000_000);
    expect(await client.pttl(key)).toBeGreaterThan(600_000);
    await owner.dispose();
    expect(await client.keys('*')).toEqual([]);
  });
});
