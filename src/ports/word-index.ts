import type { SqlRunner } from './sql.ts';

/** Neighbouring chunks of one generation of a file, to be found by their words. */
export type WordPart = {
  scopeId: string;
  fileId: string;
  generation: number;
  /** Index of the first of `texts` among the file's chunks. */
  firstChunk: number;
  texts: string[];
};

export type WordQuery = {
  text: string;
  scopeIds: string[];
  /** Only these files; left out: all of the scopes. */
  fileIds?: string[] | undefined;
  limit: number;
  signal?: AbortSignal | undefined;
};

export type WordHit = {
  fileId: string;
  generation: number;
  /** Index of the chunk in its file. */
  chunk: number;
  /** BM25 of words, character grams and pairs of words together; comparable within one query only. */
  score: number;
  /** Share of the weight of the question's words that the chunk has: 0 to 1. Words that no chunk has weigh most. */
  matched: number;
};

/**
 * Finds chunks by their words. It lives in the database: what is written with a transaction's runner commits and rolls
 * back with the chunks themselves. `publish`, `discard`, `remove` and `drop` of one scope wait for each other's
 * transactions, so these should be short; `append` waits for nobody.
 */
export type WordIndex = {
  /**
   * Adds chunks that are not found yet. Within a transaction: a merge takes what it finds half written for left over.
   * Keep the texts of a call to about 4 MB: that is a second, which the embedded database spends in this transaction.
   */
  append(sql: SqlRunner, part: WordPart): Promise<void>;
  /** From its commit on, this generation of the file is found, and no other. */
  publish(sql: SqlRunner, scopeId: string, fileId: string, generation: number): Promise<void>;
  /** Forgets what was appended of one generation and not published. */
  discard(sql: SqlRunner, scopeId: string, fileId: string, generation: number): Promise<void>;
  /** From its commit on, nothing of these files is found. */
  remove(sql: SqlRunner, scopeId: string, fileIds: string[]): Promise<void>;
  /** From its commit on, nothing of the scope is found. What it took is freed by the merges of the scope that follow. */
  drop(sql: SqlRunner, scopeId: string): Promise<void>;
  /**
   * Best first, 1,000 at most. A scope or file that is not known has no hits. Sees what was committed before it began.
   * Rejects with the signal's reason when that is aborted.
   */
  search(query: WordQuery): Promise<WordHit[]>;
  /**
   * Joins small segments and clears away what was removed; one step of a few seconds at most, which does not hold
   * others up. Returns whether there is more to do: also when it was aborted, which is no error. False as well where
   * another instance merges this scope. Worth calling after `publish`, `discard`, `remove` and `drop`.
   */
  merge(scopeId: string, signal?: AbortSignal): Promise<boolean>;
  dispose(): Promise<void>;
};
