import type { FileReader } from '../../ports/file-reader.ts';
import { detectKind } from './detection/detect.ts';
import { createPool } from './process/pool.ts';
import { readInProcess } from './process/read-in-process.ts';

export type FileReaderOptions = {
  /** Longest time that a document may take, without the time in which its reader is busy with what came of it. */
  timeoutMs: number;
  /** Memory that reading a document may take, beside what a process takes anyway. */
  memoryMb: number;
  /** Documents that are read at once; others wait. Default 2. */
  processes?: number;
  /** How long a process waits for another document before it ends. Default 15 s. */
  idleMs?: number;
};

/**
 * Gets the text out of documents, in processes of their own: see docs/decisions for why threads will not do. Nothing
 * that a document does to such a process reaches the server.
 */
export function createFileReader({
  timeoutMs,
  memoryMb,
  processes = 2,
  idleMs = 15_000,
}: FileReaderOptions): FileReader {
  const pool = createPool({ memoryMb, processes, idleMs });
  let isDisposed = false;
  let reads = 0;
  return {
    detect: detectKind,
    read(path, kind, signal) {
      reads += 1;
      return readInProcess({ pool, id: reads, path, kind, timeoutMs, signal, isDisposed: () => isDisposed });
    },
    async dispose() {
      isDisposed = true;
      await pool.dispose();
    },
  };
}
