import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateAnswer, RateLimiter, RateRule } from '../../ports/rate-limiter.ts';
import { withDeadline } from '../../util/deadline.ts';
import { createLeases, type Lent } from './leases.ts';

export type RateLimiterOptions = {
  /** Null: only this instance counts. */
  redis: { commands: Redis; prefix: string } | null;
  /** Something was refused by the limit of this name. */
  onRefused?: (limit: string) => void;
};

/** What is limited waits no longer for the count of the others. */
const REDIS_MS = 150;

type Pair = { here: RateLimiterMemory; shared: RateLimiterRedis | null };

/** Counts in Redis; in this process where there is none, and while it does not answer. */
export function createRateLimiter({ redis, onRefused }: RateLimiterOptions): RateLimiter {
  const limiters = new Map<string, Pair>();

  function limitersOf({ name, points, seconds }: RateRule): Pair {
    const id = `${name}:${points}:${seconds}`;
    const known = limiters.get(id);
    if (known) return known;
    const options = { points, duration: seconds };
    const shared =
      redis &&
      new RateLimiterRedis({ ...options, storeClient: redis.commands, keyPrefix: `${redis.prefix}limit:${id}` });
    const made = { here: new RateLimiterMemory(options), shared };
    limiters.set(id, made);
    return made;
  }

  async function withShared<Result>(
    rule: RateRule,
    work: (limiter: RateLimiterAbstract) => Promise<Result>,
  ): Promise<Result> {
    const { here, shared } = limitersOf(rule);
    if (!shared) return work(here);
    try {
      return await withDeadline(REDIS_MS, undefined, () => work(shared));
    } catch (error) {
      // That is how a limiter says no.
      if (error instanceof RateLimiterRes) throw error;
      return work(here);
    }
  }

  async function lend(rule: RateRule, key: string, wanted: number): Promise<Lent | null> {
    const { shared } = limitersOf(rule);
    if (!shared) return null;
    try {
      const { msBeforeNext } = await withDeadline(REDIS_MS, undefined, () => shared.consume(shortened(key), wanted));
      return { points: wanted, milliseconds: msBeforeNext };
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) return null;
      const { consumedPoints, msBeforeNext } = error;
      return { points: Math.max(0, wanted - (consumedPoints - rule.points)), milliseconds: msBeforeNext };
    }
  }

  const spend = createLeases({ lend: redis ? lend : null });

  function told({ name }: RateRule, answer: RateAnswer): RateAnswer {
    if (!answer.allowed) onRefused?.(name);
    return answer;
  }

  return {
    spend(rule, key) {
      const answer = spend(rule, key);
      return answer instanceof Promise ? answer.then((later) => told(rule, later)) : told(rule, answer);
    },
    async consume(rule, key): Promise<RateAnswer> {
      try {
        await withShared(rule, (limiter) => limiter.consume(shortened(key)));
        return { allowed: true, retryAfterSeconds: 0 };
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        return told(rule, { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(error.msBeforeNext / 1_000)) });
      }
    },
    async refund(rule, key) {
      await withShared(rule, (limiter) => limiter.reward(shortened(key)));
    },
    async reset(rule, key) {
      const { here } = limitersOf(rule);
      await here.delete(shortened(key));
      await withShared(rule, (limiter) => limiter.delete(shortened(key)));
    },
  };
}

/** Names that strangers send may be long, and some are nobody's business. */
function shortened(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
