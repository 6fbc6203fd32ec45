import type { Actor } from '../ports/audit-log.ts';
import type { PersonContext } from './context.ts';

/** Whoever asks, as the audit log names him. */
export function actorOf({ viewer, ip }: Pick<PersonContext, 'viewer' | 'ip'>): Actor & { userId: string } {
  return { userId: viewer.userId, name: viewer.username, ip };
}
