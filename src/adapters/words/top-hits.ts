import type { WordHit } from '../../ports/word-index.ts';
import type { Breaths } from './breaths.ts';
import type { Corpus, Scores } from './scoring.ts';

/** The best documents, of these files only where `fileIds` are given. Equal ones in the order of files and chunks. */
export async function topHits(
  corpus: Corpus,
  { scores, matched, weight }: Scores,
  limit: number,
  fileIds: ReadonlySet<string> | undefined,
  breaths: Breaths,
): Promise<WordHit[]> {
  const heap: WordHit[] = [];
  for (const [index, segment] of corpus.segments.entries()) {
    const base = corpus.bases[index] as number;
    for (const part of segment.parts) {
      if (fileIds && !fileIds.has(part.fileId)) continue;
      const first = base + part.firstDocument;
      for (let offset = 0; offset < part.documents; offset += 1) {
        const score = scores[first + offset] as number;
        if (score <= 0 || (heap.length >= limit && score < (heap[0] as WordHit).score)) continue;
        const hit: WordHit = {
          fileId: part.fileId,
          generation: part.generation,
          chunk: part.firstChunk + offset,
          score,
          matched: weight > 0 ? Math.min(1, (matched[first + offset] as number) / weight) : 0,
        };
        if (heap.length < limit) push(heap, hit);
        else if (isWorse(heap[0] as WordHit, hit)) replaceWorst(heap, hit);
      }
      if (breaths.due()) await breaths.pause();
    }
  }
  return heap.sort((left, right) => (isWorse(left, right) ? 1 : -1));
}

function isWorse(left: WordHit, right: WordHit): boolean {
  if (left.score !== right.score) return left.score < right.score;
  if (left.fileId !== right.fileId) return left.fileId > right.fileId;
  return left.chunk > right.chunk;
}

/** The worst hit is at the root. */
function push(heap: WordHit[], hit: WordHit): void {
  let at = heap.push(hit) - 1;
  while (at > 0) {
    const parent = (at - 1) >>> 1;
    if (!isWorse(hit, heap[parent] as WordHit)) break;
    heap[at] = heap[parent] as WordHit;
    at = parent;
  }
  heap[at] = hit;
}

function replaceWorst(heap: WordHit[], hit: WordHit): void {
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isWorse(heap[child + 1] as WordHit, heap[child] as WordHit)) child += 1;
    if (!isWorse(heap[child] as WordHit, hit)) break;
    heap[at] = heap[child] as WordHit;
    at = child;
  }
  heap[at] = hit;
}
