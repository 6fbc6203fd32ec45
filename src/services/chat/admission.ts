import { AppError } from '../../errors.ts';
import type { RateLimiter } from '../../ports/rate-limiter.ts';

export type AdmissionDependencies = {
  limiter: RateLimiter;
  /** 0: as many as they like. */
  turnsPerMinute: number;
};

export type Admission = ReturnType<typeof createAdmission>;

/** How many turns a user may begin. */
export function createAdmission({ limiter, turnsPerMinute }: AdmissionDependencies) {
  const rule = { name: 'turns', points: turnsPerMinute, seconds: 60 };
  return {
    /** Counts a turn. The refusal, or null. */
    async admit(userId: string): Promise<AppError | null> {
      if (turnsPerMinute === 0) return null;
      const { allowed, retryAfterSeconds } = await limiter.consume(rule, userId);
      if (allowed) return null;
      const message = `You have begun ${turnsPerMinute} answers within a minute. Try again in ${retryAfterSeconds} seconds.`;
      return new AppError({ code: 'RATE_LIMITED', message, retryable: true, retryAfterSeconds });
    },
    /** It was no new turn. */
    async takeBack(userId: string): Promise<void> {
      if (turnsPerMinute > 0) await limiter.refund(rule, userId);
    },
  };
}
