import { createKept } from '../../util/kept.ts';
import type { PromptDraft } from './prompt.ts';

/** `revision`: the one that it was written from; 0: of a prompt that there is not yet. */
type KeptPrompt = PromptDraft & { revision: number };

/** Keeps what has not been saved of each prompt, in this browser, for a session may end while it is written. */
export const createPromptDrafts = (userId: string) =>
  createKept<KeptPrompt | null>(`colloquy.prompt.${userId}.`, isKeptPrompt, (kept) => kept === null, null);

function isKeptPrompt(value: unknown): value is KeptPrompt {
  const { name, version, text, revision } = Object(value) as Record<string, unknown>;
  return [name, version, text].every((part) => typeof part === 'string') && typeof revision === 'number';
}
