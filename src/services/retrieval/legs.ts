import type { Embedder } from '../../ports/embedder.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { VectorHit, VectorIndex } from '../../ports/vector-index.ts';
import type { WordHit, WordIndex } from '../../ports/word-index.ts';
import { withDeadline } from '../../util/deadline.ts';
import type { RankedList } from './fusion.ts';
import { isNoise } from './nearness.ts';
import type { ScopePart, SearchScope } from './scope.ts';

export type LegLimits = {
  /** Candidates of each leg. */
  candidates: number;
  wordsMs: number;
  /** A model may have to be loaded first. */
  embedMs: number;
  vectorsMs: number;
};

export const LEG_LIMITS: LegLimits = { candidates: 50, wordsMs: 10_000, embedMs: 10_000, vectorsMs: 4_000 };

export type LegDependencies = {
  sql: SqlRunner;
  words: Pick<WordIndex, 'search'>;
  /** Null: nothing is found by meaning. */
  vectors: Pick<VectorIndex, 'query'> | null;
  /** Null: files that this model has embedded are found by their words only. */
  embedderFor: (model: string) => Pick<Embedder, 'embed'> | null;
  limits?: Partial<LegLimits> | undefined;
};

/** A leg, or a part of one, that did not answer. */
export type LegFault =
  | { leg: 'lexical' | 'spaces'; error: unknown }
  | { leg: 'dense'; model: string; error: unknown }
  /** Nobody can ask this model any more. */
  | { leg: 'unknown-model'; model: string };

export type Found = { lists: RankedList[]; faults: LegFault[] };

type Space = { scope_id: string; model: string };

/** Spaces of one part that have something to be found; a look into an index for each. */
const READ_SPACES = `
SELECT s.scope_id, s.model FROM vector_spaces s
WHERE s.scope_id = ANY($1::uuid[]) AND EXISTS (
  SELECT 1 FROM files f
  WHERE f.scope_id = s.scope_id AND f.embedding_model = s.model AND f.live_generation IS NOT NULL
    AND ($2::uuid[] IS NULL OR f.id = ANY($2::uuid[]))
)`;

/** Requests to the vector index at a time, of one search. */
const SPACES_AT_ONCE = 8;

/** Looks in all ways at once. What fails or is late is left out and told; only an abort of `signal` throws. */
export function createLegs(deps: LegDependencies) {
  const limits = { ...LEG_LIMITS, ...deps.limits };

  async function find(scope: SearchScope, text: string, signal: AbortSignal): Promise<Found> {
    const found = await Promise.all([lexical(scope, text, signal), dense(scope, text, signal)]);
    signal.throwIfAborted();
    return { lists: found.flatMap(({ lists }) => lists), faults: found.flatMap(({ faults }) => faults) };
  }

  async function lexical(scope: SearchScope, text: string, signal: AbortSignal): Promise<Found> {
    try {
      const hits = await withDeadline(limits.wordsMs, signal, async (inner) => {
        const search = ({ scopeIds, fileIds }: ScopePart): Promise<WordHit[]> =>
          deps.words.search({
            text,
            scopeIds,
            fileIds: fileIds ?? undefined,
            limit: limits.candidates,
            signal: inner,
          });
        const parts = await Promise.all(scope.parts.map(search));
        return parts.length === 1 ? (parts[0] ?? []) : best(parts.flat(), (one, other) => other.score - one.score);
      });
      return { lists: [{ kind: 'lexical', hits }], faults: [] };
    } catch (error) {
      return { lists: [], faults: [{ leg: 'lexical', error }] };
    }
  }

  async function dense(scope: SearchScope, text: string, signal: AbortSignal): Promise<Found> {
    const { vectors } = deps;
    if (!vectors) return { lists: [], faults: [] };
    let spaces: { part: ScopePart; space: Space }[];
    try {
      spaces = await withDeadline(limits.wordsMs, signal, () => readSpaces(scope));
    } catch (error) {
      return { lists: [], faults: [{ leg: 'spaces', error }] };
    }
    const models = [...new Set(spaces.map(({ space }) => space.model))];
    const found = await Promise.all(
      models.map((model) =>
        oneModel(
          vectors,
          model,
          spaces.filter(({ space }) => space.model === model),
          text,
          signal,
        ),
      ),
    );
    return { lists: found.flatMap(({ lists }) => lists), faults: found.flatMap(({ faults }) => faults) };
  }

  async function readSpaces(scope: SearchScope) {
    const parts = await Promise.all(
      scope.parts.map(async (part) => {
        const rows = await deps.sql.query<Space>(READ_SPACES, [part.scopeIds, part.fileIds]);
        return rows.map((space) => ({ part, space }));
      }),
    );
    return parts.flat();
  }

  /** All spaces of one model are one list: their distances compare. */
  async function oneModel(
    vectors: Pick<VectorIndex, 'query'>,
    model: string,
    spaces: { part: ScopePart; space: Space }[],
    text: string,
    signal: AbortSignal,
  ): Promise<Found> {
    const embedder = deps.embedderFor(model);
    if (!embedder) return { lists: [], faults: [{ leg: 'unknown-model', model }] };
    const hits: VectorHit[] = [];
    const faults: LegFault[] = [];
    try {
      const [vector] = await withDeadline(limits.embedMs, signal, (inner) => embedder.embed([text], 'query', inner));
      if (!vector) throw new Error(`${model} gave no vector`);
      await withDeadline(limits.vectorsMs, signal, async (inner) => {
        const waiting = [...spaces];
        const worker = async () => {
          for (let next = waiting.shift(); next && !inner.aborted; next = waiting.shift()) {
            const { part, space } = next;
            const options = { limit: limits.candidates, fileIds: part.fileIds ?? undefined, signal: inner };
            try {
              hits.push(...(await vectors.query({ scopeId: space.scope_id, model }, vector, options)));
            } catch (error) {
              faults.push({ leg: 'dense', model, error });
            }
          }
        };
        await Promise.all(Array.from({ length: Math.min(SPACES_AT_ONCE, spaces.length) }, worker));
      });
    } catch (error) {
      // What other spaces have answered until then counts.
      faults.push({ leg: 'dense', model, error });
    }
    if (faults.length > 0 && hits.length === 0) return { lists: [], faults: faults.slice(0, 1) };
    const near = hits.filter(({ distance }) => !isNoise(model, distance));
    const ordered = best(near, (one, other) => one.distance - other.distance);
    return { lists: [{ kind: 'dense', model, hits: ordered }], faults: faults.slice(0, 1) };
  }

  function best<Hit>(hits: Hit[], order: (one: Hit, other: Hit) => number): Hit[] {
    return hits.sort(order).slice(0, limits.candidates);
  }

  return { find };
}
