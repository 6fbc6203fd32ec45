import { afterAll, beforeAll, describe } from 'vitest';
import { createChromaIndex } from '../../src/adapters/vectors/chroma-index.ts';
import { createMemoryVectorIndex } from '../support/memory-vector-index.ts';
import { startChroma, type TestChroma } from '../support/services/chroma.ts';
import { describeVectorIndex } from './vector-index.ts';

describeVectorIndex('in memory', async () => {
  const index = createMemoryVectorIndex();
  return { here: index, there: index, close: index.dispose };
});

describe('on the Chroma of the npm package', () => {
  let chroma: TestChroma;
  beforeAll(async () => {
    chroma = await startChroma();
  });
  afterAll(() => chroma.stop());

  describeVectorIndex('in Chroma', async () => {
    const [here, there] = [
      createChromaIndex({ connect: chroma.server.url }),
      createChromaIndex({ connect: chroma.server.url }),
    ];
    const close = async () => {
      await here.dispose();
      await there.dispose();
    };
    return { here, there, close };
  });
});
