import type { ErrorCode } from '../errors.ts';

export type FinalStatus = 'COMPLETE' | 'STOPPED' | 'FAILED' | 'INTERRUPTED' | 'BLOCKED';
export type FinishReason = 'STOP' | 'LENGTH' | 'STOPPED' | 'BLOCKED' | 'ERROR';

export type TurnUsage = {
  promptTokens: number;
  completionTokens: number;
  /** From the start of the turn to its first token (null: there was none), and to its end. */
  firstTokenMs: number | null;
  durationMs: number;
  cached: boolean;
};

export type TurnFailure = { code: ErrorCode; message: string; retryable: boolean };

/** How a turn ended, as its row says. */
export type TurnOutcome = {
  status: FinalStatus;
  finishReason: FinishReason;
  usage: TurnUsage;
  /** With FAILED and INTERRUPTED. */
  error: TurnFailure | null;
};

/** A stretch of a file, as it was when it was retrieved. */
export type Passage = {
  fileId: string;
  fileName: string;
  text: string;
  page: number | null;
  /** Offsets in the file's extracted text, in UTF-16 units; end is exclusive. */
  start: number;
  end: number;
  score: number;
  denseRank: number | null;
  lexicalRank: number | null;
  rerankScore: number | null;
};

/** `index` is the number by which the answer refers to it: [1]. */
export type Citation = { index: number; passage: Passage };

/** What was looked up for an answer. `degraded`: why that could not (fully) be done. */
export type Retrieved = { citations: Citation[]; degraded: string | null };

/**
 * What a watcher receives. `cursor` is the position after the event: 1 for the start, 2 for the retrieval, one more for
 * every UTF-16 unit of reasoning or answer, one more for the end.
 */
export type TurnEvent =
  | { type: 'turn-started'; turnId: string; cursor: number }
  | { type: 'turn-retrieved'; turnId: string; cursor: number; retrieved: Retrieved }
  /** `offset`: where the text begins in the answer, in UTF-16 units. */
  | { type: 'turn-delta'; turnId: string; cursor: number; text: string; offset: number }
  | { type: 'turn-reasoning'; turnId: string; cursor: number; text: string }
  | { type: 'turn-ended'; turnId: string; cursor: number; messageId: string; outcome: TurnOutcome };

/** What there is of an answer. */
export type TurnText = {
  content: string;
  reasoning: string;
  /** UTF-16 lengths of the runs in the order they came: reasoning, answer, reasoning, answer … */
  segments: number[];
  /** Of the newest event. */
  cursor: number;
};

/** The owner's end of a running turn's log. */
export type TurnLogWriter = {
  start(): void;
  /** `isStored`: it stands with the message, where other instances find it. */
  retrieved(retrieved: Retrieved, isStored: boolean): void;
  append(kind: 'text' | 'reasoning', text: string): void;
  /** Position of the newest event. */
  cursor(): number;
  /** The text so far; cheap enough to take every second. */
  text(): TurnText;
  /**
   * The terminal event, once the database has decided it. The log forgets the turn some time after. `stands`: the whole,
   * where another instance has ended it.
   */
  end(messageId: string, outcome: TurnOutcome, stands?: StoredLog): void;
  /** No more text is shown before the end: it may not stand. */
  withhold(): void;
};

/** What is stored of a turn that another instance makes. `retrieved` null: it is still being looked up. */
export type StoredLog = Omit<TurnText, 'cursor'> & { retrieved: Retrieved | null };

/** The log here of a turn that another instance makes; it begins at the start. */
export type TurnLogMirror = {
  cursor(): number;
  retrieved(retrieved: Retrieved): void;
  append(kind: 'text' | 'reasoning', text: string): void;
  /** Adds the text that is stored beyond the cursor. */
  catchUp(stored: StoredLog): void;
  /** With what is stored as the whole. */
  end(stored: StoredLog, messageId: string, outcome: TurnOutcome): void;
  /** Ends its readers, without a terminal event where none has come, and forgets the turn. */
  close(): void;
};

/** Ordered events of running turns. Readers that are behind get neighbouring text joined, never lost or repeated. */
export type EventLog = {
  /** `key`: the turn's number in the journal, where there is one. Its text is shown once it is written down there. */
  open(turnId: string, key: number): TurnLogWriter;
  /** For a turn of another instance. `onUnread` is called whenever its last reader has left. */
  mirror(turnId: string, onUnread: () => void): TurnLogMirror;
  has(turnId: string): boolean;
  /** Events with a greater cursor than `after`, then live ones, to the terminal one. Null when the log has no such turn. */
  read(turnId: string, after: number): AsyncIterableIterator<TurnEvent> | null;
  dispose(): Promise<void>;
};
