/** How far back a cut looks for a better place. */
const LOOK_BACK = 4_000;

/** Ends of pieces of at most `length` UTF-16 units: after a line, else after a word, and never inside a character. */
export function cutPoints(text: string, length: number): number[] {
  const ends: number[] = [];
  let start = 0;
  while (text.length - start > length) {
    start = cutPoint(text, start, start + length);
    ends.push(start);
  }
  ends.push(text.length);
  return ends;
}

function cutPoint(text: string, start: number, end: number): number {
  const from = Math.max(start + 1, end - LOOK_BACK);
  const window = text.slice(from, end);
  for (const separator of ['\n', '. ', ' ']) {
    const found = window.lastIndexOf(separator);
    if (found >= 0) return from + found + separator.length;
  }
  let at = end;
  while (at > from && /^[\udc00-\udfff\p{M}\u200d]/u.test(text.slice(at, at + 2))) at -= 1;
  return isLow(text.charCodeAt(at)) && at - 1 > start ? at - 1 : at;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
