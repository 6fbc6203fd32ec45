/** So many points for each key, in so many seconds from its first one on. */
export type RateRule = { name: string; points: number; seconds: number };

export type RateAnswer = { allowed: boolean; retryAfterSeconds: number };

/**
 * Counts what is done, over all instances that share it. Never rejects, and never waits long: what cannot be counted
 * together is counted here.
 */
export type RateLimiter = {
  /** Takes a point. `retryAfterSeconds` is 0 where it is allowed. */
  consume(rule: RateRule, key: string): Promise<RateAnswer>;
  /**
   * As `consume`, for what happens often, and for a rule and keys that nothing else is done with: points are taken from
   * the count of all some at a time, at most a hundredth of them unless more wait, and spent here. The answer is there
   * at once where nobody has to be asked. What is remembered is bounded.
   */
  spend(rule: RateRule, key: string): RateAnswer | Promise<RateAnswer>;
  /** Gives a point back that was taken for nothing. */
  refund(rule: RateRule, key: string): Promise<void>;
  /** Begins anew for the key. */
  reset(rule: RateRule, key: string): Promise<void>;
};
