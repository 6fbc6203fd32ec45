import { AppError } from '../../errors.ts';
import type { RateAnswer, RateLimiter } from '../../ports/rate-limiter.ts';
import { addressBlock } from '../../util/address-block.ts';

/** 0: as many as they like. */
export type RequestLimitsDependencies = {
  limiter: Pick<RateLimiter, 'spend'>;
  /** Of one user. */
  perMinute: number;
  perMinutePerAddress: number;
};

/** Who asks. Null or left out: the credential has no limit of its own, and the server's counts. */
export type Requester = { userId: string; requestsPerMinute?: number | null };

type Refusal = AppError | null;

export type RequestLimits = ReturnType<typeof createRequestLimits>;

/** How many requests may come: of a user or a key, and from an address, whoever asks. */
export function createRequestLimits({ limiter, ...limits }: RequestLimitsDependencies) {
  function take(name: string, points: number, key: string): Refusal | Promise<Refusal> {
    if (points === 0) return null;
    const judge = ({ allowed, retryAfterSeconds }: RateAnswer) => (allowed ? null : refusal(retryAfterSeconds));
    const answer = limiter.spend({ name, points, seconds: 60 }, key);
    return answer instanceof Promise ? answer.then(judge) : judge(answer);
  }

  /** Counts a request. The refusal, or null; a promise only where other instances have to be asked. Never rejects. */
  return {
    fromAddress: (ip: string | null) =>
      take('requests-address', limits.perMinutePerAddress, ip === null ? 'unknown' : addressBlock(ip)),
    ofUser: ({ userId, requestsPerMinute }: Requester) =>
      take('requests', requestsPerMinute ?? limits.perMinute, userId),
  };
}

function refusal(retryAfterSeconds: number): AppError {
  const message = `These are too many requests. Try again in ${retryAfterSeconds} seconds.`;
  return new AppError({ code: 'RATE_LIMITED', message, retryable: true, retryAfterSeconds });
}
