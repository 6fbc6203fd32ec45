import type { Conversation } from './conversation-lists.ts';

/** Where a search has found its text in a conversation. */
export type Match = { where: 'title' } | { where: 'message'; excerpt: string | null };

const BEFORE = 24;
const AFTER = 80;

/**
 * The server does not say where it has found a text. What is not in the title is in a message; the newest one is known
 * here and can be quoted.
 */
export function matchOf({ title, lastMessage }: Conversation, text: string): Match {
  if (has(title, text)) return { where: 'title' };
  return { where: 'message', excerpt: lastMessage ? excerptOf(lastMessage.content, text) : null };
}

const has = (whole: string, part: string): boolean => whole.toLowerCase().includes(part.toLowerCase());

function excerptOf(content: string, text: string): string | null {
  const at = content.toLowerCase().indexOf(text.toLowerCase());
  if (at < 0) return null;
  const start = Math.max(0, at - BEFORE);
  const cut = content.slice(start, at + text.length + AFTER);
  // Not from the middle of a word.
  const words = start === 0 ? cut : `… ${cut.replace(/^\S*\s+/, '')}`;
  return has(words, text) ? words.replace(/\s+/g, ' ') : cut.replace(/\s+/g, ' ');
}
