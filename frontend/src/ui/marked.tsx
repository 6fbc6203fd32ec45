import type { ReactNode } from 'react';

/** A text with what was looked for marked in it. `find`: of `util/finders.ts`. */
export function Marked({ text, find }: { text: string; find: RegExp | null }): ReactNode {
  if (!find) return text;
  // Every second piece is what separates the others.
  const pieces = text.split(find);
  // biome-ignore lint/suspicious/noArrayIndexKey: the pieces have no other identity, and no state
  return pieces.map((piece, index) => (index % 2 === 1 ? <mark key={index}>{piece}</mark> : piece));
}
