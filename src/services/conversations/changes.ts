import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { Bus } from '../../ports/bus.ts';
import { batched } from '../../util/batched.ts';
import { cancellable } from '../../util/cancellable.ts';

/** Changes that wait for a slow reader; each conversation counts once. */
const MAX_WAITING = 1_000;
/** What clocks may differ by, and how long a change may take to be told. */
const MARGIN_MS = 3_000;

/** The user's conversations that have changed in the last milliseconds. */
export type ChangedSince = (userId: string, milliseconds: number) => Promise<string[]>;

/**
 * The ids of the user's conversations as they change, or of one of them. A slow reader gets each once, not each time.
 * Where word of changes may have been lost, the database is asked for them.
 */
export function watchConversations(
  bus: Bus,
  changedSince: ChangedSince,
  userId: string,
  only: string | null,
  outer?: AbortSignal,
): AsyncIterableIterator<string> {
  return cancellable((signal) => changes(bus, 'conversation-changed', changedSince, userId, only, signal), outer);
}

/** The ids of the user's conversations as they are deleted. Of those deleted while nothing was heard nothing is said. */
export function watchDeletedConversations(
  bus: Bus,
  userId: string,
  outer?: AbortSignal,
): AsyncIterableIterator<string> {
  const unknown: ChangedSince = async () => [];
  return cancellable((signal) => changes(bus, 'conversation-deleted', unknown, userId, null, signal), outer);
}

/** Asked for many users at a time, it is one statement. */
export function createChangedSince(prisma: PrismaClient, now: () => Date): ChangedSince {
  // One gap is told to all at once, so that what is asked together is asked for the same time.
  let longestMs = 0;
  const load = batched(async (userIds: string[]): Promise<Map<string, string[]>> => {
    const since = new Date(now().getTime() - longestMs - MARGIN_MS);
    longestMs = 0;
    const changed = await prisma.conversation.findMany({
      where: { userId: { in: userIds }, updatedAt: { gt: since } },
      orderBy: { updatedAt: 'desc' },
      select: { id: true, userId: true },
      take: userIds.length * MAX_WAITING,
    });
    const byUser = Map.groupBy(changed, ({ userId }) => userId);
    return new Map([...byUser].map(([userId, rows]) => [userId, rows.slice(0, MAX_WAITING).map(({ id }) => id)]));
  });
  return async (userId, milliseconds) => {
    longestMs = Math.max(longestMs, milliseconds);
    return (await load(userId)) ?? [];
  };
}

async function* changes(
  bus: Bus,
  topic: 'conversation-changed' | 'conversation-deleted',
  changedSince: ChangedSince,
  userId: string,
  only: string | null,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const waiting = new Set<string>();
  let wake = () => {};
  const add = (conversationId: string) => {
    if (only !== null && conversationId !== only) return;
    if (waiting.size < MAX_WAITING) waiting.add(conversationId);
    wake();
  };
  const unsubscribe = bus.subscribe(topic, userId, ({ conversationId }) => add(conversationId));
  const forgetGaps = bus.onGap((sinceMs) => {
    // Where the database does not say, the next gap is another chance.
    changedSince(userId, sinceMs).then(
      (ids) => ids.forEach(add),
      () => {},
    );
  });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      for (const conversationId of waiting) {
        waiting.delete(conversationId);
        yield conversationId;
        if (signal.aborted) return;
      }
      if (waiting.size > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    unsubscribe();
    forgetGaps();
  }
}
