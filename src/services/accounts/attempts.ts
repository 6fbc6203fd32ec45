import { AppError } from '../../errors.ts';
import type { RateLimiter } from '../../ports/rate-limiter.ts';

export type AttemptsDependencies = { limiter: RateLimiter; perMinute: number };

export type Attempts = ReturnType<typeof createAttempts>;

/** How often a password may be tried for one account, whether or not there is such an account. */
export function createAttempts({ limiter, perMinute }: AttemptsDependencies) {
  const rule = { name: 'login', points: perMinute, seconds: 60 };
  return {
    /** Before the password is looked at. Throws RATE_LIMITED. */
    async take(account: string): Promise<void> {
      const { allowed, retryAfterSeconds } = await limiter.consume(rule, account);
      if (allowed) return;
      const message = `This was tried too often. Try again in ${retryAfterSeconds} seconds.`;
      throw new AppError({ code: 'RATE_LIMITED', message, retryable: true, retryAfterSeconds });
    },
    /** The password was right. */
    async forget(account: string): Promise<void> {
      await limiter.reset(rule, account);
    },
  };
}
