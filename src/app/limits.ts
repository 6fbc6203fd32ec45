import type { Config } from '../config.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import { createAttempts } from '../services/accounts/attempts.ts';
import { createAdmission } from '../services/chat/admission.ts';
import { createRequestLimits } from '../services/limits/requests.ts';

export type LimitsOptions = { config: Config; limiter: RateLimiter; now: () => Date };

/** What one user, and who comes from one address, may ask for in which time. */
export function createLimits({ config, limiter, now }: LimitsOptions) {
  return {
    attempts: createAttempts({
      limiter,
      perMinute: config.LOGIN_ATTEMPTS_PER_MINUTE,
      perMinutePerAddress: config.LOGIN_ATTEMPTS_PER_MINUTE_PER_IP,
      registrationsPerHourPerAddress: config.REGISTRATIONS_PER_HOUR_PER_IP,
    }),
    requests: createRequestLimits({
      limiter,
      perMinute: config.REQUESTS_PER_MINUTE,
      perMinutePerAddress: config.REQUESTS_PER_MINUTE_PER_IP,
    }),
    admission: createAdmission({
      limiter,
      turnsPerMinute: config.TURNS_PER_MINUTE,
      concurrentTurns: config.MAX_CONCURRENT_TURNS,
      tokensPerDay: config.TOKENS_PER_DAY,
      now,
    }),
  };
}
