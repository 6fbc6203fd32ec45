/**
 * What an instance writes down of its turns, beyond their checkpoints. `key` is the turn's number at the instance that
 * makes it; `start` the position before the text.
 */
export type JournalPart =
  | { type: 'text' | 'reasoning'; key: number; start: number; text: string }
  /** What was looked up is known: nothing, or what stands with the message. */
  | { type: 'retrieved'; key: number; isStored: boolean }
  /** The end stands in the database. */
  | { type: 'ended'; key: number };

/** `not-mine`: another instance has sealed it, because this one was taken for gone. */
export type JournalAppend = 'written' | 'not-mine';

/**
 * What every instance has said lately, kept outside of the process that says it: what other instances show of a turn,
 * and what is left of it when its instance is killed. Together with the checkpoints in the database it is the whole text.
 * It goes back over some minutes at least, and is bounded in time and in size.
 */
export type Journal = {
  /**
   * Resolves when the parts are where others find them. One call at a time. Rejects when that could not be done in time;
   * it may have been done all the same.
   */
  append(parts: JournalPart[]): Promise<JournalAppend>;
  /**
   * Whether no other instance can have sealed it. False where this one could not say for too long that it lives, though
   * nobody need have noticed.
   */
  holdsLease(): boolean;
  /** How many other instances read this one's journal. */
  readerCount(): number;
  /**
   * The parts of one turn of another instance, those of the last seconds first. Best effort: parts may be missing, and
   * some come twice; positions tell. Returns what ends it.
   */
  follow(instanceId: string, key: number, listener: (part: JournalPart) => void): () => void;
  /**
   * Takes the journal of an instance that is gone, which can never add to it again, and returns all that is in it.
   * Rejects when that could not be found out.
   */
  seal(instanceId: string): Promise<JournalPart[]>;
  /** Removes a sealed journal. */
  remove(instanceId: string): Promise<void>;
  dispose(): Promise<void>;
};
