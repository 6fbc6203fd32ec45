/** [1], also [1, 2]: how an answer refers to the passages that it was given. */
export const CITATION = /\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/g;

const numbersOf = (list: string): number[] => list.split(/[,;]/).map(Number);

/** A text in pieces: what stands in it, and the numbers that it cites. */
export function splitCitations(text: string): (string | number)[] {
  const pieces: (string | number)[] = [];
  let end = 0;
  for (const match of text.matchAll(CITATION)) {
    if (match.index > end) pieces.push(text.slice(end, match.index));
    pieces.push(...numbersOf(match[1] ?? ''));
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

/** The numbers that a text cites, each once, in the order of their first mention. */
export function citedNumbers(text: string): number[] {
  return [...new Set([...text.matchAll(CITATION)].flatMap(([, list]) => numbersOf(list ?? '')))];
}
