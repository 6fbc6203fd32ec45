import { badInput } from '../../errors.ts';
import { cut, shorten, storable } from '../../util/text.ts';
import type { ChatgptConversation, ChatgptNode } from './chatgpt-format.ts';
import { shownText } from './chatgpt-text.ts';
import { type ConversationDocument, MAX_MESSAGES, type MessageDocument } from './export-format.ts';

type Draft = {
  id: string;
  parent: Draft | null;
  role: 'USER' | 'ASSISTANT';
  content: string[];
  reasoning: string[];
  model: string | null;
  stopped: boolean;
  cutShort: boolean;
  /** Milliseconds; never before its parent's. */
  at: number;
};

const MAX_TITLE = 200;
const MAX_MODEL = 200;

/**
 * What people have seen of a conversation: prompts and answers. What an answer was made in, of thoughts, code and its
 * output, becomes one message. Throws BAD_USER_INPUT for what is no tree.
 */
export function fromChatgpt(given: ChatgptConversation, titleFrom: (prompt: string) => string): ConversationDocument {
  const id = given.conversation_id ?? given.id;
  if (!id) throw badInput({ id: 'It has no id.' });
  const began = milliseconds(given.create_time);
  const { drafts, nodes } = draftsOf(given.mapping, began ?? 0);
  if (drafts.length > MAX_MESSAGES) throw badInput({ mapping: `It has more than ${MAX_MESSAGES} messages.` });
  // Sorting keeps the order of those of one moment, and no message is older than what it answers.
  const inTime = drafts.toSorted((one, other) => one.at - other.at);
  const firstPrompt = inTime.find(({ role }) => role === 'USER')?.content.join(' ') ?? '';
  const title = given.title?.trim() || titleFrom(firstPrompt);
  const createdAt = dateOf(began ?? inTime[0]?.at ?? null);
  const updatedAt = dateOf(milliseconds(given.update_time)) ?? createdAt;
  return {
    id: cut(id, 1_000),
    title: shorten(storable(title), MAX_TITLE),
    autoTitle: false,
    pinned: given.is_starred ?? false,
    archivedAt: given.is_archived ? (updatedAt ?? new Date(0)) : null,
    model: null,
    systemPrompt: null,
    createdAt,
    updatedAt,
    activeAt: updatedAt,
    currentMessageId: nodes.get(given.current_node ?? '')?.id ?? null,
    messages: inTime.map(documentOf),
  };
}

/** The drafts, parents first, and for each node the draft that it is part of or comes after. */
function draftsOf(mapping: ChatgptConversation['mapping'], began: number) {
  const children = childrenOf(mapping);
  const drafts: Draft[] = [];
  const nodes = new Map<string, Draft | null>();
  /** `open`: an answer that what follows still belongs to. */
  const waiting = [...(children.get(null) ?? [])].reverse().map((id) => ({
    id,
    above: null as Draft | null,
    open: false,
  }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { id } = next;
    const draft = addNode(id, mapping[id] as ChatgptNode, next.above, next.open, began);
    if (draft && draft !== next.above) drafts.push(draft);
    nodes.set(id, draft);
    const below = children.get(id) ?? [];
    const open = draft?.role === 'ASSISTANT' && below.length === 1 && (next.open || draft !== next.above);
    for (const child of [...below].reverse()) waiting.push({ id: child, above: draft, open });
  }
  if (nodes.size < Object.keys(mapping).length) throw badInput({ mapping: 'Its messages go in a circle.' });
  return { drafts, nodes };
}

/** The draft that the node has made or gone into; the one above where nobody has seen anything of it. */
function addNode(id: string, { message }: ChatgptNode, above: Draft | null, open: boolean, began: number) {
  if (!message || message.metadata?.is_visually_hidden_from_conversation || message.weight === 0) return above;
  const { role } = message.author;
  if (role !== 'user' && role !== 'assistant' && role !== 'tool') return above;
  const shown = shownText(message);
  if (!shown) return above;
  const goesOn = open && above !== null && role !== 'user';
  const draft: Draft = goesOn
    ? above
    : {
        id,
        parent: above,
        role: role === 'user' ? 'USER' : 'ASSISTANT',
        content: [],
        reasoning: [],
        model: null,
        stopped: false,
        cutShort: false,
        at: Math.max(milliseconds(message.create_time) ?? 0, above?.at ?? began),
      };
  (shown.kind === 'text' ? draft.content : draft.reasoning).push(shown.text);
  const end = message.metadata?.finish_details?.type;
  draft.model = message.metadata?.model_slug ?? draft.model;
  draft.stopped = end === 'interrupted';
  draft.cutShort = end === 'max_tokens';
  return draft;
}

/** By their parents, in the order that those say. What names a parent that is not there is a root. */
function childrenOf(mapping: ChatgptConversation['mapping']): Map<string | null, string[]> {
  const ids = Object.keys(mapping);
  const children = new Map<string | null, string[]>();
  const places = new Map<string, number>();
  for (const id of ids) for (const [place, child] of (mapping[id]?.children ?? []).entries()) places.set(child, place);
  for (const id of ids) {
    const parent = mapping[id]?.parent ?? null;
    const known = parent !== null && Object.hasOwn(mapping, parent) ? parent : null;
    const siblings = children.get(known);
    if (siblings) siblings.push(id);
    else children.set(known, [id]);
  }
  for (const siblings of children.values())
    siblings.sort((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0));
  return children;
}

function documentOf(draft: Draft): MessageDocument {
  const isAnswer = draft.role === 'ASSISTANT';
  const status = isAnswer && draft.stopped ? 'STOPPED' : 'COMPLETE';
  const reason = draft.cutShort ? 'LENGTH' : 'STOP';
  return {
    id: draft.id,
    parentId: draft.parent?.id ?? null,
    role: draft.role,
    status,
    content: storable(draft.content.join('\n\n')),
    reasoning: draft.reasoning.length > 0 ? storable(draft.reasoning.join('\n\n')) : null,
    segments: [],
    model: isAnswer && draft.model !== null ? cut(storable(draft.model), MAX_MODEL) : null,
    modelVersion: null,
    systemPrompt: null,
    citations: [],
    degraded: null,
    finishReason: isAnswer ? (status === 'STOPPED' ? 'STOPPED' : reason) : null,
    usage: null,
    error: null,
    feedback: null,
    createdAt: dateOf(draft.at),
  };
}

function milliseconds(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1_000);
}

function dateOf(at: number | null): Date | null {
  return at === null || Number.isNaN(new Date(at).getTime()) ? null : new Date(at);
}
