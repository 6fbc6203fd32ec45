import type { Client } from '@colloquy/sdk';
import { readPath, type ThreadMessage } from '../thread/thread-message.ts';
import { saveBlob } from '../uploads/save-file.ts';
import { conversationMarkdown } from './conversation-markdown.ts';

/** So many messages are read at once. */
const PAGE = 100;
/** Of longer ones the newest are saved. */
const MOST_MESSAGES = 10_000;

/**
 * Saves a conversation as a Markdown file: the path to `leaf`, or the newest one. Returns whether there is such a
 * conversation. Throws ColloquyError.
 */
export async function saveConversation(client: Client, id: string, leaf: string | null): Promise<boolean> {
  const whole = await readConversation(client, id, leaf);
  if (!whole) return false;
  const text = conversationMarkdown(whole.title, whole.messages);
  saveBlob(new Blob([text], { type: 'text/markdown' }), `${whole.title}.md`);
  return true;
}

export async function readConversation(
  client: Pick<Client, 'conversation'>,
  id: string,
  leaf: string | null,
): Promise<{ title: string; messages: ThreadMessage[] } | null> {
  let messages: ThreadMessage[] = [];
  let title = '';
  let end = leaf;
  for (let before: string | null = null; ; ) {
    const found = await client.conversation(id, { last: PAGE, before, leaf: end });
    if (!found) return null;
    const page = readPath(found.messages, []);
    title = found.title;
    messages = [...page.messages, ...messages];
    // What is added meanwhile is not part of what was begun.
    end ??= page.messages.at(-1)?.id ?? null;
    before = page.cursor;
    if (!page.hasOlder || before === null || messages.length >= MOST_MESSAGES) return { title, messages };
  }
}
