import type { DiffLine } from './text-diff.ts';

/** `isFolded`: nothing has changed in it, nor near it. */
export type Stretch = { isFolded: boolean; lines: readonly DiffLine[] };

/** Lines around a change that are shown with it. */
const CONTEXT = 3;
/** Fewer are not worth a button. */
const LEAST_FOLDED = 4;

/** The changes with a few lines around each, and the stretches between them. */
export function foldLines(lines: readonly DiffLine[]): Stretch[] {
  const stretches: Stretch[] = [];
  let at = 0;
  const push = (isFolded: boolean, end: number) => {
    if (end > at) stretches.push({ isFolded, lines: lines.slice(at, end) });
    at = Math.max(at, end);
  };
  for (const { start, end } of quietStretches(lines)) {
    const from = start === 0 ? 0 : start + CONTEXT;
    const to = end === lines.length ? end : end - CONTEXT;
    if (to - from < LEAST_FOLDED) continue;
    push(false, from);
    push(true, to);
  }
  push(false, lines.length);
  return stretches;
}

function quietStretches(lines: readonly DiffLine[]): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let start: number | null = null;
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') start ??= index;
    else if (start !== null) {
      found.push({ start, end: index });
      start = null;
    }
  }
  if (start !== null) found.push({ start, end: lines.length });
  return found;
}
