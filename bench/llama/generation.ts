/** One answer: its tokens, the time up to the first of them, and from there to the last. */
export type Generation = { tokens: number; firstMs: number; restMs: number };

export type RawQuestion = { type: 'generate'; turns: number; prompt: string; maxTokens: number; seed: number };

/** Tokens per second of answers that were made side by side, each counted from its first token on. */
export function rateOf(generations: Generation[]): number {
  const longest = Math.max(...generations.map(({ restMs }) => restMs));
  return (generations.reduce((sum, { tokens }) => sum + tokens - 1, 0) / longest) * 1_000;
}
