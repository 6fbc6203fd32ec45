/** Vectors of one model over the files of one scope: a collection of its own. */
export type VectorSpace = { scopeId: string /** Full id of the embedding model. */; model: string };

export type VectorItem = {
  fileId: string;
  generation: number /** Index of the chunk in its file. */;
  chunk: number;
  vector: Float32Array;
};

export type VectorHit = {
  fileId: string;
  generation: number;
  chunk: number /** Cosine distance: 0 to 2. */;
  distance: number;
};

export type VectorIndexState = {
  status: 'OK' | 'DEGRADED' | 'DISABLED';
  latencyMs: number | null;
  message: string | null;
};

/**
 * Finds chunks by the likeness of vectors (normalised, cosine). Every call has a deadline of its own and takes a signal.
 * Throws AppError UNAVAILABLE, `retryable`, when the index does not answer; a space that does not exist is empty.
 */
export type VectorIndex = {
  /** Writes over what has the same file, generation and chunk. Any number of items. */
  upsert(space: VectorSpace, items: VectorItem[], signal?: AbortSignal): Promise<void>;
  /** Best first. */
  query(
    space: VectorSpace,
    vector: Float32Array,
    options: { limit: number; fileIds?: string[] | undefined; signal?: AbortSignal | undefined },
  ): Promise<VectorHit[]>;
  /** Removes a file's vectors, of all generations or of all but `keepGeneration`. */
  removeFile(
    space: VectorSpace,
    fileId: string,
    options?: { keepGeneration?: number; signal?: AbortSignal },
  ): Promise<void>;
  removeSpace(space: VectorSpace, signal?: AbortSignal): Promise<void>;
  /** Vectors in the space. */
  count(space: VectorSpace, signal?: AbortSignal): Promise<number>;
  state(): Promise<VectorIndexState>;
  dispose(): Promise<void>;
};
