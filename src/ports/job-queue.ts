import type { SqlRunner } from './sql.ts';

/** What is done apart from a request. Each may come more than once, and must not mind. */
export type Jobs = {
  /** Reads the newest generation of a file and makes it searchable. */
  'ingest-file': { fileId: string; generation: number };
  /** Removes what a deleted file has left outside the database: vectors and bytes. */
  'purge-file': { fileId: string; scopeId: string; models: string[] };
  /** Removes the vectors of a scope that is no more. */
  'purge-scope': { scopeId: string; models: string[] };
  /** Merges the segments of a scope's lexical index. */
  'merge-words': { scopeId: string };
};
export type JobName = keyof Jobs;

/**
 * What a job is about. Of the jobs with one name and one key at most one is done at a time, on all instances together,
 * and those that wait are one (a job that is to be tried again is told apart from one that never began).
 */
export const JOB_KEYS: { [Name in JobName]: (job: Jobs[Name]) => string } = {
  'ingest-file': ({ fileId }) => fileId,
  'purge-file': ({ fileId }) => fileId,
  'purge-scope': ({ scopeId }) => scopeId,
  'merge-words': ({ scopeId }) => scopeId,
};

export type JobAttempt = {
  /** 1 for the first. */
  attempt: number;
  /** True: a failure now is final. */
  last: boolean;
  /** Aborts when the queue ends, or when the job is no longer this worker's. What the handler then throws is no failure. */
  signal: AbortSignal;
};

/** Thrown by a handler: the job has failed, and another attempt would be of no use. */
export class FinalFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FinalFailure';
  }
}

/** Finished jobs count for the seven days that they are kept. */
export type QueueStats = {
  queued: number;
  active: number;
  completed: number;
  failed: number;
  /** Further attempts that were made. */
  retried: number;
  /** Of the completed ones, from the beginning of the last attempt. */
  meanSeconds: number | null;
};

/** Jobs in the database, shared by all instances: each is done by one of them, again when that one dies or fails. */
export type JobQueue = {
  /**
   * With a transaction's runner: the job exists when the transaction commits. Write first what the job is about, so that
   * one that waits already for the same key finds it.
   */
  enqueue<Name extends JobName>(sql: SqlRunner, name: Name, jobs: Jobs[Name][]): Promise<void>;
  /** Says, after the commit, that there is work: it is begun at once where this instance has room. */
  wake(name: JobName): void;
  /** Begins to work. The handler's failure is a retry with backoff, until the last attempt. */
  work<Name extends JobName>(
    name: Name,
    concurrency: number,
    handler: (job: Jobs[Name], attempt: JobAttempt) => Promise<void>,
  ): Promise<void>;
  /** Which of these keys have a job that waits or is being done. */
  pending(name: JobName, keys: string[]): Promise<Set<string>>;
  /** Of `ingest-file`. */
  stats(): Promise<QueueStats>;
  /** Takes no new jobs, aborts what does not end within `graceMs` and returns it to the queue. */
  dispose(graceMs?: number): Promise<void>;
};
