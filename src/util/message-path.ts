/** A stretch of the path from the root to a message: the messages of one branch with depths `from` to `to`, inclusive. */
export type PathRange = { branchId: string; from: number; to: number };

/** How a branch is reached: through each of these branches down to depth `to`, inclusive. As stored with the branch. */
export type Lineage = { branchId: string; to: number }[];

/** The path from the root to the message at `depth` of a branch. */
export function pathTo(lineage: Lineage, branchId: string, depth: number): PathRange[] {
  const ranges: PathRange[] = [];
  let from = 0;
  for (const step of [...lineage, { branchId, to: depth }]) {
    ranges.push({ branchId: step.branchId, from, to: step.to });
    from = step.to + 1;
  }
  return ranges;
}

/** What of the path lies between two depths, inclusive. */
export function clipPath(path: PathRange[], first: number, last: number): PathRange[] {
  return path
    .map(({ branchId, from, to }) => ({ branchId, from: Math.max(from, first), to: Math.min(to, last) }))
    .filter(({ from, to }) => from <= to);
}

/** A Prisma condition for the messages of a path. */
export function wherePath(path: PathRange[]) {
  return { OR: path.map(({ branchId, from, to }) => ({ branchId, depth: { gte: from, lte: to } })) };
}
