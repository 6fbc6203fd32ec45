import type { IngestionDependencies } from './dependencies.ts';
import { createIngestFile } from './ingest-file.ts';
import { createPurge } from './purge.ts';
import { mendStranded } from './stranded.ts';

export type Ingestion = ReturnType<typeof createIngestion>;

const HOUSEKEEPING_MS = 300_000;
const MERGES = 1;
const PURGES = 2;

/** Does the jobs: reads files, removes what deleted ones have left, merges what is searched. */
export function createIngestion(deps: IngestionDependencies) {
  const { queue } = deps;
  let timer: NodeJS.Timeout | undefined;

  const housekeep = () =>
    mendStranded(deps).catch((error: unknown) => deps.logError(error, { during: 'looking for stranded files' }));

  return {
    /** From here on this server takes part in the work. */
    async start(): Promise<void> {
      const purge = createPurge(deps);
      await queue.work('ingest-file', deps.concurrency, createIngestFile(deps));
      await queue.work('purge-file', PURGES, purge.file);
      await queue.work('purge-scope', 1, purge.scope);
      await queue.work('merge-words', MERGES, purge.mergeWords);
      await housekeep();
      timer = setInterval(() => void housekeep(), HOUSEKEEPING_MS);
      timer.unref();
    },
    /** The jobs end with their queue. */
    dispose(): void {
      clearInterval(timer);
    },
  };
}
