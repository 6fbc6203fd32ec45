import type { Redis } from 'ioredis';
import type { Bus } from '../../ports/bus.ts';
import type { Journal, JournalAppend, JournalPart } from '../../ports/journal.ts';
import { decodeParts, encodeParts } from './journal-format.ts';
import { createReaders } from './readers.ts';
import { createRedisFollower } from './redis-follower.ts';
import { FIELD, journalKey, sealedKey } from './redis-keys.ts';

export type RedisJournalOptions = {
  commands: Redis;
  openBlocking: () => Redis;
  prefix: string;
  instanceId: string;
  bus: Bus;
  /** Whether this instance is the one that it was: false once another one has taken it for gone. */
  stillMine: () => Promise<boolean>;
  /** Whether no other one can have taken it for gone yet. */
  holdsLease: () => boolean;
  logError: (error: unknown) => void;
};

/** How far back a journal goes. A checkpoint is a second old, unless the database is away. */
const KEPT_MS = 120_000;
const KEPT_BYTES = 16 * 1024 * 1024;
/** How long it outlives its instance, for whoever closes its turns. */
const EXPIRY_MS = 3_600_000;
const RENEW_MS = 60_000;
const PAGE = 500;
const TRIM_EVERY = 16;
/** An entry of this size is trimmed for at once: a few of them are all that is kept. */
const LARGE = 65_536;

type Written = { id: string; at: number; bytes: number };

/**
 * The journal as a Redis stream for each instance: one entry for what all its turns have said in a moment, so that the
 * number of commands does not grow with the number of turns or tokens.
 *
 * The stream is also the fence. Whoever closes the turns of an instance that is gone renames it first; what that instance
 * adds afterwards fails, because it only adds to a stream that is there, and what it could not add it does not show.
 */
export function createRedisJournal(options: RedisJournalOptions): Journal {
  const { commands, prefix, instanceId } = options;
  const own = journalKey(prefix, instanceId);
  const follower = createRedisFollower(options);
  const readers = createReaders(options);
  const written: Written[] = [];
  let bytes = 0;
  let oldest = 0;
  let sinceTrim = 0;
  let renewedAt = Number.NEGATIVE_INFINITY;

  async function append(parts: JournalPart[]): Promise<JournalAppend> {
    const entry = encodeParts(parts);
    let id = await add(entry, ['NOMKSTREAM']);
    if (id === null) {
      // Not made yet, lost by Redis, or taken: the database knows which.
      if (!(await options.stillMine())) return 'not-mine';
      id = await add(entry, []);
      // Frozen in between, it has made one that nobody will read.
      if (!options.holdsLease() && !(await options.stillMine())) return 'not-mine';
    }
    if (id !== null) remember(id, entry.length);
    renew();
    return 'written';
  }

  async function add(entry: Buffer, flags: string[]): Promise<string | null> {
    const kept = written[oldest];
    // Not with each entry: what stands around a word or two should not be more than they are.
    const isTime = kept !== undefined && (sinceTrim >= TRIM_EVERY || entry.length >= LARGE);
    sinceTrim = isTime ? 0 : sinceTrim + 1;
    const trim = isTime ? ['MINID', '~', kept.id] : [];
    return (await commands.call('XADD', [own, ...flags, ...trim, '*', FIELD, entry])) as string | null;
  }

  /** What is older or more than is kept goes with the next entry; its own ids say so, and no clock but Redis's. */
  function remember(id: string, size: number): void {
    const at = performance.now();
    written.push({ id, at, bytes: size });
    bytes += size;
    for (let first = written[oldest]; first; first = written[oldest]) {
      if (at - first.at <= KEPT_MS && bytes <= KEPT_BYTES) break;
      bytes -= first.bytes;
      oldest += 1;
    }
    if (oldest <= PAGE) return;
    written.splice(0, oldest);
    oldest = 0;
  }

  function renew(): void {
    if (performance.now() - renewedAt < RENEW_MS) return;
    renewedAt = performance.now();
    // Should it fail, the stream has no end of life until the next time.
    commands.pexpire(own, EXPIRY_MS).catch(() => {
      renewedAt = Number.NEGATIVE_INFINITY;
    });
  }

  async function seal(id: string): Promise<JournalPart[]> {
    const sealed = sealedKey(prefix, id);
    await commands.rename(journalKey(prefix, id), sealed).catch((error: Error) => {
      // It never had one, Redis has lost it, or another instance was first, and has left it under its new name.
      if (!error.message.includes('no such key')) throw error;
    });
    const parts: JournalPart[] = [];
    for (let after = '-'; ; ) {
      const entries = await commands.xrangeBuffer(sealed, after, '+', 'COUNT', PAGE);
      for (const [, fields] of entries) if (fields[1]) parts.push(...decodeParts(fields[1]));
      const last = entries.at(-1)?.[0];
      if (!last || entries.length < PAGE) return parts;
      after = `(${last.toString()}`;
    }
  }

  return {
    append,
    holdsLease: options.holdsLease,
    readerCount: readers.count,
    follow(id, key, listener) {
      const stop = follower.follow(id, key, listener);
      const silence = readers.announce(id);
      return () => {
        stop();
        silence();
      };
    },
    seal,
    async remove(id) {
      await commands.unlink(sealedKey(prefix, id));
    },
    async dispose() {
      readers.dispose();
      await follower.dispose();
      // Whoever ends in order has ended its turns, and nobody needs it any more.
      await commands.unlink(own).catch(() => {});
    },
  };
}
