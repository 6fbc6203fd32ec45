import type { Redis } from 'ioredis';
import type { Bus, BusMessages, BusTopic } from '../../ports/bus.ts';
import { createMemoryBus } from './memory-bus.ts';

export type RedisBusOptions = {
  commands: Redis;
  /** For this bus alone. */
  subscriber: Redis;
  prefix: string;
  /** Of this instance: its own messages come back to it, and are passed over. */
  origin: string;
};

/** How often the connection is asked whether it is alive; while it is not, how often that is told. */
const CHECK_MS = 5_000;
/** Channels in one command. */
const CHANNELS_AT_ONCE = 500;

/**
 * The bus between instances: channels of Redis. Listeners of this instance are called at once and whether or not Redis is
 * there, so that an instance by itself never depends on it.
 */
export function createRedisBus({ commands, subscriber, prefix, origin }: RedisBusOptions): Bus {
  const local = createMemoryBus();
  const head = `${prefix}bus:`;
  /** Listeners of each channel. */
  const uses = new Map<string, number>();
  const gapListeners = new Set<(sinceMs: number) => void>();
  let pending: Promise<unknown> = Promise.resolve();
  /** Until when everything was heard, or has been said to be lost. */
  let knownAt = performance.now();
  let isBroken = false;

  const channelOf = (topic: BusTopic, key: string) => `${head}${topic}:${key}`;

  subscriber.on('message', (channel: string, text: string) => {
    if (!isBroken) knownAt = performance.now();
    const message = parse(text);
    if (!message || message.from === origin || !channel.startsWith(head)) return;
    const name = channel.slice(head.length);
    const colon = name.indexOf(':');
    // What other versions say of topics that are not known here reaches nobody.
    local.publish(name.slice(0, colon) as BusTopic, name.slice(colon + 1), message.body as never);
  });

  subscriber.on('ready', () => {
    pending = subscribeAgain();
  });
  subscriber.on('close', () => {
    isBroken = true;
  });

  async function subscribeAgain(): Promise<void> {
    const channels = [...uses.keys()];
    try {
      for (let from = 0; from < channels.length; from += CHANNELS_AT_ONCE) {
        await subscriber.subscribe(...channels.slice(from, from + CHANNELS_AT_ONCE));
      }
      // Those that were left meanwhile.
      const left = channels.filter((channel) => !uses.has(channel));
      if (left.length > 0) await subscriber.unsubscribe(...left);
    } catch {
      // It has broken again, and will be ready again.
      return;
    }
    const wasBroken = isBroken;
    isBroken = false;
    if (wasBroken) tellGap();
  }

  function tellGap(): void {
    const sinceMs = performance.now() - knownAt;
    knownAt = performance.now();
    for (const listener of [...gapListeners]) listener(sinceMs);
  }

  /** A connection that is dead may not say so. */
  async function check(): Promise<void> {
    if (subscriber.status === 'ready') {
      try {
        await subscriber.ping();
        if (!isBroken) knownAt = performance.now();
        return;
      } catch {
        isBroken = true;
        subscriber.disconnect(true);
      }
    }
    isBroken = true;
    tellGap();
  }

  const timer = setInterval(check, CHECK_MS);
  timer.unref();

  /** In the order of the calls; what cannot be done now is made up for when the connection is there. */
  function order(command: 'subscribe' | 'unsubscribe', channel: string): void {
    if (subscriber.status !== 'ready') return;
    const done = subscriber[command](channel).catch(() => {});
    pending = Promise.all([pending, done]);
  }

  return {
    publish(topic, key, message) {
      local.publish(topic, key, message);
      if (commands.status !== 'ready') return;
      commands.publish(channelOf(topic, key), JSON.stringify({ from: origin, body: message })).catch(() => {});
    },
    subscribe(topic, key, listener) {
      const channel = channelOf(topic, key);
      const count = uses.get(channel) ?? 0;
      uses.set(channel, count + 1);
      if (count === 0) order('subscribe', channel);
      const end = local.subscribe(topic, key, listener);
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        end();
        const left = (uses.get(channel) ?? 1) - 1;
        if (left > 0) {
          uses.set(channel, left);
          return;
        }
        uses.delete(channel);
        order('unsubscribe', channel);
      };
    },
    onGap(listener) {
      const entry = (sinceMs: number) => listener(sinceMs);
      gapListeners.add(entry);
      return () => gapListeners.delete(entry);
    },
    async settled() {
      await pending;
    },
    async dispose() {
      clearInterval(timer);
      gapListeners.clear();
      uses.clear();
      await local.dispose();
    },
  };
}

function parse(text: string): { from: unknown; body: BusMessages[BusTopic] } | null {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message !== 'object' || message === null) return null;
    const { from, body } = message as Record<string, unknown>;
    return typeof body === 'object' && body !== null ? { from, body: body as never } : null;
  } catch {
    return null;
  }
}
