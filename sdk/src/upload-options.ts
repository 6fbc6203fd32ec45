/**
 * What can be uploaded: a file of a browser's input, a Blob (in Node `await openAsBlob(path)` makes one that stays on
 * the disk), bytes, or a stream of them.
 */
export type UploadSource =
  | Blob
  | ArrayBuffer
  | Uint8Array<ArrayBuffer>
  | ReadableStream<Uint8Array<ArrayBuffer>>
  | AsyncIterable<Uint8Array>;

/** In bytes. `total` is null for a stream: nobody knows. */
export type UploadProgress = { sent: number; total: number | null };

export type UploadOptions = {
  /** Default: the name that the source has. */
  name?: string | undefined;
  /** Left out: outside of any collection. */
  collectionId?: string | null | undefined;
  /** Nothing is left of an upload that was aborted. */
  signal?: AbortSignal | undefined;
  /** How much is on its way. All of it having been sent, the server still has to answer. */
  onProgress?: ((progress: UploadProgress) => void) | undefined;
};
