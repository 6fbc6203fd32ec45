/**
 * A stream that can be left at any moment. A bare async generator ends only when what it awaits settles; this one gets a
 * signal for its awaits, which aborts when its reader leaves or `outer` aborts. An abort ends it without an error.
 */
export function cancellable<Item>(
  start: (signal: AbortSignal) => AsyncIterator<Item>,
  outer?: AbortSignal,
): AsyncIterableIterator<Item> {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = () => controller.abort(outer?.reason);
  let items: AsyncIterator<Item> | undefined;

  const finish = (): IteratorResult<Item> => {
    outer?.removeEventListener('abort', abort);
    controller.abort();
    return { value: undefined, done: true };
  };

  return {
    async next() {
      if (signal.aborted || outer?.aborted) return finish();
      if (!items) {
        outer?.addEventListener('abort', abort, { once: true });
        items = start(signal);
      }
      try {
        const result = await items.next();
        return result.done || signal.aborted ? finish() : result;
      } catch (error) {
        const left = signal.aborted;
        finish();
        if (left) return { value: undefined, done: true };
        throw error;
      }
    },
    async return() {
      // Not awaited: the generator sees the signal, and a reader that leaves waits for nothing.
      items?.return?.().catch(() => {});
      return finish();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The same stream of other items, as easy to leave. */
export function mapped<Item, Other>(
  items: AsyncIterableIterator<Item>,
  map: (item: Item) => Other,
): AsyncIterableIterator<Other> {
  return {
    async next() {
      const result = await items.next();
      return result.done ? result : { value: map(result.value), done: false };
    },
    async return() {
      await items.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
