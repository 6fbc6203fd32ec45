/** What a merge knows of a segment before it reads it. */
export type Candidate = {
  id: string;
  /** All of it, and those that still belong to a part. */
  documents: number;
  kept: number;
};

/** Larger segments are not made: a merge stays a matter of seconds, and a scope of a million chunks has twenty. */
const MOST_DOCUMENTS = 64_000;
/** So many of one size are merged, together with all that are smaller. */
const FAN = 5;
const SMALLEST = 128;
const MOST_SEGMENTS = 64;
/** From this share of removed documents on, a segment is written anew. */
const REMOVED_SHARE = 0.2;

/**
 * Sizes in steps of five, so that every chunk is written once per step: a scope keeps at most four segments of each
 * size. Undefined: nothing is worth the work.
 */
export function chooseMerge(candidates: Candidate[]): Candidate[] | undefined {
  const empty = candidates.filter(({ kept }) => kept === 0);
  if (empty.length > 0) return empty.slice(0, MOST_SEGMENTS);
  const bySize = candidates.toSorted((left, right) => left.kept - right.kept);
  const sizes = [...new Set(bySize.map(sizeOf))];
  for (const size of sizes) {
    const same = bySize.filter((candidate) => sizeOf(candidate) === size).length;
    if (same < FAN) continue;
    const group = withinBounds(bySize.filter((candidate) => sizeOf(candidate) <= size));
    if (group.length > 1) return inOrder(group);
  }
  const worn = bySize.find(({ documents, kept }) => documents - kept >= documents * REMOVED_SHARE);
  return worn && [worn];
}

function sizeOf({ kept }: Candidate): number {
  return kept < SMALLEST ? 0 : 1 + Math.floor(Math.log(kept / SMALLEST) / Math.log(FAN));
}

function withinBounds(bySize: Candidate[]): Candidate[] {
  let documents = 0;
  return bySize.slice(0, MOST_SEGMENTS).filter(({ kept }) => {
    documents += kept;
    return documents <= MOST_DOCUMENTS;
  });
}

/** Ids are made in the order of time, so the pieces of a file stay together. */
function inOrder(group: Candidate[]): Candidate[] {
  return group.toSorted((left, right) => (left.id < right.id ? -1 : 1));
}
