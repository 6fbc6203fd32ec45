/** Where a chunk is found. */
export type ChunkKey = { fileId: string; generation: number; chunk: number };

/** What one way of looking found, best first. Of one kind only; dense lists are of one embedding model each. */
export type RankedList =
  | { kind: 'lexical'; hits: (ChunkKey & { matched: number })[] }
  | { kind: 'dense'; model: string; hits: (ChunkKey & { distance: number })[] };

export type Candidate = ChunkKey & {
  /** 0 to 1; 1: first in every list that could have it. */
  score: number;
  /** From 1; null: not found so. */
  lexicalRank: number | null;
  denseRank: number | null;
  /** Share of the weight of the question's words; null: not found by words. */
  matched: number | null;
  /** Cosine distance to the question, as this embedding model has it; null: not found by meaning. */
  distance: number | null;
  model: string | null;
};

/** The usual constant of reciprocal rank fusion: the first of one list does not beat the well placed of two. */
const RANK_CONSTANT = 60;

/**
 * Reciprocal rank fusion, best first. A chunk has vectors of one model, so of all dense lists it is in one at most, and
 * files of different models meet on equal terms.
 */
export function fuse(lists: RankedList[]): Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const list of lists) {
    if (list.kind === 'lexical') {
      list.hits.forEach(({ matched, ...key }, index) => {
        const candidate = candidateOf(candidates, key);
        if (candidate.lexicalRank !== null) return;
        Object.assign(candidate, { lexicalRank: index + 1, matched, score: candidate.score + worth(index + 1) });
      });
    } else {
      const { model } = list;
      list.hits.forEach(({ distance, ...key }, index) => {
        const candidate = candidateOf(candidates, key);
        if (candidate.denseRank !== null) return;
        Object.assign(candidate, { denseRank: index + 1, distance, model, score: candidate.score + worth(index + 1) });
      });
    }
  }
  const best = new Set(lists.map(({ kind }) => kind)).size * worth(1);
  const fused = [...candidates.values()];
  for (const candidate of fused) candidate.score /= best;
  return fused.sort(byScore);
}

function worth(rank: number): number {
  return 1 / (RANK_CONSTANT + rank);
}

function candidateOf(candidates: Map<string, Candidate>, { fileId, generation, chunk }: ChunkKey): Candidate {
  const key = `${fileId} ${generation} ${chunk}`;
  const known = candidates.get(key);
  if (known) return known;
  const made: Candidate = {
    fileId,
    generation,
    chunk,
    score: 0,
    lexicalRank: null,
    denseRank: null,
    matched: null,
    distance: null,
    model: null,
  };
  candidates.set(key, made);
  return made;
}

/** Equal ones in an order that is always the same. */
function byScore(one: Candidate, other: Candidate): number {
  return (
    other.score - one.score ||
    (one.lexicalRank ?? Number.MAX_SAFE_INTEGER) - (other.lexicalRank ?? Number.MAX_SAFE_INTEGER) ||
    (one.fileId < other.fileId ? -1 : one.fileId > other.fileId ? 1 : one.chunk - other.chunk)
  );
}
