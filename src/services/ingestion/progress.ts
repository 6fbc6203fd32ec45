import { type ClaimedFile, writeProgress } from './claim.ts';
import type { IngestionDependencies } from './dependencies.ts';

/** A few times a second is enough for people. */
const INTERVAL_MS = 400;
/** Of the whole, where files are embedded: that is what takes the time. */
const READING_SHARE = 0.3;
/** The rest is for publishing. */
const MOST = 0.98;

/** How far a file has come: never back, and told to those who watch. */
export function createProgress({ sql, bus }: Pick<IngestionDependencies, 'sql' | 'bus'>, file: ClaimedFile) {
  let read = 0;
  let chunksRead = 0;
  let chunksEmbedded = 0;
  let told = 0;
  let toldAt = Number.NEGATIVE_INFINITY;

  function current(embeds: boolean): number {
    if (!embeds) return read;
    return read * (READING_SHARE + (1 - READING_SHARE) * (chunksRead === 0 ? 0 : chunksEmbedded / chunksRead));
  }

  return {
    read(fraction: number): void {
      read = Math.max(read, Math.min(fraction, 1));
    },
    chunksRead(count: number): void {
      chunksRead += count;
    },
    chunksEmbedded(count: number): void {
      chunksEmbedded += count;
    },
    /** Throws Superseded when the file is no longer this attempt's. */
    async tell(embeds: boolean): Promise<void> {
      if (performance.now() - toldAt < INTERVAL_MS) return;
      toldAt = performance.now();
      told = Math.max(told, current(embeds) * MOST);
      await writeProgress(sql, file, told);
      bus.publish('file-changed', file.id, {});
    },
  };
}
