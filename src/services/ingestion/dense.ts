import type { Embedder } from '../../ports/embedder.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { type ClaimedFile, holdClaim } from './claim.ts';
import type { IngestionDependencies } from './dependencies.ts';
import type { TextChunk } from './split.ts';

/** Texts that are embedded and stored at a time: between two such steps it is told how far the file has come. */
const STEP = 64;

/** The vectors of one file, as it is read. Null: files are not embedded. */
export function createDense(
  { sql, vectors, embedder }: Pick<IngestionDependencies, 'sql' | 'vectors' | 'embedder'>,
  file: ClaimedFile,
) {
  if (!vectors || !embedder) return null;
  const space = { scopeId: file.scopeId, model: embedder.model };
  let announced = false;

  /** Before the first vector is written: whoever removes the file knows where to look. Throws Superseded. */
  async function announce(dimensions: number): Promise<void> {
    if (announced) return;
    await sql.transaction(async (runner) => {
      await holdClaim(runner, file);
      await runner.query(
        `INSERT INTO vector_spaces (scope_id, model, dimensions) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
        [space.scopeId, space.model, dimensions],
      );
    });
    announced = true;
  }

  return {
    model: embedder.model,
    /** `onStep` is told how many chunks are done. */
    async add(chunks: TextChunk[], signal: AbortSignal, onStep: (chunks: number) => Promise<void>): Promise<void> {
      for (let from = 0; from < chunks.length; from += STEP) {
        const step = chunks.slice(from, from + STEP);
        const texts = step.map((chunk) => embeddedText(embedder, chunk));
        const made = await embedder.embed(texts, 'document', signal);
        await announce(made[0]?.length ?? 0);
        const items = step.map((chunk, index) => {
          const vector = made[index];
          if (!vector) throw new Error(`${embedder.model} gave ${made.length} vectors for ${texts.length} texts.`);
          return { fileId: file.id, generation: file.generation, chunk: chunk.index, vector };
        });
        await vectors.upsert(space, items, signal);
        await onStep(step.length);
      }
    },
    wrote: () => announced,
  };
}

/** With the headings above it, where the model can take both. */
function embeddedText({ countTokens, maxTokens }: Embedder, { heading, text }: TextChunk): string {
  if (!heading) return text;
  const whole = `${heading}\n${text}`;
  return countTokens && maxTokens !== null && countTokens(whole) > maxTokens ? text : whole;
}

/** The models that there may be vectors of in a scope. */
export async function modelsOf(sql: SqlRunner, scopeId: string): Promise<string[]> {
  const rows = await sql.query<{ model: string }>('SELECT model FROM vector_spaces WHERE scope_id = $1', [scopeId]);
  return rows.map(({ model }) => model);
}
