import type { ProviderName } from './language-model.ts';

export type PullProgress = {
  /** What is being done, in a word or two. */
  status: string;
  /** Null: not known (yet). */
  completedBytes: number | null;
  totalBytes: number | null;
};

/** What there is to say of a pull, to whoever watches it. */
export type PullState = PullProgress & {
  /** Full id, as it was asked for. */
  model: string;
  /** Of late. Null: nothing is being fetched. */
  bytesPerSecond: number | null;
  done: boolean;
  /** Why it ended without the model; null while it goes on, or where it is there. */
  error: string | null;
};

/** `name`: that of the model, once it is there. */
export type ForeignPull = Omit<PullProgress, 'status'> & { name: string };

export type RemoteFile = { name: string; sizeBytes: number | null };

/** Gets models from where they are published, and removes them. */
export type ModelStore = {
  readonly provider: ProviderName;
  /** Throws AppError BAD_USER_INPUT, naming `field`, for what cannot be the source of a model here. */
  check(source: string, field: string): void;
  /**
   * Gets the model; what is there of it from an earlier attempt is not fetched again. It is listed once it is whole, and
   * not before. Throws AppError; ends, throwing the signal's reason, when `signal` aborts.
   */
  pull(source: string, signal: AbortSignal): AsyncIterable<PullProgress>;
  /** Throws AppError NOT_FOUND. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** What other processes are getting at this moment, into the same place. Null: nobody can know. */
  elsewhere: (() => Promise<ForeignPull[]>) | null;
  /** The models that a source offers. Null: it cannot be asked. */
  files: ((source: string, signal: AbortSignal) => Promise<RemoteFile[]>) | null;
};
