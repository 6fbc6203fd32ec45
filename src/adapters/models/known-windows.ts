/**
 * Context windows of hosted models, in tokens, whose API does not tell: by the beginning of the name, the longest one
 * counts. From the vendors' model pages.
 */
const WINDOWS: [prefix: string, tokens: number][] = [
  ['gpt-3.5-turbo', 16_385],
  ['gpt-4', 8_192],
  ['gpt-4-turbo', 128_000],
  ['gpt-4o', 128_000],
  ['gpt-4.1', 1_047_576],
  ['gpt-5', 400_000],
  ['o1', 200_000],
  ['o3', 200_000],
  ['o4', 200_000],
  ['claude-', 200_000],
  ['gemini-', 1_048_576],
  ['mistral-', 128_000],
  ['deepseek-', 64_000],
];

/** Gateways put a vendor before the name: `openai/gpt-4o`. */
export function knownWindow(model: string): number | null {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  const fitting = WINDOWS.filter(([prefix]) => name.startsWith(prefix));
  return fitting.toSorted(([one], [other]) => other.length - one.length)[0]?.[1] ?? null;
}
