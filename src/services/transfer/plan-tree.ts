import { badInput } from '../../errors.ts';
import type { Lineage } from '../../util/message-path.ts';

/** A message's place among those of its conversation. */
export type TreePlace = {
  /** Position in what was given. */
  source: number;
  /** Position of the parent in this list, which is before it. Null: a root. */
  parent: number | null;
  /** Position in the list of branches. */
  branch: number;
  depth: number;
};

export type TreePlan = {
  /** Parents before their answers, else in the order that was given. */
  places: TreePlace[];
  /** How each branch is reached, by positions in this list. */
  branches: { parent: number | null; to: number }[];
  /** Position of the message where the conversation goes on. Null: there are none. */
  leaf: number | null;
};

type Node = { id: string; parentId: string | null };

/**
 * Lays messages out on branches. The child with the most below it goes on in its parent's branch and the others begin
 * some, so that a path has no more branches than the logarithm of its messages, whatever shape a tree is made to have.
 * Throws BAD_USER_INPUT for what is no tree.
 */
export function planTree(nodes: Node[], currentId: string | null): TreePlan {
  const order = parentsFirst(nodes);
  const position = new Map(order.map((source, at) => [nodes[source]?.id ?? '', at]));
  const parents = order.map((source) => {
    const parentId = nodes[source]?.parentId ?? null;
    return parentId === null ? null : (position.get(parentId) ?? null);
  });
  const sizes = order.map(() => 1);
  for (let at = order.length - 1; at >= 0; at--) {
    const parent = parents[at] ?? null;
    if (parent !== null) sizes[parent] = (sizes[parent] ?? 0) + (sizes[at] ?? 0);
  }
  const heirs = new Map<number, number>();
  const newest = new Map<number, number>();
  for (const [at, parent] of parents.entries()) {
    if (parent === null) continue;
    const heir = heirs.get(parent);
    if (heir === undefined || (sizes[at] ?? 0) > (sizes[heir] ?? 0)) heirs.set(parent, at);
    newest.set(parent, at);
  }
  const branches: TreePlan['branches'] = [];
  const places: TreePlace[] = [];
  for (const [at, parent] of parents.entries()) {
    const above = parent === null ? null : (places[parent] ?? null);
    const source = order[at] ?? 0;
    if (parent !== null && above && heirs.get(parent) === at) {
      places.push({ source, parent, branch: above.branch, depth: above.depth + 1 });
      continue;
    }
    branches.push({ parent: above?.branch ?? null, to: above?.depth ?? 0 });
    places.push({ source, parent, branch: branches.length - 1, depth: above ? above.depth + 1 : 0 });
  }
  return { places, branches, leaf: leafOf(currentId === null ? undefined : position.get(currentId), newest, order) };
}

/** The lineages of the branches of a plan, once they have ids. */
export function lineagesOf(branches: TreePlan['branches'], ids: string[]): Lineage[] {
  const lineages: Lineage[] = [];
  for (const { parent, to } of branches) {
    lineages.push(parent === null ? [] : [...(lineages[parent] ?? []), { branchId: ids[parent] ?? '', to }]);
  }
  return lineages;
}

/** From the current message down its newest answers; without one, the newest of all. */
function leafOf(current: number | undefined, newest: Map<number, number>, order: number[]): number | null {
  if (order.length === 0) return null;
  let at = current ?? order.length - 1;
  for (let next = newest.get(at); next !== undefined; next = newest.get(at)) at = next;
  return at;
}

/** Positions of the nodes so that each comes after its parent, else as they are. */
function parentsFirst(nodes: Node[]): number[] {
  const indexes = new Map(nodes.map(({ id }, index) => [id, index]));
  if (indexes.size < nodes.length) throw badInput({ messages: 'Two of its messages have one id.' });
  const children = new Map<number | null, number[]>();
  for (const [index, { parentId }] of nodes.entries()) {
    const parent = parentId === null ? null : indexes.get(parentId);
    if (parent === undefined) throw badInput({ messages: 'A message answers one that is not there.' });
    const siblings = children.get(parent);
    if (siblings) siblings.push(index);
    else children.set(parent, [index]);
  }
  // One that stands before its parent comes right after it: it has the parent's rank, and is deeper.
  const reached: { index: number; rank: number; depth: number }[] = [];
  let row = (children.get(null) ?? []).map((index) => ({ index, rank: index, depth: 0 }));
  while (row.length > 0) {
    const next: typeof row = [];
    for (const node of row) {
      reached.push(node);
      for (const index of children.get(node.index) ?? []) {
        next.push({ index, rank: Math.max(index, node.rank), depth: node.depth + 1 });
      }
    }
    row = next;
  }
  if (reached.length < nodes.length) throw badInput({ messages: 'Its messages go in a circle.' });
  reached.sort((one, other) => one.rank - other.rank || one.depth - other.depth || one.index - other.index);
  return reached.map(({ index }) => index);
}
