import type { SqlRunner } from './sql.ts';

/** What is done apart from a request. Each may come more than once, and must not mind. */
export type Jobs = {
  /** Reads one generation of a file and makes it searchable. */
  'ingest-file': { fileId: string; generation: number };
  /** Removes what a deleted file has left outside the database: vectors and bytes. */
  'purge-file': { fileId: string; scopeId: string; models: string[] };
  /** Removes the vectors of a scope that is no more. */
  'purge-scope': { scopeId: string; models: string[] };
  /** Merges the segments of a scope's lexical index. */
  'merge-words': { scopeId: string };
};
export type JobName = keyof Jobs;

export type JobAttempt = {
  /** 1 for the first. */ attempt: number /** True: a failure now is final. */;
  last: boolean;
  signal: AbortSignal;
};

export type QueueStats = {
  queued: number;
  active: number;
  completed: number;
  failed: number;
  retried: number;
  meanSeconds: number | null;
};

/** Jobs in the database, shared by all instances: each is done by one of them, again when that one dies or fails. */
export type JobQueue = {
  /** With a transaction's runner: the job exists when the transaction commits. */
  enqueue<Name extends JobName>(sql: SqlRunner, name: Name, jobs: Jobs[Name][]): Promise<void>;
  /** Says, after the commit, that there is work: it is begun at once where this instance has room. */
  wake(name: JobName): void;
  /** Begins to work. The handler's failure is a retry with backoff, until the last attempt. */
  work<Name extends JobName>(
    name: Name,
    concurrency: number,
    handler: (job: Jobs[Name], attempt: JobAttempt) => Promise<void>,
  ): Promise<void>;
  /** Of `ingest-file`. */
  stats(): Promise<QueueStats>;
  /** Takes no new jobs, aborts what does not end within `graceMs` and returns it to the queue. */
  dispose(graceMs?: number): Promise<void>;
};
