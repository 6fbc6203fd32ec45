import type { EventLog, TurnLogMirror, TurnLogWriter } from '../../ports/event-log.ts';
import type { Journal, JournalPart } from '../../ports/journal.ts';
import { TurnLog } from '../../util/turn-log.ts';
import { createJournalWriter, type JournaledTurn } from './journal-writer.ts';
import { type LogEntry, LogReader } from './log-reader.ts';

export type MemoryEventLogOptions = {
  /** Where text is written down before it is shown. Null: nowhere. */
  journal?: Journal | null;
  /** How long an ended turn is kept for readers that are about to come back; later ones read the stored message. */
  keepEndedMs?: number;
  logError?: (error: unknown) => void;
};

const EVERYTHING = Number.POSITIVE_INFINITY;

/** The event log of one instance: a log per turn that runs or is watched here, shared by all its readers. */
export function createMemoryEventLog(options: MemoryEventLogOptions = {}): EventLog {
  const { journal = null, keepEndedMs = 10_000, logError = () => {} } = options;
  const entries = new Map<string, LogEntry>();
  const expiries = new Map<string, NodeJS.Timeout>();
  let changed = new Set<LogEntry>();
  let turnCount = 0;
  const writer = journal && createJournalWriter({ journal, turnCount: () => turnCount, logError });

  // Readers are woken once per turn of the event loop: what arrived in one read of the network is joined, and nothing
  // ever waits for a timer.
  function wake(entry: LogEntry): void {
    if (entry.waiting.size === 0) return;
    if (changed.size === 0) setImmediate(wakeAll);
    changed.add(entry);
  }

  function wakeAll(): void {
    const woken = changed;
    changed = new Set();
    for (const entry of woken) {
      const waiting = [...entry.waiting];
      entry.waiting.clear();
      for (const resume of waiting) resume();
    }
  }

  function addEntry(turnId: string, shown: number): LogEntry {
    const log = new TurnLog(turnId);
    const entry: LogEntry = {
      log,
      shown,
      waiting: new Set(),
      readers: 0,
      onUnread: () => {},
      isAbandoned: false,
      isWithheld: false,
    };
    entries.set(turnId, entry);
    return entry;
  }

  function forget(turnId: string): void {
    clearTimeout(expiries.get(turnId));
    expiries.delete(turnId);
    entries.delete(turnId);
  }

  function keepForAWhile(turnId: string): void {
    expiries.set(turnId, setTimeout(forget, keepEndedMs, turnId).unref());
  }

  function open(turnId: string, key: number): TurnLogWriter {
    const entry = addEntry(turnId, writer ? 0 : EVERYTHING);
    const { log } = entry;
    const journaled = writer && journaledTurn(entry, key, wake);
    const changedTo = (): void => {
      if (journaled) writer.add(journaled);
      // The first two positions say nothing that is not in the database.
      if (!journaled || log.cursor <= 2) wake(entry);
    };
    turnCount += 1;
    return {
      start() {
        log.start();
        changedTo();
      },
      retrieved(retrieved, isStored) {
        log.retrieved(retrieved);
        journaled?.noteRetrieved(isStored);
        changedTo();
      },
      append(kind, text) {
        log.append(kind, text);
        changedTo();
      },
      cursor: () => log.cursor,
      text: () => log.text(),
      end(messageId, outcome, stands) {
        if (log.ended) return;
        log.end(messageId, outcome);
        turnCount -= 1;
        // All of it is in the database now.
        entry.isWithheld = false;
        entry.shown = EVERYTHING;
        if (stands) entry.log = TurnLog.fromStored(turnId, stands, { messageId, outcome });
        if (journaled) writer.add(journaled);
        wake(entry);
        keepForAWhile(turnId);
      },
      withhold() {
        entry.isWithheld = true;
      },
    };
  }

  function mirror(turnId: string, onUnread: () => void): TurnLogMirror {
    const entry = addEntry(turnId, EVERYTHING);
    entry.onUnread = onUnread;
    entry.log.start();
    return {
      cursor: () => entry.log.cursor,
      retrieved(retrieved) {
        entry.log.retrieved(retrieved);
        wake(entry);
      },
      append(kind, text) {
        entry.log.append(kind, text);
        wake(entry);
      },
      catchUp(stored) {
        entry.log.catchUp(stored);
        wake(entry);
      },
      end(stored, messageId, outcome) {
        // What was kept is what stands, also should more have been seen.
        entry.log = TurnLog.fromStored(turnId, stored, { messageId, outcome });
        wake(entry);
        keepForAWhile(turnId);
      },
      close() {
        entry.isAbandoned = true;
        wake(entry);
        if (entries.get(turnId) === entry) forget(turnId);
      },
    };
  }

  return {
    open,
    mirror,
    has: (turnId) => entries.has(turnId),
    read(turnId, after) {
      const entry = entries.get(turnId);
      return entry ? new LogReader(entry, after) : null;
    },
    async dispose() {
      await writer?.dispose();
      for (const turnId of [...entries.keys()]) forget(turnId);
    },
  };
}

/** What the journal's writer sees of a turn. */
function journaledTurn(entry: LogEntry, key: number, wake: (entry: LogEntry) => void) {
  const { log } = entry;
  let position = 2;
  let retrieved: JournalPart | null = null;
  let isEndTaken = false;
  return {
    noteRetrieved(isStored: boolean) {
      retrieved = { type: 'retrieved', key, isStored };
    },
    takeParts() {
      const upTo = log.cursor;
      if (isEndTaken) return { parts: [], upTo };
      if (log.ended) {
        isEndTaken = true;
        return { parts: [{ type: 'ended', key }], upTo };
      }
      const parts: JournalPart[] = retrieved ? [retrieved] : [];
      retrieved = null;
      for (const { kind, start, text } of log.stretches(position)) parts.push({ type: kind, key, start, text });
      position = Math.max(position, upTo);
      return { parts, upTo };
    },
    show(upTo: number) {
      if (upTo <= entry.shown || entry.isWithheld) return;
      entry.shown = upTo;
      wake(entry);
    },
    head: () => log.cursor,
  } satisfies JournaledTurn & { noteRetrieved(isStored: boolean): void };
}
