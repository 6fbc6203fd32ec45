export type PushStream<Item> = {
  push(item: Item): void;
  end(): void;
  fail(error: unknown): void;
  items: AsyncIterable<Item>;
};

/** Turns callbacks into a stream for one reader. What was pushed before the end or a failure is still read. */
export function createPushStream<Item>(onLeave: () => void): PushStream<Item> {
  const waiting: Item[] = [];
  let ended = false;
  let failure: { error: unknown } | undefined;
  let wake: () => void = () => {};

  async function* read(): AsyncGenerator<Item> {
    try {
      for (;;) {
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) yield item;
        if (failure) throw failure.error;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      onLeave();
    }
  }

  return {
    push(item) {
      waiting.push(item);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    fail(error) {
      failure ??= { error };
      wake();
    },
    items: read(),
  };
}
