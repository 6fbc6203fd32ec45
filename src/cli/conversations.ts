import type { Client, ConversationFieldsFragment } from '@colloquy/sdk';
import { plainText } from './plain-text.ts';
import { playTurn } from './play-turn.ts';
import type { Terminal } from './terminal.ts';

const LISTED = 20;
const SHOWN_MESSAGES = 10;

const newest = (client: Client) => client.conversations({ first: LISTED, filter: { archived: false } });

export async function newestConversations(client: Client): Promise<ConversationFieldsFragment[]> {
  return (await newest(client)).edges.map(({ node }) => node);
}

/** Shows the newest conversations with their numbers. */
export async function listConversations(client: Client, terminal: Terminal): Promise<ConversationFieldsFragment[]> {
  const { edges, totalCount } = await newest(client);
  const width = String(edges.length).length;
  for (const [index, { node }] of edges.entries()) {
    const number = String(index + 1).padStart(width);
    const running = node.activeTurn ? ', being answered' : '';
    const detail = `${dayOf(node.updatedAt)}, ${count(node.messageCount, 'message')}${running}`;
    terminal.write(`${number}  ${oneLine(node.title)}  ${terminal.dim(`(${detail})`)}\n`);
  }
  if (edges.length === 0) terminal.write('There is no conversation yet.\n');
  if (totalCount > edges.length) terminal.write(`${terminal.dim(`and ${totalCount - edges.length} older ones`)}\n`);
  return edges.map(({ node }) => node);
}

/**
 * Shows the newest messages, and what is being answered to its end. Gives the id of the last answer; null when the
 * conversation is gone.
 */
export async function openConversation(
  client: Client,
  terminal: Terminal,
  id: string,
): Promise<{ lastAnswer: string | null } | null> {
  const conversation = await client.conversation(id, { last: SHOWN_MESSAGES });
  if (!conversation) {
    terminal.write('This conversation is not there any more.\n');
    return null;
  }
  const { activeTurn, messages, title } = conversation;
  terminal.write(`${terminal.dim(`— ${oneLine(title)} —`)}\n`);
  const hidden = messages.totalCount - messages.edges.length;
  if (hidden > 0) terminal.write(`${terminal.dim(`[${count(hidden, 'earlier message')}]`)}\n`);
  let lastAnswer: string | null = null;
  for (const { node } of messages.edges) {
    if (node.role === 'ASSISTANT') lastAnswer = node.id;
    if (activeTurn && node.turn?.id === activeTurn.id) continue;
    const text = plainText(node.content);
    terminal.write(node.role === 'USER' ? `${terminal.dim('>')} ${text}\n` : `${text}\n`);
  }
  if (activeTurn) {
    await playTurn({ client, terminal }, (options) => client.watchTurn(activeTurn.id, options));
  }
  return { lastAnswer };
}

export function oneLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, ' ');
}

function dayOf(moment: string): string {
  return new Date(moment).toLocaleDateString(undefined, { dateStyle: 'medium' });
}

function count(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? '' : 's'}`;
}
