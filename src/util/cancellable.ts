/**
 * An async generator that ends at once when its reader leaves. The plain kind only ends when what it awaits settles;
 * this one gets a signal for its awaits, and aborts it when the reader returns or `outer` aborts.
 */
export function cancellable<Item>(
  start: (signal: AbortSignal) => AsyncIterator<Item>,
  outer?: AbortSignal,
): AsyncIterableIterator<Item> {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = () => controller.abort('left');
  let items: AsyncIterator<Item> | undefined;
  let finished = false;

  const finish = (): IteratorResult<Item> => {
    finished = true;
    outer?.removeEventListener('abort', abort);
    return { value: undefined, done: true };
  };

  return {
    async next() {
      if (finished || outer?.aborted || signal.aborted) return finish();
      if (!items) {
        outer?.addEventListener('abort', abort, { once: true });
        items = start(signal);
      }
      try {
        const result = await items.next();
        return result.done || signal.aborted ? finish() : result;
      } catch (error) {
        finish();
        if (signal.aborted) return { value: undefined, done: true };
        throw error;
      }
    },
    async return() {
      abort();
      // Not awaited: the generator ends by itself, and a reader that leaves waits for nothing.
      items?.return?.().catch(() => {});
      return finish();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
