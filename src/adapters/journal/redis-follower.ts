import type { Redis } from 'ioredis';
import type { JournalPart } from '../../ports/journal.ts';
import { withDeadline } from '../../util/deadline.ts';
import { delay } from '../../util/delay.ts';
import { decodeParts } from './journal-format.ts';
import { journalKey } from './redis-keys.ts';

export type RedisFollowerOptions = {
  commands: Redis;
  openBlocking: () => Redis;
  prefix: string;
  logError: (error: unknown) => void;
};

type Listener = (part: JournalPart) => void;
type Entry = { at: number; bytes: Buffer };

/** An instance whose journal is read here, for some of its turns. */
type Followed = {
  key: string;
  /** Of the newest entry that was read. Null: where to begin is not known yet. */
  lastId: string | null;
  listeners: Map<number, Set<Listener>>;
  /** The last seconds, for turns that are followed from now on. */
  recent: Entry[];
  recentBytes: number;
};

/** How long a read waits for something new. */
const BLOCK_MS = 1_000;
/** A Redis that says nothing for longer is left and tried again. */
const PATIENCE_MS = 2_000;
const RETRY_MS = 200;
const NUDGE_MS = 25;
const PAGE = 500;
/** More than a checkpoint's age. Whoever is further behind finds what is missing in the next one. */
const RECENT_MS = 4_000;
const RECENT_BYTES = 4 * 1024 * 1024;

/**
 * Reads the journals of other instances over one connection, however many turns are followed. It is opened with the
 * first of them, and reads for as long as there is one.
 */
export function createRedisFollower({ commands, openBlocking, prefix, logError }: RedisFollowerOptions) {
  const followed = new Map<string, Followed>();
  const disposal = new AbortController();
  let connection: Redis | null = null;
  let clientId: number | null = null;
  let running: Promise<void> | null = null;

  function follow(instanceId: string, key: number, listener: Listener): () => void {
    const owner = followed.get(instanceId) ?? begin(instanceId);
    const listeners = owner.listeners.get(key) ?? new Set();
    owner.listeners.set(key, listeners);
    const entry: Listener = (part) => listener(part);
    listeners.add(entry);
    // Not at once: whoever follows has not been told yet how to end it.
    queueMicrotask(() => {
      for (const { bytes } of [...owner.recent]) {
        for (const part of decodeParts(bytes, (each) => each === key)) if (listeners.has(entry)) listener(part);
      }
    });
    running ??= run().finally(() => {
      running = null;
    });
    return () => {
      listeners.delete(entry);
      if (listeners.size === 0 && owner.listeners.get(key) === listeners) owner.listeners.delete(key);
      if (owner.listeners.size === 0 && followed.get(instanceId) === owner) followed.delete(instanceId);
    };
  }

  function begin(instanceId: string): Followed {
    const key = journalKey(prefix, instanceId);
    const owner: Followed = { key, lastId: null, listeners: new Map(), recent: [], recentBytes: 0 };
    followed.set(instanceId, owner);
    nudge(instanceId, owner);
    return owner;
  }

  /** The read that is waiting now does not know of it: it is woken, again should it have begun to wait just then. */
  function nudge(instanceId: string, owner: Followed): void {
    if (owner.lastId !== null || followed.get(instanceId) !== owner || disposal.signal.aborted) return;
    if (clientId !== null) commands.client('UNBLOCK', clientId).catch(() => {});
    setTimeout(nudge, NUDGE_MS, instanceId, owner).unref();
  }

  async function run(): Promise<void> {
    let isFailing = false;
    while (followed.size > 0 && !disposal.signal.aborted) {
      try {
        await withDeadline(BLOCK_MS + PATIENCE_MS, disposal.signal, read);
        isFailing = false;
      } catch (error) {
        if (disposal.signal.aborted) return;
        if (!isFailing) logError(error);
        isFailing = true;
        // Frozen or broken: what it was asked is not waited for on this connection any more.
        close();
        await delay(RETRY_MS, disposal.signal);
      }
    }
    close();
  }

  async function read(): Promise<void> {
    const redis = await connect();
    const owners = [...followed.values()];
    for (const owner of owners) owner.lastId ??= await recentId(redis, owner.key);
    const keys = owners.map(({ key }) => key);
    const ids = owners.map(({ lastId }) => lastId ?? '0-0');
    const found = await redis.xreadBuffer('COUNT', PAGE, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys, ...ids);
    for (const [key, entries] of (found ?? []) as [Buffer, [Buffer, Buffer[]][]][]) {
      const owner = owners[keys.indexOf(key.toString())];
      for (const [id, fields] of entries) if (owner && fields[1]) take(owner, id.toString(), fields[1]);
    }
  }

  async function connect(): Promise<Redis> {
    if (connection) return connection;
    const opened = openBlocking();
    connection = opened;
    await opened.connect();
    clientId = await opened.client('ID');
    return opened;
  }

  /** Some seconds before the newest entry, by Redis's own clock. */
  async function recentId(redis: Redis, key: string): Promise<string> {
    const [newest] = await redis.xrevrange(key, '+', '-', 'COUNT', 1);
    const milliseconds = Number(newest?.[0].split('-')[0] ?? 0);
    return `${Math.max(0, milliseconds - RECENT_MS)}-0`;
  }

  function take(owner: Followed, id: string, bytes: Buffer): void {
    owner.lastId = id;
    const at = performance.now();
    owner.recent.push({ at, bytes });
    owner.recentBytes += bytes.length;
    while (owner.recentBytes > RECENT_BYTES || at - (owner.recent[0]?.at ?? at) > RECENT_MS) {
      owner.recentBytes -= owner.recent.shift()?.bytes.length ?? 0;
    }
    for (const part of decodeParts(bytes, (key) => owner.listeners.has(key))) {
      for (const listener of [...(owner.listeners.get(part.key) ?? [])]) listener(part);
    }
  }

  function close(): void {
    connection?.disconnect();
    connection = clientId = null;
  }

  return {
    follow,
    async dispose(): Promise<void> {
      disposal.abort('disposed');
      close();
      await running;
    },
  };
}
