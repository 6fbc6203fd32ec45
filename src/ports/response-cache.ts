import type { TurnText } from './event-log.ts';
import type { ModelUsage } from './language-model.ts';

/** A whole answer, as its model gave it. */
export type CachedAnswer = Omit<TurnText, 'cursor'> & {
  finishReason: 'STOP' | 'LENGTH';
  usage: ModelUsage | null;
};

export type ResponseCacheFigures = { entries: number; bytes: number; hits: number; misses: number };

/**
 * Answers by the hash of all that their model was told. Bounded in time and in size: the oldest go first. Every call
 * rejects within a fraction of a second when the cache cannot be reached; nothing depends on it.
 */
export type ResponseCache = {
  readonly backend: 'memory' | 'redis';
  /** Counts as a hit or a miss. */
  get(key: string): Promise<CachedAnswer | null>;
  /** `fileIds`: what the answer was made from. One that was removed a while ago keeps the answer out. */
  set(key: string, answer: CachedAnswer, fileIds: string[]): Promise<void>;
  /** Forgets the answers that were made from these files. */
  removeFiles(fileIds: string[]): Promise<void>;
  /** Forgets all. Returns how many. */
  flush(): Promise<number>;
  /** Hits and misses of all who share the cache, since it was last empty of figures. */
  figures(): Promise<ResponseCacheFigures>;
  /** Throws when it cannot be reached. */
  ping(): Promise<void>;
};
