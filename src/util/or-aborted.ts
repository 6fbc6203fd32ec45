/** Waits no longer than until `signal` aborts, and throws its reason then. What was waited for goes on. */
export async function orAborted<Result>(pending: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return pending;
  // Whoever has left does not hear of it.
  pending.catch(() => {});
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([pending, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
