import type { RecordAudit } from '../../ports/audit-log.ts';
import type { RateLimiter } from '../../ports/rate-limiter.ts';

export type LoginFailuresDependencies = {
  record: RecordAudit;
  limiter: Pick<RateLimiter, 'consume'>;
  logError: (error: unknown) => void;
};

export type LoginFailure = {
  /** The account that was meant. Null: there is none. What was typed in place of its name may be a password. */
  account: { id: string; username: string } | null;
  reason: 'unknown account' | 'wrong password' | 'disabled account';
  ip: string | null;
};

/** Whoever tries: nobody fills the database with his attempts. */
const RECORDED = { name: 'audit-login', points: 60, seconds: 60 };

/** Puts down who failed to sign in. Never rejects: the login has failed for another reason. */
export function createLoginFailures({ record, limiter, logError }: LoginFailuresDependencies) {
  /** Since the last one that was recorded. */
  let unrecorded = 0;
  return async ({ account, reason, ip }: LoginFailure): Promise<void> => {
    if (!(await limiter.consume(RECORDED, 'all')).allowed) {
      unrecorded += 1;
      return;
    }
    const omitted = unrecorded;
    unrecorded = 0;
    await record({
      actor: { userId: null, name: 'anonymous', ip },
      action: 'login-failed',
      ...(account && { subject: { type: 'User', id: account.id, name: account.username } }),
      details: { reason, ...(omitted > 0 && { unrecorded: omitted }) },
    }).catch((error: unknown) => {
      unrecorded += omitted + 1;
      logError(error);
    });
  };
}
