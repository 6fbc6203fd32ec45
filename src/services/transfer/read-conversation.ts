import type { z } from 'zod';
import { badInput } from '../../errors.ts';
import { cut } from '../../util/text.ts';
import { fromChatgpt } from './chatgpt-conversation.ts';
import { chatgptConversation } from './chatgpt-format.ts';
import { type ConversationDocument, conversationSchema } from './export-format.ts';

const MAX_FAULT = 300;

/** A conversation of either format. Throws BAD_USER_INPUT with the place of what is wrong with it. */
export function readConversation(given: unknown, titleFrom: (prompt: string) => string): ConversationDocument {
  if (isObject(given) && isObject(given.mapping)) return fromChatgpt(parsed(chatgptConversation, given), titleFrom);
  if (isObject(given) && Array.isArray(given.messages)) return parsed(conversationSchema, given);
  throw badInput({ '': 'It is neither a conversation of a Colloquy export nor of a ChatGPT export.' });
}

/** What it is called, also where the rest is no conversation. */
export function titleOf(given: unknown): string | null {
  return isObject(given) && typeof given.title === 'string' ? cut(given.title, 200) : null;
}

function parsed<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  throw badInput({ [path]: cut(`${path}: ${issue?.message}`, MAX_FAULT) });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
