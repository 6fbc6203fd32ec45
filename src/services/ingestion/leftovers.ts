import type { SqlRunner } from '../../ports/sql.ts';
import type { ClaimedFile } from './claim.ts';
import { modelsOf } from './dense.ts';
import type { IngestionDependencies } from './dependencies.ts';

type FileState = { liveGeneration: number | null; generation: number; status: string };

/** What attempts and earlier generations have left in the vector index. */
export function createLeftovers({
  sql,
  words,
  vectors,
  embedder,
}: Pick<IngestionDependencies, 'sql' | 'words' | 'vectors' | 'embedder'>) {
  async function stateOf(fileId: string): Promise<FileState | null> {
    const [row] = await sql.query<FileState>(
      'SELECT live_generation AS "liveGeneration", generation, status FROM files WHERE id = $1',
      [fileId],
    );
    return row ?? null;
  }

  /** All vectors of the file but those of one generation (null: of none). */
  async function keepOnly(scopeId: string, fileId: string, generation: number | null, signal?: AbortSignal) {
    if (!vectors) return;
    const options = { ...(generation !== null && { keepGeneration: generation }), ...(signal && { signal }) };
    for (const model of await modelsOf(sql, scopeId)) await vectors.removeFile({ scopeId, model }, fileId, options);
  }

  /** Rows of one generation that is not published. */
  async function forget(runner: SqlRunner, file: Pick<ClaimedFile, 'id' | 'scopeId' | 'generation'>): Promise<void> {
    await runner.query('DELETE FROM chunks WHERE file_id = $1 AND generation = $2', [file.id, file.generation]);
    await words.discard(runner, file.scopeId, file.id, file.generation);
  }

  return {
    keepOnly,
    forget,
    /**
     * After an attempt whose file was taken from it. A generation that is being read, or waits to be, is left alone: its
     * end removes what is not its own. What deletes a file or a scope removes their vectors, but perhaps did so before
     * this attempt wrote its last ones.
     */
    async afterSuperseded(file: ClaimedFile): Promise<void> {
      const { id, scopeId } = file;
      const state = await stateOf(id);
      // Of the same generation there is another attempt, which has begun with that.
      if (state && state.generation !== file.generation && state.liveGeneration !== file.generation) {
        await sql.transaction((runner) => forget(runner, file));
      }
      if (!vectors || !embedder) return;
      if (state) {
        const settled = state.status === 'READY' && state.liveGeneration === state.generation;
        if (settled) await keepOnly(scopeId, id, state.liveGeneration);
        return;
      }
      const space = { scopeId, model: embedder.model };
      if ((await modelsOf(sql, scopeId)).includes(space.model)) await vectors.removeFile(space, id);
      else await vectors.removeSpace(space);
    },
    /** Of a file that has been read: whatever is not of the generation that is searched. */
    async afterReady(fileId: string, scopeId: string, signal?: AbortSignal): Promise<void> {
      const state = await stateOf(fileId);
      if (state?.status !== 'READY' || state.liveGeneration !== state.generation) return;
      await keepOnly(scopeId, fileId, state.liveGeneration, signal);
    },
  };
}
