/** What was waited for did not come in time. */
export class DeadlinePassed extends Error {
  constructor(milliseconds: number) {
    super(`There was no answer within ${milliseconds} ms.`);
    this.name = 'DeadlinePassed';
  }
}

/** A timer that is as late as this says that the process was held up, and could not hear what had answered. */
const HELD_UP_MS = 10;

/**
 * Ends the wait for `work` after so long, or when `outer` aborts, whether or not `work` heeds the signal that it gets.
 * Time in which this process itself was held up is given again: once, and no more than `milliseconds`.
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
  const cancel = startTimer(milliseconds, () => end(new DeadlinePassed(milliseconds)));
  outer?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(controller.signal), ended.promise]);
  } finally {
    cancel();
    outer?.removeEventListener('abort', onAbort);
  }
}

function startTimer(milliseconds: number, onPassed: () => void): () => void {
  const begun = performance.now();
  let check: NodeJS.Immediate | undefined;
  // Timers come before what has arrived, checks after it.
  const listen = () => {
    check = setImmediate(onPassed);
  };
  let timer = setTimeout(() => {
    const late = performance.now() - begun - milliseconds;
    if (late < HELD_UP_MS) listen();
    else timer = setTimeout(listen, Math.min(late, milliseconds));
  }, milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(check);
  };
}
