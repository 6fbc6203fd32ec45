/**
 * Cosine distances from which on a chunk has nothing to do with the question. They differ by model, and hugely: some
 * use all the room, some put everything close together. As published figures for these models have it; an unknown one
 * is taken for one of the middle.
 */
const FAR: [RegExp, number][] = [
  [/text-embedding-3|minilm|embeddinggemma/i, 0.75],
  [/ada-002|\be5\b|[-_]e5[-_]/i, 0.25],
];
const FAR_OTHERWISE = 0.55;
/** Beyond even that there is only chance, which must not be first of its leg where nothing better is embedded. */
const NOISE = 0.2;

/** From this distance on a chunk has nothing to do with the question. */
export function farFor(model: string | null): number {
  return FAR.find(([name]) => name.test(model ?? ''))?.[1] ?? FAR_OTHERWISE;
}

export function isNoise(model: string, distance: number): boolean {
  return distance >= farFor(model) + NOISE;
}
