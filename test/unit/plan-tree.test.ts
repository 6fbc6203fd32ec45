import { expect, test } from 'vitest';
import { lineagesOf, planTree } from '../../src/services/transfer/plan-tree.ts';
import { pathTo } from '../../src/util/message-path.ts';
import { createRandom } from '../support/random.ts';

/** Nodes by the positions of their parents. */
const nodesOf = (parents: (number | null)[]) =>
  parents.map((parent, at) => ({ id: `${at}`, parentId: parent === null ? null : `${parent}` }));

test('a line is one branch', () => {
  const { places, branches, leaf } = planTree(nodesOf([null, 0, 1]), null);
  expect(branches).toEqual([{ parent: null, to: 0 }]);
  expect(places.map(({ branch, depth }) => [branch, depth])).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
  ]);
  expect(leaf).toBe(2);
});

test('an answer before what it answers comes right after it, and the rest stays in order', () => {
  const { places } = planTree(nodesOf([2, null, null, 1]), null);
  expect(places.map(({ source }) => source)).toEqual([1, 2, 0, 3]);
});

test('the conversation goes on below the current message, at the newest; else at the newest of all', () => {
  const nodes = nodesOf([null, 0, 0, 1, 1]);
  expect(planTree(nodes, '1').leaf).toBe(4);
  expect(planTree(nodes, '2').leaf).toBe(2);
  expect(planTree(nodes, null).leaf).toBe(4);
  expect(planTree(nodes, 'nobody').leaf).toBe(4);
  expect(planTree([], null)).toEqual({ places: [], branches: [], leaf: null });
});

test.each([
  [[{ id: 'a', parentId: 'b' }], 'A message answers one that is not there.'],
  [[{ id: 'a', parentId: 'a' }], 'Its messages go in a circle.'],
  [nodesOf([null, 2, 1]), 'Its messages go in a circle.'],
  [[...nodesOf([null]), ...nodesOf([null])], 'Two of its messages have one id.'],
])('no tree: %j', (nodes, message) => {
  expect(() => planTree(nodes, null)).toThrow(message);
});

test('whatever the tree, every path is found by its ranges, places are taken once, and lineages stay short', () => {
  const random = createRandom(7);
  for (let round = 0; round < 30; round++) {
    const size = 1 + Math.floor(random() * 200);
    const wideness = random();
    const parents = Array.from({ length: size }, (_, at) =>
      at === 0 || random() < 0.02 ? null : Math.max(0, at - 1 - Math.floor(random() * at * wideness)),
    );
    const { places, branches } = planTree(nodesOf(parents), null);
    const ids = branches.map((_, at) => `branch ${at}`);
    const lineages = lineagesOf(branches, ids);
    const taken = new Map(places.map((place, at) => [`${ids[place.branch]} ${place.depth}`, at]));
    expect(taken.size).toBe(size);
    for (const [at, { branch, depth }] of places.entries()) {
      const lineage = lineages[branch] ?? [];
      expect(lineage.length).toBeLessThanOrEqual(Math.log2(size));
      const path = pathTo(lineage, ids[branch] ?? '', depth).flatMap(({ branchId, from, to }) =>
        Array.from({ length: to - from + 1 }, (_, step) => taken.get(`${branchId} ${from + step}`)),
      );
      const expected: number[] = [];
      for (let up: number | null = at; up !== null; up = places[up]?.parent ?? null) expected.unshift(up);
      expect(path).toEqual(expected);
    }
  }
});
