import type { ConversationQuery, MessageFieldsFragment } from '@colloquy/sdk';
import { isSame } from '../util/is-same.ts';

type Page = NonNullable<ConversationQuery['conversation']>['messages'];

export type ThreadMessage = MessageFieldsFragment & {
  siblings: readonly { id: string }[];
  /** What a message is known by on the page, also before the server has given it an id. */
  key: string;
  /** How long the model reasoned, where it did so before one's eyes. */
  reasonedMs: number | null;
};

/** What is shown of a path: its end, or all of it. */
export type Path = { messages: readonly ThreadMessage[]; hasOlder: boolean; cursor: string | null };

export const EMPTY_PATH: Path = { messages: [], hasOlder: false, cursor: null };

/** A page of a path, with the keys that its messages have on the page already. One that is as it was is not drawn again. */
export function readPath(page: Page, shown: readonly ThreadMessage[]): Path {
  const known = new Map(shown.map((message) => [message.id, message]));
  const messages = page.edges.map(({ node }): ThreadMessage => {
    const before = known.get(node.id);
    const { key = node.id, reasonedMs = null } = before ?? {};
    const message = { ...node, key, reasonedMs };
    return before && isSame(before, message) ? before : message;
  });
  return { messages, hasOlder: page.pageInfo.hasPreviousPage, cursor: page.pageInfo.startCursor };
}

/** The newest page of a path, before it what is shown already of the same path. */
export function joinOlder(newest: Path, shown: Path): Path {
  const parent = newest.messages[0]?.parent?.id;
  const index = parent ? shown.messages.findIndex(({ id }) => id === parent) : -1;
  if (index < 0) return newest;
  return { ...shown, messages: [...shown.messages.slice(0, index + 1), ...newest.messages] };
}

type Placeholder = Pick<ThreadMessage, 'role' | 'content' | 'siblings' | 'model'> & { parentId: string | null };

/** A message that the server has not heard of yet, the newest of its siblings. */
export function placeholder({ parentId, siblings, ...given }: Placeholder, id: string): ThreadMessage {
  return {
    ...given,
    id,
    siblings: [...siblings, { id }],
    key: id,
    parent: parentId === null ? null : { id: parentId },
    status: given.role === 'USER' ? 'COMPLETE' : 'GENERATING',
    reasoning: null,
    reasonedMs: null,
    modelVersion: null,
    createdAt: new Date().toISOString(),
    finishReason: null,
    turn: null,
    citations: [],
    usage: null,
    error: null,
    feedback: null,
    degraded: null,
  };
}

/** The server's message in the place of what is shown, also among its siblings. */
export function settled(message: MessageFieldsFragment, shown: ThreadMessage): ThreadMessage {
  const siblings = shown.siblings.map(({ id }) => ({ id: id === shown.id ? message.id : id }));
  return { ...message, key: shown.key, reasonedMs: shown.reasonedMs, siblings };
}
