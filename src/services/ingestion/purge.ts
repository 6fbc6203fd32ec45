import type { JobAttempt, Jobs } from '../../ports/job-queue.ts';
import type { IngestionDependencies } from './dependencies.ts';

/** Removes what deleted files and scopes have left outside the database. Tried again until it works. */
export function createPurge({ sql, queue, vectors, store, words, forgetAnswers }: IngestionDependencies) {
  return {
    async file({ fileId, scopeId, models }: Jobs['purge-file'], { signal }: JobAttempt): Promise<void> {
      await store.remove(fileId);
      for (const model of models) await vectors?.removeFile({ scopeId, model }, fileId, { signal });
      await queue.enqueue(sql, 'merge-words', [{ scopeId }]);
      queue.wake('merge-words');
      await forgetAnswers([fileId]);
    },
    async scope({ scopeId, models }: Jobs['purge-scope'], { signal }: JobAttempt): Promise<void> {
      for (const model of models) await vectors?.removeSpace({ scopeId, model }, signal);
    },
    async mergeWords({ scopeId }: Jobs['merge-words'], { signal }: JobAttempt): Promise<void> {
      while (await words.merge(scopeId, signal)) signal.throwIfAborted();
    },
  };
}
