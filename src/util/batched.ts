/** One call for everything that is asked for until the next turn of the event loop's queue: a list asks once, not n times. */
export function batched<Key, Value>(
  load: (keys: Key[]) => Promise<Map<Key, Value>>,
): (key: Key) => Promise<Value | undefined> {
  let waiting: { keys: Set<Key>; loaded: Promise<Map<Key, Value>> } | null = null;
  return async (key) => {
    if (!waiting) {
      const keys = new Set<Key>();
      const loaded = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        waiting = null;
        return load([...keys]);
      });
      waiting = { keys, loaded };
    }
    waiting.keys.add(key);
    return (await waiting.loaded).get(key);
  };
}
