/** Turns texts into vectors with one model. */
export type Embedder = {
  /** Full id, such as ollama/nomic-embed-text. */
  readonly model: string;
  /**
   * One vector for each text, in order, of length 1 (L2). Any number of texts: batched inside. `purpose` matters to models that
   * prefix questions and documents differently. Throws AppError PROVIDER_UNAVAILABLE or RATE_LIMITED with `retryable`,
   * after its own retries; ends at once, throwing the signal's reason, when `signal` aborts.
   */
  embed(texts: string[], purpose: 'document' | 'query', signal?: AbortSignal): Promise<Float32Array[]>;
  /** Tokens of the text for this model; null where it cannot be counted without asking the provider. */
  countTokens: ((text: string) => number) | null;
  /** The longest text that the model takes, in tokens. Null: not known. */
  readonly maxTokens: number | null;
};
