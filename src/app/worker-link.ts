import cluster from 'node:cluster';

/** What a worker tells the process that started it: that it listens, with what a person should know of it. */
export type FromWorker = { type: 'ready'; text: string };

export type WorkerLink = {
  /** As it stands in the log. */
  name: string;
  ready(text: string): void;
  /** Nobody is there any more who could start another one, or end this one. */
  onLost(end: (reason: string) => void): void;
};

/** From one of several processes to the one that started it. Null: this is the only one. */
export function openWorkerLink(): WorkerLink | null {
  const { worker } = cluster;
  if (!worker) return null;
  return {
    name: `worker ${worker.id}`,
    ready(text) {
      if (process.connected) process.send?.({ type: 'ready', text } satisfies FromWorker);
    },
    onLost(end) {
      worker.once('disconnect', () => {
        // Node would end this process here and now, and with it what it is answering.
        worker.exitedAfterDisconnect = true;
        end('the loss of the first process');
      });
    },
  };
}
