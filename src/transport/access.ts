import type { Bus } from '../ports/bus.ts';
import type { Viewer } from '../services/accounts/viewer.ts';

export type AccessDependencies = { bus: Bus; now: () => Date };

/** Longer timers overflow; access tokens live for a day at most. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Calls `end` once, when the viewer may not be listened to any more: the access token has expired, or its session was
 * ended here or on another instance. Returns what stops the watch.
 */
export function watchAccess({ bus, now }: AccessDependencies, viewer: Viewer, end: () => void): () => void {
  const remaining = viewer.expiresAt.getTime() - now().getTime();
  const release = () => {
    clearTimeout(timer);
    unsubscribe();
  };
  const finish = () => {
    release();
    end();
  };
  const timer = setTimeout(finish, Math.min(Math.max(remaining, 0), MAX_TIMER_MS));
  const unsubscribe = bus.subscribe('access-revoked', viewer.userId, ({ sessionId, except }) => {
    const concerned = sessionId === null ? viewer.sessionId !== except : viewer.sessionId === sessionId;
    if (concerned) finish();
  });
  return release;
}
