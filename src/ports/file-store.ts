import type { Readable } from 'node:stream';

/** Bytes that have been received and belong to nobody yet. */
export type StoredUpload = { id: string; path: string; size: number; sha256: string };

/** Bytes of files, by names that are made here. */
export type FileStore = {
  /**
   * Streams to disk. Throws AppError PAYLOAD_TOO_LARGE beyond `maxBytes`; whatever the fault, or when `signal` aborts,
   * nothing is left behind.
   */
  receive(source: Readable, options: { maxBytes: number; signal?: AbortSignal | undefined }): Promise<StoredUpload>;
  /** The bytes become those of a file: from here on they stay until `remove`. */
  keep(upload: StoredUpload, fileId: string): Promise<void>;
  /** Forgets what was received. */
  discard(upload: StoredUpload): Promise<void>;
  /** Where the bytes of a file are. */
  pathOf(fileId: string): string;
  /** Null: there are none. */
  open(fileId: string): Promise<{ stream: Readable; size: number } | null>;
  remove(fileId: string): Promise<void>;
  /** Removes received bytes that nobody came for, and those of files for which `exists` returns false. */
  sweep(exists: (fileIds: string[]) => Promise<Set<string>>): Promise<void>;
};
