import { AppError } from '../../errors.ts';
import type { FileReading, TextSection } from '../../ports/file-reader.ts';
import { FinalFailure, type JobAttempt, type Jobs } from '../../ports/job-queue.ts';
import { countedTokens, estimatedTokens } from '../../util/tokens.ts';
import { batchesOf, indexedText, insertChunks, wordsOfName } from './batches.ts';
import { type ClaimedFile, claimFile, holdClaim, Superseded, writeFailed, writeQueued, writeReady } from './claim.ts';
import { createDense } from './dense.ts';
import type { IngestionDependencies } from './dependencies.ts';
import { createLeftovers } from './leftovers.ts';
import { createProgress } from './progress.ts';
import { splitText, type TextChunk } from './split.ts';

const NO_TEXT = 'There is no text in this file. If it holds scanned pages, put them through text recognition first.';
export const OWN_FAULT =
  'The server could not read this file because of a fault of its own. Try again; if that fails as well, its log says why.';

type Read = { chunkCount: number; textLength: number; pageCount: number | null; embeddingModel: string | null };

/** Reads the newest generation of a file, and publishes it in one transaction once all of it is there. */
export function createIngestFile(deps: IngestionDependencies) {
  const { sql, queue, words, vectors, embedder, bus, now } = deps;
  const tokens = embedder?.countTokens ? countedTokens(embedder.countTokens) : estimatedTokens;
  const leftovers = createLeftovers(deps);

  /** Takes the file, and removes what an earlier attempt at this generation had written. */
  function claim(fileId: string): Promise<ClaimedFile | null> {
    return sql.transaction(async (runner) => {
      const file = await claimFile(runner, fileId);
      if (!file || file.attempts === 1) return file;
      await leftovers.forget(runner, file);
      return file;
    });
  }

  async function read(file: ClaimedFile, { last, signal }: JobAttempt): Promise<Read> {
    const progress = createProgress(deps, file);
    const result: Read = { chunkCount: 0, textLength: 0, pageCount: null, embeddingModel: null };
    const name = wordsOfName(file.name);
    let dense = createDense(deps, file);

    async function* sections(): AsyncGenerator<TextSection> {
      const reading: FileReading = deps.reader.read(deps.store.pathOf(file.id), file.kind, signal);
      for await (const event of reading) {
        signal.throwIfAborted();
        if (event.type === 'progress') {
          progress.read(event.fraction);
          await progress.tell(dense !== null);
        } else {
          result.textLength += event.section.text.length;
          if (event.section.page !== null) result.pageCount = Math.max(result.pageCount ?? 0, event.section.page);
          yield event.section;
        }
      }
    }

    async function embed(chunks: TextChunk[]): Promise<void> {
      await dense?.add(chunks, signal, async (count) => {
        progress.chunksEmbedded(count);
        await progress.tell(true);
      });
    }

    const options = { tokens, targetTokens: deps.chunkTokens, maxTokens: embedder?.maxTokens ?? null };
    for await (const chunks of batchesOf(splitText(sections(), options))) {
      signal.throwIfAborted();
      progress.chunksRead(chunks.length);
      await embed(chunks).catch((error: unknown) => {
        if (signal.aborted || error instanceof Superseded || !(last || isHopeless(error))) throw error;
        // Found by its words all the same.
        dense = null;
        deps.warn('A file is searched by its words only: it could not be embedded.', { fileId: file.id, err: error });
      });
      await sql.transaction(async (runner) => {
        await holdClaim(runner, file);
        await insertChunks(runner, file, chunks);
        await words.append(runner, {
          scopeId: file.scopeId,
          fileId: file.id,
          generation: file.generation,
          firstChunk: result.chunkCount,
          texts: chunks.map((chunk) => indexedText(name, chunk)),
        });
      });
      result.chunkCount += chunks.length;
      await progress.tell(dense !== null);
    }
    if (result.chunkCount === 0) throw new AppError({ code: 'UNSUPPORTED_MEDIA_TYPE', message: NO_TEXT });
    return { ...result, embeddingModel: dense?.model ?? null };
  }

  async function publish(file: ClaimedFile, result: Read): Promise<void> {
    const { id, scopeId, generation } = file;
    await sql.transaction(async (runner) => {
      await writeReady(runner, file, result, now());
      await words.publish(runner, scopeId, id, generation);
      await runner.query('DELETE FROM chunks WHERE file_id = $1 AND generation <> $2', [id, generation]);
      await queue.enqueue(runner, 'merge-words', [{ scopeId }]);
    });
    queue.wake('merge-words');
    bus.publish('file-changed', id, {});
  }

  /** Says how it ended, and throws what the queue has to know. */
  async function fail(file: ClaimedFile, { last, signal }: JobAttempt, error: unknown): Promise<never> {
    const final = !signal.aborted && (last || isHopeless(error));
    if (!final) {
      // The attempt that follows begins anew; until then the file waits.
      await writeQueued(sql, file).catch(() => {});
      bus.publish('file-changed', file.id, {});
      throw error;
    }
    if (!(error instanceof AppError)) deps.logError(error, { fileId: file.id });
    const reason = error instanceof AppError ? error.message : OWN_FAULT;
    await sql.transaction(async (runner) => {
      await writeFailed(runner, file, reason, now());
      await leftovers.forget(runner, file);
      await queue.enqueue(runner, 'merge-words', [{ scopeId: file.scopeId }]);
    });
    queue.wake('merge-words');
    bus.publish('file-changed', file.id, {});
    if (vectors && embedder) {
      await leftovers.keepOnly(file.scopeId, file.id, file.liveGeneration).catch((cause: unknown) => {
        deps.warn('Vectors of a file that could not be read are left.', { fileId: file.id, err: cause });
      });
    }
    throw new FinalFailure(reason, { cause: error });
  }

  /** Done already: by an attempt that could not say so, or that could not remove what was there before. */
  async function finish(fileId: string, signal: AbortSignal): Promise<void> {
    const [row] = await sql.query<{ scopeId: string }>('SELECT scope_id AS "scopeId" FROM files WHERE id = $1', [
      fileId,
    ]);
    if (row) await leftovers.afterReady(fileId, row.scopeId, signal);
  }

  return async function ingestFile({ fileId }: Jobs['ingest-file'], attempt: JobAttempt): Promise<void> {
    const file = await claim(fileId);
    if (!file) return finish(fileId, attempt.signal);
    bus.publish('file-changed', fileId, {});
    try {
      const result = await read(file, attempt).catch((error: unknown) => {
        if (error instanceof Superseded) throw error;
        return fail(file, attempt, error);
      });
      await publish(file, result);
    } catch (error) {
      if (!(error instanceof Superseded)) throw error;
      return leftovers.afterSuperseded(file);
    }
    // There is nothing older of a file that is read for the first time.
    if (file.generation > 1 || file.attempts > 1) await leftovers.afterReady(fileId, file.scopeId, attempt.signal);
  };
}

/** Another attempt would end in the same way. */
function isHopeless(error: unknown): boolean {
  return error instanceof AppError && !error.retryable;
}
