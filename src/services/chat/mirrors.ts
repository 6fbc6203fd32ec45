import type { EventLog, StoredLog, TurnLogMirror, TurnOutcome } from '../../ports/event-log.ts';
import type { Journal, JournalPart } from '../../ports/journal.ts';
import { isDatabaseDown } from '../../util/database-errors.ts';
import type { Delay } from '../../util/delay.ts';
import { NOTHING_RETRIEVED } from '../../util/turn-log.ts';

/** A turn that another instance makes, as the database has it. */
export type StoredTurn = StoredLog & { end: { messageId: string; outcome: TurnOutcome } | null };

export type MirrorsDependencies = {
  eventLog: EventLog;
  /** Null: nobody says what is new, and the checkpoints are looked at. */
  journal: Journal | null;
  /** What there is beyond a position: null where there is nothing new. Throws NOT_FOUND where there is no such turn. */
  load: (turnId: string, beyond: number) => Promise<StoredTurn | null>;
  delay: Delay;
  logError: (error: unknown) => void;
};

export type MirroredTurn = { id: string; instanceId: string; journalKey: number };

/** How often the database is looked at while nothing is heard. */
const POLL_MS = 1_000;
/** While the journal is heard, the end at least is looked for. */
const HEARD_POLL_MS = 5_000;
/** Between two looks, however much there is to ask for. */
const PAUSE_MS = 50;
/** The same while something is missing, which the next checkpoint has. */
const MISSING_PAUSE_MS = 250;
/** Parts that do not follow yet, in UTF-16 units and in number; what is more is looked up. */
const MAX_AHEAD = 1_000_000;
const MAX_AHEAD_PARTS = 10_000;

type TextPart = Extract<JournalPart, { text: string }>;

type Mirror = {
  log: TurnLogMirror;
  /** Came before what they follow on. */
  ahead: TextPart[];
  aheadSize: number;
  heard: boolean;
  wanted: boolean;
  wake: () => void;
  controller: AbortController;
};

/**
 * The logs here of turns that other instances make: one for each that is watched, however many watch it. The text is the
 * checkpoint in the database and what the journal says beyond it; where they overlap, or something is missing, the
 * positions tell.
 */
export function createMirrors({ eventLog, journal, load, delay, logError }: MirrorsDependencies) {
  const mirrors = new Map<string, Mirror>();
  let isOver = false;

  /**
   * Begins to mirror the turn, from what has just been read of it; its log can be read at once. It ends when nobody reads
   * it any more.
   */
  function open({ id, instanceId, journalKey }: MirroredTurn, stored: StoredTurn): void {
    const controller = new AbortController();
    const log = eventLog.mirror(id, () => release(id, mirror));
    const mirror: Mirror = {
      log,
      ahead: [],
      aheadSize: 0,
      heard: false,
      wanted: false,
      wake: () => {},
      controller,
    };
    // Whoever comes at the end of this server waits for its socket to be closed, and goes on elsewhere.
    if (isOver) return;
    mirrors.set(id, mirror);
    catchUp(mirror, stored);
    // From some seconds ago on, that is from before the checkpoint was read: they overlap.
    const unfollow = journal?.follow(instanceId, journalKey, (part) => hear(mirror, part));
    keep(id, mirror).finally(() => {
      unfollow?.();
      if (mirrors.get(id) === mirror) mirrors.delete(id);
    });
  }

  function release(id: string, mirror: Mirror): void {
    if (mirrors.get(id) !== mirror) return;
    mirrors.delete(id);
    mirror.controller.abort('unread');
    mirror.log.close();
  }

  function hear(mirror: Mirror, part: JournalPart): void {
    if (mirror.controller.signal.aborted) return;
    mirror.heard = true;
    if (part.type === 'ended' || (part.type === 'retrieved' && part.isStored)) {
      look(mirror);
    } else if (part.type === 'retrieved') {
      if (mirror.log.cursor() < 2) mirror.log.retrieved(NOTHING_RETRIEVED);
      follow(mirror);
    } else {
      const isLate = part.start < (mirror.ahead.at(-1)?.start ?? 0);
      mirror.ahead.push(part);
      mirror.aheadSize += part.text.length;
      if (isLate) mirror.ahead.sort((one, other) => one.start - other.start);
      follow(mirror);
    }
  }

  /** Takes what follows on what there is. */
  function follow(mirror: Mirror): void {
    const { log, ahead } = mirror;
    let taken = 0;
    for (const part of ahead) {
      const known = log.cursor() - part.start;
      if (known < 0) break;
      log.append(part.type, part.text.slice(known));
      mirror.aheadSize -= part.text.length;
      taken += 1;
    }
    ahead.splice(0, taken);
    if (ahead.length === 0) return;
    // Something is missing before it: the checkpoint has it, or will have it in a moment.
    if (mirror.aheadSize > MAX_AHEAD || ahead.length > MAX_AHEAD_PARTS) {
      ahead.length = 0;
      mirror.aheadSize = 0;
    }
    look(mirror);
  }

  function look(mirror: Mirror): void {
    mirror.wanted = true;
    mirror.wake();
  }

  async function keep(id: string, mirror: Mirror): Promise<void> {
    const { log, controller } = mirror;
    const { signal } = controller;
    let isFailing = false;
    for (;;) {
      await delay(pauseMs(isFailing, mirror), signal);
      if (!isFailing) await news(mirror);
      if (signal.aborted) return;
      mirror.wanted = mirror.heard = false;
      try {
        const stored = await load(id, log.cursor());
        isFailing = false;
        if (signal.aborted) return;
        if (stored?.end) return log.end(stored, stored.end.messageId, stored.end.outcome);
        if (stored) catchUp(mirror, stored);
      } catch (error) {
        // Each of its readers is told by looking for itself.
        if (!isDatabaseDown(error)) {
          await delay(PAUSE_MS, signal);
          return log.close();
        }
        if (!isFailing) logError(error);
        isFailing = true;
      }
    }
  }

  function catchUp(mirror: Mirror, stored: StoredTurn): void {
    const { log } = mirror;
    if (stored.retrieved === null) return;
    if (log.cursor() < 2) log.retrieved(stored.retrieved);
    log.catchUp(stored);
    follow(mirror);
    // What is still missing is looked for after a pause.
    mirror.wanted ||= mirror.ahead.length > 0;
  }

  /** Waits until there is a reason to look. */
  async function news(mirror: Mirror): Promise<void> {
    const { signal } = mirror.controller;
    if (mirror.wanted || signal.aborted) return;
    const woken = new AbortController();
    mirror.wake = () => woken.abort();
    await delay(mirror.heard ? HEARD_POLL_MS : POLL_MS, AbortSignal.any([signal, woken.signal]));
    mirror.wake = () => {};
  }

  return {
    open,
    count: () => mirrors.size,
    /** Nothing more is told; whoever watches is not told an end that is none. */
    dispose(): void {
      isOver = true;
      for (const { controller } of mirrors.values()) controller.abort('disposed');
      mirrors.clear();
    },
  };
}

function pauseMs(isFailing: boolean, { ahead }: Mirror): number {
  if (isFailing) return POLL_MS;
  return ahead.length > 0 ? MISSING_PAUSE_MS : PAUSE_MS;
}
