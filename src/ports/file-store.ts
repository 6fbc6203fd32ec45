import type { Readable } from 'node:stream';

/** Bytes that have been received and belong to nobody yet. */
export type StoredUpload = {
  id: string;
  path: string;
  size: number;
  /** Hexadecimal. */
  sha256: string;
};

/** Offsets of bytes; `end` is exclusive. */
export type ByteRange = { start: number; end: number };

/** Bytes of files, by names that are made here. */
export type FileStore = {
  /**
   * Streams to disk. Throws AppError PAYLOAD_TOO_LARGE beyond `maxBytes`, the source's own fault, or the reason of
   * `signal`; whatever the fault, nothing is left behind. Does not destroy the source: whoever has to answer a request
   * that is too large still needs its connection.
   */
  receive(source: Readable, options: { maxBytes: number; signal?: AbortSignal | undefined }): Promise<StoredUpload>;
  /** The bytes become those of a file: from here on they stay until `remove`. */
  keep(upload: StoredUpload, fileId: string): Promise<void>;
  /** Forgets what was received; what has been kept meanwhile stays. */
  discard(upload: StoredUpload): Promise<void>;
  /** Where the bytes of a file are. */
  pathOf(fileId: string): string;
  /** Null: there are none. `size` is that of the whole file. Without a range, all of it. */
  open(fileId: string, range?: ByteRange): Promise<{ stream: Readable; size: number } | null>;
  /** Removing what is not there is no fault. */
  remove(fileId: string): Promise<void>;
  /**
   * Removes received bytes that nobody came for, and those of files that `exists` does not name. What is younger than
   * an hour stays: it may be on its way into the database. Returns how many were removed.
   */
  sweep(exists: (fileIds: string[]) => Promise<Set<string>>, signal?: AbortSignal): Promise<number>;
};
