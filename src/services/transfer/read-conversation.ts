import type { z } from 'zod';
import { badInput } from '../../errors.ts';
import { cut } from '../../util/text.ts';
import { fromChatgpt } from './chatgpt-conversation.ts';
import { chatgptConversation } from './chatgpt-format.ts';
import { type ConversationDocument, conversationSchema, MAX_MESSAGES, messageSchema } from './export-format.ts';

const MAX_FAULT = 300;
/** Of ChatGPT's, where most are nothing that people have seen. */
const MAX_NODES = 4 * MAX_MESSAGES;

/** A conversation of either format. Throws BAD_USER_INPUT with the place of what is wrong with it. */
export function readConversation(given: unknown, titleFrom: (prompt: string) => string): ConversationDocument {
  if (isObject(given) && isObject(given.mapping)) {
    if (Object.keys(given.mapping).length > MAX_NODES) throw badInput({ mapping: 'It has too many messages.' });
    return fromChatgpt(parsed(chatgptConversation, given), titleFrom);
  }
  if (isObject(given) && Array.isArray(given.messages)) {
    const { messages } = given;
    if (messages.length > MAX_MESSAGES) throw badInput({ messages: `It has more than ${MAX_MESSAGES} messages.` });
    const conversation = parsed(conversationSchema, given);
    return { ...conversation, messages: messages.map((one, at) => parsed(messageSchema, one, `messages.${at}.`)) };
  }
  throw badInput({ '': 'It is neither a conversation of a Colloquy export nor of a ChatGPT export.' });
}

/** What it is called, also where the rest is no conversation. */
export function titleOf(given: unknown): string | null {
  return isObject(given) && typeof given.title === 'string' ? cut(given.title, 200) : null;
}

function parsed<Schema extends z.ZodType>(schema: Schema, given: unknown, place = ''): z.output<Schema> {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = `${place}${issue?.path.join('.') ?? ''}`;
  throw badInput({ [path]: cut(`${path}: ${issue?.message}`, MAX_FAULT) });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
