import type { LegFault } from './legs.ts';

export const NOT_SEARCHED = 'Your files could not be searched: the answer is made without them.';

/** For a person: what of the search could not be done. Null: nothing is missing. `searched`: something was. */
export function describeFaults(faults: LegFault[], searched: boolean): string | null {
  if (faults.length === 0) return null;
  if (!searched) return NOT_SEARCHED;
  const sentences = new Set(faults.map(describe));
  return [...sentences].join(' ');
}

function describe(fault: LegFault): string {
  switch (fault.leg) {
    case 'lexical':
      return 'The search by words did not answer: passages were found by their meaning only.';
    case 'spaces':
    case 'dense':
      return 'The search by meaning did not (fully) answer: passages may have been found by their words only.';
    case 'unknown-model':
      return `Files that were embedded with ${fault.model} were searched by their words only: this server cannot ask that model any more.`;
  }
}

export const NOT_RERANKED = 'No model could put the passages into order: they are in the order of the search.';

export function joinSentences(...sentences: (string | null)[]): string | null {
  return sentences.filter((sentence) => sentence !== null).join(' ') || null;
}
