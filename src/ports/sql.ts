/**
 * Plain SQL, for what an ORM is too slow or too narrow for. Parameters are $1, $2 …; both engines take strings, numbers,
 * booleans, Date, Uint8Array, arrays of these and null. Avoid int8 in results: its type differs.
 */
export type SqlRunner = {
  query<Row extends Record<string, unknown>>(text: string, parameters?: unknown[]): Promise<Row[]>;
};

export type Sql = SqlRunner & {
  /**
   * Commits when `work` returns, rolls back when it throws. Inside, only the runner that `work` gets may be used: the
   * embedded database has one connection, so anything else would wait for this transaction to end.
   */
  transaction<Result>(work: (sql: SqlRunner) => Promise<Result>): Promise<Result>;
  /** Statements without parameters, one after the other on one connection. Returns the rows of all of them. */
  script<Row extends Record<string, unknown>>(text: string): Promise<Row[]>;
};
