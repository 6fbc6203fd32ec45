export type ModelLimits = {
  /** For the connection to stand. */
  connectMs: number;
  /** From there to the first token. */
  firstTokenMs: number;
  /** Between two tokens. */
  idleMs: number;
  /** For the whole answer, retries included. */
  totalMs: number;
  /** Further attempts, before the first token only. */
  retries: number;
};
