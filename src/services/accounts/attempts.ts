import { AppError } from '../../errors.ts';
import type { RateLimiter, RateRule } from '../../ports/rate-limiter.ts';
import { addressBlock } from '../../util/address-block.ts';

/** Of the two per address, 0: as many as they like. */
export type AttemptsDependencies = {
  limiter: Pick<RateLimiter, 'consume' | 'reset'>;
  /** For one account. */
  perMinute: number;
  perMinutePerAddress: number;
  registrationsPerHourPerAddress: number;
};

export type Attempts = ReturnType<typeof createAttempts>;

/** How often a password may be tried, and an account be made. */
export function createAttempts({ limiter, ...limits }: AttemptsDependencies) {
  const ofAccount = { name: 'login', points: limits.perMinute, seconds: 60 };
  const ofAddress = { name: 'login-address', points: limits.perMinutePerAddress, seconds: 60 };
  const registrations = { name: 'register-address', points: limits.registrationsPerHourPerAddress, seconds: 3_600 };

  async function take(rule: RateRule, key: string | null): Promise<void> {
    if (rule.points === 0 || key === null) return;
    const { allowed, retryAfterSeconds } = await limiter.consume(rule, key);
    if (allowed) return;
    const message = `This was tried too often. Try again in ${retryAfterSeconds} seconds.`;
    throw new AppError({ code: 'RATE_LIMITED', message, retryable: true, retryAfterSeconds });
  }
  const blockOf = (ip: string | null) => ip && addressBlock(ip);

  return {
    /**
     * Before the password is looked at: for one account, whether or not there is such an account, and from one address,
     * for however many accounts. Throws RATE_LIMITED.
     */
    async take(account: string, ip: string | null): Promise<void> {
      await take(ofAddress, blockOf(ip));
      await take(ofAccount, account);
    },
    /** The password was right. What came from the address counts on: whoever guesses may have an account as well. */
    async forget(account: string): Promise<void> {
      await limiter.reset(ofAccount, account);
    },
    /** Before an account is made, whether it can be or not. Throws RATE_LIMITED. */
    async takeRegistration(ip: string | null): Promise<void> {
      await take(registrations, blockOf(ip));
    },
  };
}
