import { Redis, type RedisOptions } from 'ioredis';
import { delay } from '../../util/delay.ts';

export type RedisConnections = {
  /** For commands that answer at once. While Redis is away they fail at once; nothing is queued. */
  commands: Redis;
  /** For channels alone. Whoever subscribes does so again after a break. */
  subscriber: Redis;
  /** One more, for commands that block. Connects when it is first used; whoever asks for it ends it. */
  openBlocking(): Redis;
  /** Before every key and channel. Ends in a colon. */
  prefix: string;
  /** Resolves when Redis answers on both, or after so long: true when it does. */
  whenReady(milliseconds: number): Promise<boolean>;
  /** Throws when Redis does not answer. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
};

export type RedisConnectionsOptions = {
  url: string;
  prefix: string;
  /** Told once when Redis goes, and once when it is back. */
  warn: (message: string) => void;
};

/** Longer than any command takes that works: a Redis that is frozen says nothing at all. */
const COMMAND_MS = 1_000;
const CONNECT_MS = 5_000;
const RECONNECT_MS = { first: 50, most: 1_000 };

/**
 * The connections of one process to Redis, however many turns, watchers and subscriptions it has. They are not waited
 * for: a server starts and works without Redis, and goes on with it when it comes.
 */
export function openRedisConnections({ url, prefix, warn }: RedisConnectionsOptions): RedisConnections {
  const options: RedisOptions = {
    connectTimeout: CONNECT_MS,
    keepAlive: 10_000,
    commandTimeout: COMMAND_MS,
    enableOfflineQueue: false,
    // A command that was under way when the connection broke may have been carried out: its caller decides.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(RECONNECT_MS.first * 2 ** Math.min(attempt, 10), RECONNECT_MS.most),
  };
  const commands = new Redis(url, { ...options, connectionName: `${prefix}commands` });
  const subscriber = new Redis(url, { ...options, connectionName: `${prefix}subscriber`, autoResubscribe: false });
  const blocking = new Set<Redis>();

  let isAway = false;
  commands.on('error', (error: Error) => {
    if (isAway) return;
    isAway = true;
    warn(`Redis does not answer (${error.message}). The server goes on alone until it does.`);
  });
  commands.on('ready', () => {
    if (isAway) warn('Redis answers again.');
    isAway = false;
  });
  // The other one's faults are the same.
  subscriber.on('error', () => {});

  return {
    commands,
    subscriber,
    openBlocking() {
      const connection = new Redis(url, {
        ...options,
        commandTimeout: undefined,
        connectionName: `${prefix}blocking`,
        lazyConnect: true,
        enableOfflineQueue: true,
      });
      connection.on('error', () => {});
      connection.on('end', () => blocking.delete(connection));
      blocking.add(connection);
      return connection;
    },
    prefix,
    async whenReady(milliseconds) {
      const both = [commands, subscriber];
      const isReady = () => both.every(({ status }) => status === 'ready');
      const ended = new AbortController();
      const look = () => {
        if (isReady()) ended.abort();
      };
      for (const connection of both) connection.on('ready', look);
      look();
      await delay(milliseconds, ended.signal);
      for (const connection of both) connection.off('ready', look);
      return isReady();
    },
    async ping() {
      await commands.ping();
    },
    async dispose() {
      for (const connection of [commands, subscriber, ...blocking]) connection.disconnect();
    },
  };
}
