import type { ServerResponse } from 'node:http';
import type { Bus } from '../ports/bus.ts';
import type { Viewer } from '../services/accounts/viewer.ts';

export type AccessDependencies = {
  bus: Bus;
  now: () => Date;
  /** Whether the session or the API key is good still. Cheap for many at a time. */
  isLiving: (credential: Viewer['credential']) => Promise<boolean>;
};

/** What access hangs on. */
export type AccessHolder = Pick<Viewer, 'userId' | 'credential' | 'expiresAt'>;

/** Longer timers overflow. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Calls `end` once, when the viewer may not be listened to any more: the credential has expired, or its session or key
 * was ended here or on another instance. Where word of that may have been lost, it is looked at. Returns what stops the
 * watch.
 */
export function watchAccess(deps: AccessDependencies, holder: AccessHolder, end: () => void): () => void {
  return beginWatch(deps, holder, end).release;
}

/**
 * As `watchAccess`, for what was begun with good credentials a moment ago: it may go on when those expire, not when they
 * are ended, also should that have been before anybody listened.
 */
export function watchBegun(deps: AccessDependencies, viewer: AccessHolder, end: () => void): () => void {
  const { release, look } = beginWatch(deps, { ...viewer, expiresAt: null }, end);
  void deps.bus.settled().then(look);
  return release;
}

function beginWatch(
  { bus, now, isLiving }: AccessDependencies,
  { userId, credential, expiresAt }: AccessHolder,
  end: () => void,
) {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
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
  const wait = (until: Date) => {
    const remaining = Math.max(until.getTime() - now().getTime(), 0);
    // A key may last for years.
    timer = remaining > MAX_TIMER_MS ? setTimeout(() => wait(until), MAX_TIMER_MS) : setTimeout(finish, remaining);
  };
  if (expiresAt) wait(expiresAt);
  const unsubscribe = bus.subscribe('access-revoked', userId, ({ sessionId, except }) => {
    const own = credential.type === 'session' ? credential.sessionId : null;
    const concerned = sessionId === null ? own === null || own !== except : own === sessionId;
    if (concerned) finish();
  });
  const look = () => {
    isLiving(credential).then(
      (living) => {
        if (!living) finish();
      },
      // The database does not say: the next gap, or the credential's end, does.
      () => {},
    );
  };
  const forgetGaps = bus.onGap(look);
  return { release, look };
}

/** Breaks off what is sent to the viewer when his access is ended meanwhile. */
export async function whileAllowed(
  deps: AccessDependencies,
  viewer: AccessHolder,
  response: ServerResponse,
  send: () => Promise<void>,
): Promise<void> {
  const release = watchBegun(deps, viewer, () => response.destroy());
  try {
    await send();
  } finally {
    release();
  }
}
