import type { Bus, BusMessages, BusTopic } from '../../ports/bus.ts';

type Listener = (message: BusMessages[BusTopic]) => void;

/** The bus of a single instance: listeners are called at once, in the order they came. */
export function createMemoryBus(): Bus {
  const channels = new Map<string, Set<Listener>>();
  return {
    publish(topic, key, message) {
      const listeners = channels.get(`${topic}:${key}`);
      // A copy: a listener may end its own or another's subscription.
      for (const listener of listeners ? [...listeners] : []) listener(message);
    },
    subscribe(topic, key, listener) {
      const channel = `${topic}:${key}`;
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners);
      // A function of its own, so that one listener can be subscribed twice.
      const entry: Listener = (message) => listener(message as never);
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel);
      };
    },
    // Nobody else is to be heard.
    onGap: () => () => {},
    async settled() {},
    async dispose() {
      channels.clear();
    },
  };
}
