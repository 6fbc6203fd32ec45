import type { Journal, JournalPart } from '../../ports/journal.ts';

/** A running turn whose text is written down before it is shown. */
export type JournaledTurn = {
  /** The parts that were not handed out before, and the position up to which they go. */
  takeParts(): { parts: JournalPart[]; upTo: number };
  /** What is said is written down up to here (or need not be waited for): it may be shown. */
  show(upTo: number): void;
  /** The newest position. */
  head(): number;
};

export type JournalWriterOptions = {
  journal: Journal;
  /** Turns that run here. */
  turnCount: () => number;
  logError: (error: unknown) => void;
  /** In milliseconds, from any beginning. */
  clock?: () => number;
};

/** Text of many turns is written together, so often at most. */
const MIN_INTERVAL_MS = 25;
/**
 * What one turn by itself may cost: a command for writing, and one for each instance that reads. Its beginning and its
 * end are told as well, so that it is ten in all.
 */
const COMMANDS_PER_TURN_SECOND = 9;
/**
 * A journal that is slower is not waited for: text is shown, though a kill at this moment would lose it. Not so by an
 * instance whose turns others may have closed, as after it was frozen: they would stand without that text.
 */
const LONGEST_HOLD_MS = 250;
/** How often one that fails is tried. */
const RETRY_MS = 500;

/**
 * Writes down what all turns of this instance say, one call at a time, and then lets it be shown. What comes while a
 * call is under way is joined into the next one.
 */
export function createJournalWriter({
  journal,
  turnCount,
  logError,
  clock = () => performance.now(),
}: JournalWriterOptions) {
  let waiting = new Set<JournaledTurn>();
  let timer: NodeJS.Timeout | null = null;
  let immediate: NodeJS.Immediate | null = null;
  let writing: Promise<void> | null = null;
  let begunAt = Number.NEGATIVE_INFINITY;
  /** While the journal is slow or fails, nothing is held back, as long as the lease is held. */
  let isPassing = false;
  let isFailing = false;
  let disposed = false;

  function add(turn: JournaledTurn): void {
    waiting.add(turn);
    if (isPassing && journal.holdsLease()) turn.show(turn.head());
    schedule();
  }

  function schedule(): void {
    if (writing || timer || immediate || disposed || waiting.size === 0) return;
    const remaining = begunAt + interval() - clock();
    // Not at once: what arrived in one read of the network is written together.
    if (remaining <= 0) immediate = setImmediate(begin);
    else timer = setTimeout(begin, remaining);
  }

  /** One turn by itself is written down less often than many are, each of which costs a part of a command. */
  function interval(): number {
    if (isFailing) return RETRY_MS;
    const commands = 1 + journal.readerCount();
    return Math.max(MIN_INTERVAL_MS, (commands * 1_000) / COMMANDS_PER_TURN_SECOND / Math.max(turnCount(), 1));
  }

  function begin(): void {
    if (timer) clearTimeout(timer);
    if (immediate) clearImmediate(immediate);
    timer = immediate = null;
    begunAt = clock();
    writing = write().finally(() => {
      writing = null;
      schedule();
    });
  }

  async function write(): Promise<void> {
    const turns = waiting;
    waiting = new Set();
    const taken = [...turns].map((turn) => ({ turn, ...turn.takeParts() }));
    const parts = taken.flatMap((each) => each.parts);
    // Again and again: the lease may be renewed meanwhile.
    const pass = setInterval(() => {
      isPassing = true;
      if (journal.holdsLease()) for (const turn of [...turns, ...waiting]) turn.show(turn.head());
    }, LONGEST_HOLD_MS);
    try {
      if (parts.length > 0) {
        const result = await journal.append(parts);
        isFailing = isPassing = false;
        // Taken for gone: whoever says so ends what runs here, and nothing more of it is shown.
        if (result === 'not-mine') return;
      }
    } catch (error) {
      // What could not be written is in the next checkpoint.
      if (!isFailing) logError(error);
      isFailing = isPassing = true;
    } finally {
      clearInterval(pass);
    }
    for (const { turn, upTo } of taken) {
      if (!isPassing) turn.show(upTo);
      else if (journal.holdsLease()) turn.show(turn.head());
      // Looked at again with the next attempt.
      else waiting.add(turn);
    }
  }

  return {
    /** Says that the turn has something new to be written down. */
    add,
    async dispose(): Promise<void> {
      await writing;
      if (waiting.size > 0 && !isFailing) begin();
      disposed = true;
      await writing;
      if (timer) clearTimeout(timer);
      if (immediate) clearImmediate(immediate);
    },
  };
}
