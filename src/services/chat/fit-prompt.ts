import { badInput } from '../../errors.ts';
import type { ChatMessage, ModelWindow } from '../../ports/language-model.ts';
import { estimatedTokens } from '../../util/tokens.ts';

/** What is known of a prompt before it is one. */
export type PromptParts = {
  systemPrompt: string | undefined;
  /** Oldest first. */
  history: ChatMessage[];
  /** The question, with what was looked up for it. Never cut. */
  userTurn: string;
};

export type FitOptions = {
  /** Null: the model reads no prompt, and everything fits. */
  window: ModelWindow | null;
  /** What the client allows the answer. */
  maxTokens: number | undefined;
  signal: AbortSignal;
};

/** Kept free for the answer, where the client does not say. */
const ANSWER_TOKENS = 1_024;
/** An answer may not take more of the window than that from what was said before. */
const ANSWER_SHARE = 0.5;
/** An answer for which there is less room is none. */
const LEAST_ANSWER_TOKENS = 16;
/** What a chat format puts around a message, and around all of them. */
const MESSAGE_TOKENS = 8;
const FORMAT_TOKENS = 48;
/** No model has that many tokens for so few characters: what is longer is not counted at all. */
const MOST_UNITS_PER_TOKEN = 16;

/** Room in the window for what is said to the model, when the answer gets its share. */
export function roomFor({ tokens }: ModelWindow, maxTokens: number | undefined): number {
  const answer = Math.min(maxTokens ?? ANSWER_TOKENS, Math.floor(tokens * ANSWER_SHARE));
  return Math.max(0, tokens - answer - FORMAT_TOKENS);
}

/**
 * What the model is asked: the system prompt, as many of the newest turns of the history as its window has room for,
 * and the user's turn. Throws BAD_USER_INPUT where that alone does not fit.
 */
export async function fitPrompt(parts: PromptParts, { window, maxTokens, signal }: FitOptions): Promise<ChatMessage[]> {
  const { systemPrompt, history, userTurn } = parts;
  const head: ChatMessage[] = systemPrompt ? [{ role: 'system', content: systemPrompt }] : [];
  const end: ChatMessage = { role: 'user', content: userTurn };
  if (!window) return [...head, ...history, end];
  const room = roomFor(window, maxTokens);
  const recent = endOf(history, room * MOST_UNITS_PER_TOKEN);
  const fixed = [...head, end];
  const counts = await count(
    [...fixed, ...recent].map(({ content }) => content),
    window,
    signal,
  );
  const needed = sum(counts.slice(0, fixed.length)) + fixed.length * MESSAGE_TOKENS;
  if (needed > window.tokens - FORMAT_TOKENS - LEAST_ANSWER_TOKENS) throw tooLong(needed, window.tokens);
  let left = room - needed;
  let first = recent.length;
  while (first > 0) {
    left -= (counts[fixed.length + first - 1] ?? 0) + MESSAGE_TOKENS;
    if (left < 0) break;
    first -= 1;
  }
  // An answer without its question is half a turn, and many chat formats refuse to begin with one.
  while (recent[first]?.role === 'assistant') first += 1;
  return [...head, ...recent.slice(first), end];
}

async function count(texts: string[], window: ModelWindow, signal: AbortSignal): Promise<number[]> {
  return window.count ? window.count(texts, signal) : texts.map((text) => estimatedTokens.count(text));
}

/** The newest messages, up to so many characters. */
function endOf(history: ChatMessage[], characters: number): ChatMessage[] {
  let left = characters;
  let first = history.length;
  while (first > 0) {
    left -= history[first - 1]?.content.length ?? 0;
    if (left < 0) break;
    first -= 1;
  }
  return history.slice(first);
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function tooLong(needed: number, tokens: number) {
  const message = `The message is too long for this model: with what belongs to it, it has about ${needed} tokens, and the model takes ${tokens}, its answer included. Shorten it, or choose a model with a larger context window.`;
  return badInput({ 'input.text': message });
}
