import type { Bus } from '../ports/bus.ts';
import type { Viewer } from '../services/accounts/viewer.ts';

export type AccessDependencies = {
  bus: Bus;
  now: () => Date;
  /** Whether the session is good still. Cheap for many at a time. */
  isLiving: (sessionId: string) => Promise<boolean>;
};

/** Longer timers overflow; access tokens live for a day at most. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Calls `end` once, when the viewer may not be listened to any more: the access token has expired, or its session was
 * ended here or on another instance. Where word of that may have been lost, the session is looked at. Returns what stops
 * the watch.
 */
export function watchAccess({ bus, now, isLiving }: AccessDependencies, viewer: Viewer, end: () => void): () => void {
  const remaining = viewer.expiresAt.getTime() - now().getTime();
  let isOver = false;
  const release = () => {
    isOver = true;
    clearTimeout(timer);
    unsubscribe();
    forgetGaps();
  };
  const finish = () => {
    if (isOver) return;
    release();
    end();
  };
  const timer = setTimeout(finish, Math.min(Math.max(remaining, 0), MAX_TIMER_MS));
  const unsubscribe = bus.subscribe('access-revoked', viewer.userId, ({ sessionId, except }) => {
    const concerned = sessionId === null ? viewer.sessionId !== except : viewer.sessionId === sessionId;
    if (concerned) finish();
  });
  const forgetGaps = bus.onGap(() => {
    isLiving(viewer.sessionId).then(
      (living) => {
        if (!living) finish();
      },
      // The database does not say: the next gap, or the token's end, does.
      () => {},
    );
  });
  return release;
}
