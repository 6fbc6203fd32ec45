import type { Citation } from '../../ports/event-log.ts';
import type { GenerationOptions, Grounding, ModelWindow } from '../../ports/language-model.ts';
import { cut } from '../../util/text.ts';
import { estimatedTokens } from '../../util/tokens.ts';
import { roomFor } from './fit-prompt.ts';

/** Most of what passages may take, so that a small window has room for the question and some of the history. */
const PASSAGE_SHARE = 0.6;

/** What passages may take of the model's window beside what is said anyway. Undefined: as much as they like. */
export function passageRoom(
  window: ModelWindow | null,
  said: string[],
  { maxTokens }: GenerationOptions,
): number | undefined {
  if (!window) return undefined;
  const asked = said.reduce((sum, text) => sum + estimatedTokens.count(text), 0);
  return Math.max(0, Math.floor((roomFor(window, maxTokens) - asked) * PASSAGE_SHARE));
}

/** What the number, the file's name and the marks take beside the text of a passage. */
const PASSAGE_TOKENS = 40;

/** The passages were chosen for the window of another model, which may be larger: the last of them are cut. */
export function withinRoom(grounding: Grounding, room: number | undefined): Grounding {
  if (room === undefined) return grounding;
  let left = room;
  const citations: Citation[] = [];
  for (const { index, passage } of grounding.citations) {
    left -= PASSAGE_TOKENS;
    if (left <= 0) break;
    const text = cut(passage.text, estimatedTokens.fit(passage.text, 0, left));
    citations.push({ index, passage: { ...passage, text } });
    left -= estimatedTokens.count(text);
  }
  return { ...grounding, citations };
}
