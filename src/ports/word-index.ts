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
  /** BM25; comparable within one query only. */
  score: number;
  /** Share of the weight of the question's words that the chunk has: 0 to 1. */
  matched: number;
};

/**
 * Finds chunks by their words. It lives in the database: what is written with a transaction's runner commits and rolls
 * back with the chunks themselves.
 */
export type WordIndex = {
  /** Adds chunks that are not found yet. Keep the texts of a call to about 4 MB. */
  append(sql: SqlRunner, part: WordPart): Promise<void>;
  /** From its commit on, this generation of the file is found, and no other. */
  publish(sql: SqlRunner, scopeId: string, fileId: string, generation: number): Promise<void>;
  /** Forgets what was appended of one generation and not published. */
  discard(sql: SqlRunner, scopeId: string, fileId: string, generation: number): Promise<void>;
  /** From its commit on, nothing of these files is found. */
  remove(sql: SqlRunner, scopeId: string, fileIds: string[]): Promise<void>;
  /** Forgets everything of a scope. */
  drop(sql: SqlRunner, scopeId: string): Promise<void>;
  /** Best first. A scope or file that is not known has no hits. */
  search(query: WordQuery): Promise<WordHit[]>;
  /** Joins small segments and leaves out what was removed; one step. Returns whether there is more to do. */
  merge(scopeId: string, signal?: AbortSignal): Promise<boolean>;
  dispose(): Promise<void>;
};
