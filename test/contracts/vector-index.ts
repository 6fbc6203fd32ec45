import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { VectorIndex, VectorItem, VectorSpace } from '../../src/ports/vector-index.ts';
import { createRandom } from '../support/random.ts';

const DIMENSIONS = 16;

/** Any vector, of length 1. The same for the same number. */
function vectorOf(seed: number, dimensions = DIMENSIONS): Float32Array {
  const random = createRandom(seed);
  const values = Array.from({ length: dimensions }, () => random() * 2 - 1);
  const length = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / length);
}

/** In the plane of the first two axes, so that the angle between two is known. */
function atAngle(degrees: number): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  vector[0] = Math.cos((degrees * Math.PI) / 180);
  vector[1] = Math.sin((degrees * Math.PI) / 180);
  return vector;
}

/** What every index of vectors holds to. `create` gives two instances over one store; the same one twice where there is none. */
export function describeVectorIndex(
  name: string,
  create: () => Promise<{ here: VectorIndex; there: VectorIndex; close(): Promise<void> }>,
): void {
  describe(`the vector index ${name}`, () => {
    async function open() {
      const { here, there, close } = await create();
      onTestFinished(close);
      const space: VectorSpace = { scopeId: randomUUID(), model: 'ollama/nomic-embed-text' };
      const fileId = randomUUID();
      const item = (chunk: number, vector: Float32Array, more: Partial<VectorItem> = {}): VectorItem => ({
        fileId,
        generation: 1,
        chunk,
        vector,
        ...more,
      });
      const find = async (vector: Float32Array, limit = 10, fileIds?: string[]) =>
        (await there.query(space, vector, { limit, fileIds })).map(({ chunk }) => chunk);
      return { here, there, space, fileId, item, find };
    }

    it('finds the nearest first, with their cosine distances', async () => {
      const { here, there, space, fileId, item } = await open();
      await here.upsert(space, [item(0, atAngle(180)), item(1, atAngle(60)), item(2, atAngle(0))]);
      const hits = await there.query(space, atAngle(0), { limit: 10 });
      expect(hits.map(({ chunk }) => chunk)).toEqual([2, 1, 0]);
      expect(hits[0]).toMatchObject({ fileId, generation: 1, chunk: 2 });
      for (const [index, distance] of [0, 0.5, 2].entries()) {
        expect(hits[index]?.distance).toBeCloseTo(distance, 5);
        expect(hits[index]?.distance).toBeGreaterThanOrEqual(0);
      }
      expect(await there.query(space, atAngle(70), { limit: 1 })).toMatchObject([{ chunk: 1 }]);
      expect(await there.query(space, atAngle(70), { limit: 0 })).toEqual([]);
    });

    it('writes over what has the same file, generation and chunk, also within one call', async () => {
      const { here, there, space, item, find } = await open();
      await here.upsert(space, [item(0, atAngle(0)), item(1, atAngle(20))]);
      await there.upsert(space, [item(0, atAngle(150)), item(0, atAngle(90))]);
      expect(await here.count(space)).toBe(2);
      expect(await find(atAngle(90), 1)).toEqual([0]);
      expect(await find(atAngle(0), 1)).toEqual([1]);
      const [hit] = await here.query(space, atAngle(90), { limit: 1 });
      expect(hit?.distance).toBeCloseTo(0, 5);
    });

    it('keeps spaces apart: scopes, and models with vectors of other lengths', async () => {
      const { here, there, space, item, find } = await open();
      const other = { ...space, scopeId: randomUUID() };
      const longer = { ...space, model: 'openai/text-embedding-3-small' };
      await here.upsert(space, [item(0, atAngle(0))]);
      await here.upsert(other, [item(1, atAngle(0))]);
      await here.upsert(longer, [item(2, vectorOf(2, 24))]);
      expect(await find(atAngle(0))).toEqual([0]);
      expect(await there.query(other, atAngle(0), { limit: 10 })).toMatchObject([{ chunk: 1 }]);
      expect(await there.query(longer, vectorOf(2, 24), { limit: 10 })).toMatchObject([{ chunk: 2 }]);
      await there.removeSpace(space);
      expect(await find(atAngle(0))).toEqual([]);
      expect(await here.count(space)).toBe(0);
      expect(await here.count(other)).toBe(1);
      expect(await here.count(longer)).toBe(1);
    });

    it('is empty where there is nothing, whatever is asked for or removed', async () => {
      const { here, there, space, fileId, find } = await open();
      expect(await find(atAngle(0))).toEqual([]);
      expect(await here.count(space)).toBe(0);
      await here.removeFile(space, fileId);
      await here.removeSpace(space);
      await here.upsert(space, []);
      expect(await there.count(space)).toBe(0);
    });

    it('looks in the given files only', async () => {
      const { here, there, space, item, find } = await open();
      const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
      await here.upsert(space, [
        item(0, atAngle(0), { fileId: first }),
        item(1, atAngle(10), { fileId: second }),
        item(2, atAngle(20), { fileId: second, generation: 2 }),
        item(3, atAngle(30), { fileId: third }),
      ]);
      expect(await find(atAngle(0), 10, [second])).toEqual([1, 2]);
      expect(await find(atAngle(0), 10, [third, first])).toEqual([0, 3]);
      expect(await find(atAngle(0), 10, [randomUUID()])).toEqual([]);
      expect(await find(atAngle(0), 10, [])).toEqual([]);
      const many = Array.from({ length: 40_000 }, () => randomUUID());
      expect(await find(atAngle(0), 10, [...many, third, ...many, first, first])).toEqual([0, 3]);
      expect(await there.query(space, atAngle(20), { limit: 1 })).toMatchObject([{ fileId: second, generation: 2 }]);
    });

    it('removes a file, of all generations or of all but one', async () => {
      const { here, there, space, fileId, item } = await open();
      const otherId = randomUUID();
      const generations = [1, 2, 3].flatMap((generation) => [
        item(0, vectorOf(generation), { generation }),
        item(1, vectorOf(-generation), { generation }),
      ]);
      await here.upsert(space, [...generations, item(0, atAngle(0), { fileId: otherId })]);
      await there.removeFile(space, fileId, { keepGeneration: 2 });
      expect(await here.count(space)).toBe(3);
      const left = await here.query(space, vectorOf(2), { limit: 10, fileIds: [fileId] });
      expect(left.map(({ generation }) => generation)).toEqual([2, 2]);
      await there.removeFile(space, fileId);
      expect(await here.query(space, vectorOf(2), { limit: 10 })).toMatchObject([{ fileId: otherId }]);
    });

    it('takes any number of items, and finds as many as are wanted', async () => {
      const { here, there, space, fileId, item, find } = await open();
      const smallId = randomUUID();
      await here.upsert(
        space,
        Array.from({ length: 6_000 }, (_, chunk) => item(chunk, vectorOf(chunk))),
      );
      expect(await there.count(space)).toBe(6_000);
      for (const chunk of [0, 999, 1_000, 5_999]) expect(await find(vectorOf(chunk), 1)).toEqual([chunk]);
      expect(await find(vectorOf(7), 200)).toHaveLength(200);
      const small = Array.from({ length: 100 }, (_, chunk) =>
        item(chunk, vectorOf(10_000 + chunk), { fileId: smallId }),
      );
      await here.upsert(space, small);
      expect(await there.query(space, vectorOf(10_077), { limit: 5, fileIds: [smallId] })).toHaveLength(5);
      for (const fileIds of [[smallId], [smallId, fileId]]) {
        const [hit] = await there.query(space, vectorOf(10_077), { limit: 5, fileIds });
        expect(hit).toMatchObject({ fileId: smallId, chunk: 77 });
        expect(hit?.distance).toBeCloseTo(0, 5);
      }
      await there.removeFile(space, smallId);
      await here.removeFile(space, fileId);
      expect(await there.count(space)).toBe(0);
      expect(await find(vectorOf(7), 200)).toEqual([]);
    });

    it('holds when instances write into a new space at the same time', async () => {
      const { here, there, space, item, find } = await open();
      await Promise.all(
        [here, there, here, there].map((index, chunk) => index.upsert(space, [item(chunk, atAngle(chunk * 10))])),
      );
      expect(await find(atAngle(0))).toEqual([0, 1, 2, 3]);
    });

    it('goes on in a space that another instance has removed', async () => {
      const { here, there, space, item, find } = await open();
      await here.upsert(space, [item(0, atAngle(0))]);
      expect(await find(atAngle(0))).toEqual([0]);
      await here.removeSpace(space);
      expect(await find(atAngle(0))).toEqual([]);
      await here.upsert(space, [item(1, atAngle(0))]);
      expect(await find(atAngle(0))).toEqual([1]);
      await there.removeSpace(space);
      await here.removeFile(space, randomUUID());
      await here.upsert(space, [item(2, atAngle(0))]);
      expect(await find(atAngle(0))).toEqual([2]);
    });

    it('is fine', async () => {
      const { here } = await open();
      expect(await here.state()).toEqual({ status: 'OK', latencyMs: expect.any(Number), message: null });
    });

    it('does nothing for a caller who has left, and throws the reason', async () => {
      const { here, there, space, fileId, item } = await open();
      await here.upsert(space, [item(0, atAngle(0))]);
      const signal = AbortSignal.abort(new Error('left'));
      const calls = [
        () => here.upsert(space, [item(1, atAngle(0))], signal),
        () => here.query(space, atAngle(0), { limit: 1, signal }),
        () => here.removeFile(space, fileId, { signal }),
        () => here.removeSpace(space, signal),
        () => here.count(space, signal),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow('left');
      expect(await there.count(space)).toBe(1);
    });
  });
}
