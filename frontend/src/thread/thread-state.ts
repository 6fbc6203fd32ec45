import type { Client, RetrievalInput } from '@colloquy/sdk';
import type { Conversation } from '../conversations/conversation-lists.ts';
import type { Drafts } from './drafts.ts';
import type { LiveAnswer } from './live-answer.ts';
import { EMPTY_PATH, type Path } from './thread-message.ts';

export type ThreadState = {
  /** Null until the first prompt of a new conversation has reached the server. */
  id: string | null;
  status: 'loading' | 'ready' | 'missing' | 'failed';
  conversation: Conversation | null;
  path: Path;
  loadingOlder: boolean;
  /** The answer on this path that is being made: the key of its message. */
  live: { key: string; answer: LiveAnswer; turnId: string | null; stopping: boolean } | null;
  /** Why what a person has just asked for could not be done. */
  fault: string | null;
  /** Text that goes back to where it was written, because the server did not take it. */
  returned: { text: string } | null;
};

export type ThreadDependencies = {
  client: Client;
  drafts: Drafts;
  /** What answers are looked up in. */
  retrieval: (id: string | null) => RetrievalInput | null;
  /** The conversation has got its id. */
  onNamed: (id: string) => void;
  /** What the lists know of it. */
  find: (id: string) => Conversation | undefined;
  /** What the server says of the conversation, for the lists. */
  onRead: (conversation: Conversation) => void;
};

export function initialState(id: string | null): ThreadState {
  return {
    id,
    status: id === null ? 'ready' : 'loading',
    conversation: null,
    path: EMPTY_PATH,
    loadingOlder: false,
    live: null,
    fault: null,
    returned: null,
  };
}
