/** What stands in both lists, in the first only, or in the second only; in their order, what is removed before what is added. */
export type Piece = { kind: 'same' | 'removed' | 'added'; items: readonly string[] };

/**
 * How one list becomes another, in few edits (Myers, "An O(ND) difference algorithm"). Where that takes more than
 * `mostEdits`, which bounds its time and memory, all between the common beginning and the common end is replaced.
 */
export function editScript(before: readonly string[], after: readonly string[], mostEdits: number): Piece[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const removed = before.slice(start, before.length - end);
  const added = after.slice(start, after.length - end);
  const pieces: Piece[] = [
    { kind: 'same', items: before.slice(0, start) },
    ...between(removed, added, mostEdits),
    { kind: 'same', items: before.slice(before.length - end) },
  ];
  return pieces.filter(({ items }) => items.length > 0);
}

function between(before: readonly string[], after: readonly string[], mostEdits: number): Piece[] {
  const replaced: Piece[] = [
    { kind: 'removed', items: before },
    { kind: 'added', items: after },
  ];
  if (before.length === 0 || after.length === 0) return replaced;
  const trace = search(numbered(before, after), mostEdits);
  return trace ? walkBack(before, after, trace) : replaced;
}

type Numbered = { one: Int32Array; other: Int32Array };

/** Numbers in place of texts: they are compared often. */
function numbered(before: readonly string[], after: readonly string[]): Numbered {
  const numbers = new Map<string, number>();
  const numberOf = (item: string) => {
    const number = numbers.get(item) ?? numbers.size;
    numbers.set(item, number);
    return number;
  };
  return { one: Int32Array.from(before, numberOf), other: Int32Array.from(after, numberOf) };
}

/** For each number of edits, how far each diagonal was reached before it: from -edits to edits. Null: too many. */
function search({ one, other }: Numbered, mostEdits: number): Int32Array[] | null {
  const most = Math.min(mostEdits, one.length + other.length);
  const reached = new Int32Array(2 * most + 3);
  const middle = most + 1;
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(reached.slice(middle - edits - 1, middle + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const left = reached[middle + diagonal - 1] ?? 0;
      const right = reached[middle + diagonal + 1] ?? 0;
      const isDown = diagonal === -edits || (diagonal !== edits && left < right);
      let at = isDown ? right : left + 1;
      while (at < one.length && at - diagonal < other.length && one[at] === other[at - diagonal]) at += 1;
      reached[middle + diagonal] = at;
      if (at >= one.length && at - diagonal >= other.length) return trace;
    }
  }
  return null;
}

/** From the end to the beginning, the way that was found. */
function walkBack(before: readonly string[], after: readonly string[], trace: readonly Int32Array[]): Piece[] {
  const steps: { kind: Piece['kind']; item: string }[] = [];
  let x = before.length;
  let y = after.length;
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reached = trace[edits] ?? new Int32Array();
    const middle = edits + 1;
    const diagonal = x - y;
    const left = reached[middle + diagonal - 1] ?? 0;
    const right = reached[middle + diagonal + 1] ?? 0;
    const isDown = diagonal === -edits || (diagonal !== edits && left < right);
    const previous = isDown ? diagonal + 1 : diagonal - 1;
    const fromX = edits === 0 ? 0 : isDown ? right : left;
    const fromY = edits === 0 ? 0 : fromX - previous;
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      steps.push({ kind: 'same', item: before[x] ?? '' });
    }
    if (edits === 0) break;
    if (isDown) steps.push({ kind: 'added', item: after[fromY] ?? '' });
    else steps.push({ kind: 'removed', item: before[fromX] ?? '' });
    x = fromX;
    y = fromY;
  }
  return gather(steps.reverse());
}

/** Neighbours of a kind become one piece; within a change, what is removed comes first. */
function gather(steps: readonly { kind: Piece['kind']; item: string }[]): Piece[] {
  const pieces: Piece[] = [];
  let same: string[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = () => {
    pieces.push({ kind: 'same', items: same }, { kind: 'removed', items: removed }, { kind: 'added', items: added });
    [same, removed, added] = [[], [], []];
  };
  for (const { kind, item } of steps) {
    if (kind === 'same') {
      if (removed.length + added.length > 0) flush();
      same.push(item);
    } else (kind === 'removed' ? removed : added).push(item);
  }
  flush();
  return pieces.filter(({ items }) => items.length > 0);
}
