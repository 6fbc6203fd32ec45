import type { FileKind, TextSection } from '../../../ports/file-reader.ts';

/** What the server tells a process that reads. One document at a time. */
export type ToProcess =
  | { type: 'read'; id: number; path: string; kind: FileKind }
  /** So many characters have been taken. */
  | { type: 'taken'; id: number; characters: number };

/** What the process answers. */
export type FromProcess =
  | { type: 'ready' }
  | { type: 'section'; id: number; section: TextSection }
  | { type: 'progress'; id: number; fraction: number }
  | { type: 'done'; id: number }
  /** A sentence for a person, and what it came from for the log. */
  | { type: 'refused'; id: number; message: string; detail?: string }
  /** The bytes could not be read from the disk: not the document's fault. */
  | { type: 'unreadable'; id: number; detail: string };
