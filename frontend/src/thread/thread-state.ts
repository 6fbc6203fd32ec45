import {
  type Client,
  ColloquyError,
  type ConversationQuery,
  type GenerationOptions,
  type RetrievalInput,
} from '@colloquy/sdk';
import { mayPass, messageOf, reasonOf } from '../api/api-error.ts';
import type { Conversation } from '../conversations/conversation-lists.ts';
import type { Drafts } from './drafts.ts';
import type { LiveAnswer } from './live-answer.ts';
import { EMPTY_PATH, type Path, readPath } from './thread-message.ts';

export type Fault = {
  text: string;
  /** Before this moment, in milliseconds of the clock, there is no use in trying again. */
  notBefore: number | null;
  /** Does the same again, with the same key: nothing is answered twice. */
  retry: { label: string; run: () => void } | null;
};

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
  fault: Fault | null;
  /** Text that goes back to where it was written, because the server did not take it. */
  returned: { text: string } | null;
  /** Text that has not been cleared away where it was written: the page was left before it knew that the server has it. */
  arrived: { text: string } | null;
};

/** Null: there is no such conversation. Undefined: it was not asked for, or is not known. */
export type FirstAnswer = ConversationQuery['conversation'] | undefined;

/** What was asked of the server before the page was there. */
export type FirstQuestion = {
  /** The answer if it is there already. */
  peek: (id: string) => FirstAnswer;
  /** Waits for the answer. Once: whatever is read later is read anew. */
  take: (id: string) => Promise<FirstAnswer>;
};

export type ThreadDependencies = {
  client: Client;
  first: FirstQuestion;
  drafts: Drafts;
  /** What answers are looked up in. */
  retrieval: (id: string | null) => RetrievalInput | null;
  /** How they are made; null: as the model has it. */
  options: (id: string | null) => GenerationOptions | null;
  /** The conversation has got its id. */
  onNamed: (id: string) => void;
  /** What the lists know of it. */
  find: (id: string) => Conversation | undefined;
  /** What the server says of the conversation, for the lists. */
  onRead: (conversation: Conversation) => void;
};

/** `first`: what is known of the conversation already. An answer that is being made in it is shown when it is watched. */
export function initialState(id: string | null, first: FirstAnswer): ThreadState {
  const isSettled = first?.messages.edges.every(({ node }) => node.status !== 'GENERATING');
  const known = first && isSettled ? first : null;
  return {
    id,
    status: id === null || known ? 'ready' : 'loading',
    conversation: known && withoutMessages(known),
    path: known ? readPath(known.messages, []) : EMPTY_PATH,
    loadingOlder: false,
    live: null,
    fault: null,
    returned: null,
    arrived: null,
  };
}

export function withoutMessages({ messages: _, ...conversation }: NonNullable<FirstAnswer>): Conversation {
  return conversation;
}

/** What a person is told of an error. With `retry` it is counted down until that makes sense. */
export function faultOf(error: unknown, retry: Fault['retry'] = null): Fault {
  if (!retry || !mayPass(error)) return { text: messageOf(error), notBefore: null, retry: null };
  const wait = error instanceof ColloquyError ? error.retryAfterSeconds : undefined;
  return { text: reasonOf(error), notBefore: wait === undefined ? null : Date.now() + wait * 1_000, retry };
}
