import { AppError } from '../../errors.ts';
import type { RateLimiter } from '../../ports/rate-limiter.ts';
import type { TurnLimits, TurnRefusal } from './turn-store.ts';

/** 0 in any of them: as many as they like. */
export type AdmissionDependencies = {
  limiter: Pick<RateLimiter, 'consume' | 'refund'>;
  turnsPerMinute: number;
  /** Of one user, on all instances. */
  concurrentTurns: number;
  /** Of one user, from midnight to midnight, UTC. */
  tokensPerDay: number;
  now: () => Date;
};

export type Admission = ReturnType<typeof createAdmission>;

const DAY_MS = 86_400_000;
/** An answer may end at any moment. */
const ANOTHER_ENDS_SECONDS = 5;

/** How many turns a user may begin. */
export function createAdmission(deps: AdmissionDependencies) {
  const { limiter, turnsPerMinute, now } = deps;
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
    /** What is looked at as the turn is stored. `tokensPerDay`: of the credential; null: it has none of its own. */
    limitsOf(tokensPerDay: number | null): TurnLimits {
      return { turns: deps.concurrentTurns, tokens: tokensPerDay ?? deps.tokensPerDay };
    },
    /** What a person is told of it. */
    refusal(passed: TurnRefusal, limits: TurnLimits): AppError {
      if (passed === 'turns') {
        const message = `${limits.turns} of your answers are being written. Wait until one of them has ended.`;
        return new AppError({
          code: 'RATE_LIMITED',
          message,
          retryable: true,
          retryAfterSeconds: ANOTHER_ENDS_SECONDS,
        });
      }
      const time = now().getTime();
      return new AppError({
        code: 'QUOTA_EXCEEDED',
        message: `The ${limits.tokens} tokens of this day are used up. There are new ones at midnight, UTC.`,
        retryable: true,
        retryAfterSeconds: Math.ceil((DAY_MS - (time % DAY_MS)) / 1_000),
      });
    },
  };
}
