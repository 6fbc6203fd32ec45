import type { GenerationOptions } from '@colloquy/sdk';
import { createKept } from '../util/kept.ts';

/** How the answers of a conversation are made. What is left out is as the model has it. */
export type AnswerOptions = GenerationOptions;

/** Keeps the options of each conversation, in this browser. */
export function createAnswerOptions(userId: string) {
  const kept = createKept<AnswerOptions>(`colloquy.options.${userId}.`, isOptions, isEmpty, {});
  return {
    ...kept,
    /** As a prompt is sent with them; null: as the model has it. */
    input(conversationId: string | null): AnswerOptions | null {
      const options = kept.read(conversationId);
      return isEmpty(options) ? null : options;
    },
  };
}

export type AnswerOptionsStore = ReturnType<typeof createAnswerOptions>;

const isEmpty = (options: AnswerOptions): boolean => Object.keys(options).length === 0;

/** How many of them a person has set. */
export const numberOfOptions = (options: AnswerOptions): number => Object.keys(options).length;

function isOptions(value: unknown): value is AnswerOptions {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
