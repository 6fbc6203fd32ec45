import { createPlaces } from '../../util/places.ts';

/** So many at a time; the others wait, in order, and leave the queue when their signal aborts. */
export function createSlots(count: number) {
  const places = createPlaces('embeddings', count, Number.POSITIVE_INFINITY);
  return async <Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> => {
    const give = await places.take(signal);
    try {
      return await work();
    } finally {
      give();
    }
  };
}
