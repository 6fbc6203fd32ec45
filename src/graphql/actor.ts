import type { Actor } from '../ports/audit-log.ts';
import type { SignedInContext } from './context.ts';

/** Whoever asks, as the audit log names him. */
export function actorOf({ viewer, ip }: Pick<SignedInContext, 'viewer' | 'ip'>): Actor {
  return { userId: viewer.userId, name: viewer.username, ip };
}
