/** What was waited for did not come in time. */
export class DeadlinePassed extends Error {
  constructor(milliseconds: number) {
    super(`There was no answer within ${milliseconds} ms.`);
    this.name = 'DeadlinePassed';
  }
}

/**
 * Ends the wait for `work` after so long, or when `outer` aborts, whether or not `work` heeds the signal that it gets.
 * Throws DeadlinePassed, or the reason of `outer`.
 */
export async function withDeadline<Result>(
  milliseconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (reason: unknown) => {
    ended.reject(reason);
    controller.abort(reason);
  };
  const onAbort = () => end(outer?.reason);
  const timer = setTimeout(() => end(new DeadlinePassed(milliseconds)), milliseconds);
  outer?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(controller.signal), ended.promise]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAbort);
  }
}
