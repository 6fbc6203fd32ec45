import type { Bus } from '../../ports/bus.ts';
import { cancellable } from '../../util/cancellable.ts';

/** Changes that wait for a slow reader; each conversation counts once. */
const MAX_WAITING = 1_000;

/** The ids of the user's conversations as they change, or of one of them. A slow reader gets each once, not each time. */
export function watchConversations(
  bus: Bus,
  userId: string,
  only: string | null,
  outer?: AbortSignal,
): AsyncIterableIterator<string> {
  return cancellable((signal) => changes(bus, 'conversation-changed', userId, only, signal), outer);
}

/** The ids of the user's conversations as they are deleted. */
export function watchDeletedConversations(
  bus: Bus,
  userId: string,
  outer?: AbortSignal,
): AsyncIterableIterator<string> {
  return cancellable((signal) => changes(bus, 'conversation-deleted', userId, null, signal), outer);
}

async function* changes(
  bus: Bus,
  topic: 'conversation-changed' | 'conversation-deleted',
  userId: string,
  only: string | null,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const waiting = new Set<string>();
  let wake = () => {};
  const unsubscribe = bus.subscribe(topic, userId, ({ conversationId }) => {
    if (only !== null && conversationId !== only) return;
    if (waiting.size < MAX_WAITING) waiting.add(conversationId);
    wake();
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
  }
}
