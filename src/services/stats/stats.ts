import type { QueueStats } from '../../ports/job-queue.ts';

export type StatsDependencies = {
  /** Of the jobs that read files, on all instances. */
  workerStats: () => Promise<QueueStats>;
};

export type Stats = ReturnType<typeof createStats>;

/** Figures about the server. */
export function createStats({ workerStats }: StatsDependencies) {
  return { worker: workerStats };
}
