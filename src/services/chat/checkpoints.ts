import type { TurnText } from '../../ports/event-log.ts';

export type CheckpointsDependencies = {
  /** Returns those of the running turns that are to be stopped. */
  store: (texts: Map<string, TurnText>, running: string[]) => Promise<string[]>;
  stop: (turnId: string) => void;
  logError: (error: unknown) => void;
  intervalMs?: number;
};

/**
 * Stores the text of all running turns together, once a second, one write at a time: the cost does not grow with the
 * number of tokens, and little with the number of turns. The same statement says which are to be stopped, for those who
 * could not say so over the bus.
 */
export function createCheckpoints(deps: CheckpointsDependencies) {
  const intervalMs = deps.intervalMs ?? 1_000;
  const turns = new Map<string, { cursor: () => number; text: () => TurnText; stored: number }>();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;

  async function write(): Promise<void> {
    const texts = new Map<string, TurnText>();
    for (const [turnId, turn] of turns) {
      if (turn.cursor() > turn.stored) texts.set(turnId, turn.text());
    }
    if (turns.size === 0) return;
    try {
      for (const turnId of await deps.store(texts, [...turns.keys()])) deps.stop(turnId);
      for (const [turnId, text] of texts) {
        const turn = turns.get(turnId);
        if (turn) turn.stored = text.cursor;
      }
    } catch (error) {
      // The next one stores the same and more.
      deps.logError(error);
    }
  }

  function tick(): void {
    writing ??= write().finally(() => {
      writing = null;
    });
  }

  return {
    /** Stores the turn's text from now on, until the returned function is called. */
    add(turnId: string, source: { cursor: () => number; text: () => TurnText }): () => void {
      turns.set(turnId, { ...source, stored: 0 });
      timer ??= setInterval(tick, intervalMs);
      return () => {
        turns.delete(turnId);
        if (turns.size > 0 || !timer) return;
        clearInterval(timer);
        timer = null;
      };
    },
    async dispose(): Promise<void> {
      if (timer) clearInterval(timer);
      timer = null;
      await writing;
    },
  };
}
