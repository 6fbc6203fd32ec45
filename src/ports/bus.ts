import type { PullState } from './model-store.ts';

/** What instances tell each other. The key narrows a topic: a listener hears only its own key's messages. */
export type BusMessages = {
  /** Key: "all". An API key is another than it was: what is remembered of keys is forgotten. */
  'api-key-changed': Record<string, never>;
  /** Key: user id, also of the owner behind an API key. A session has ended (null: all but `except`): its sockets are closed. */
  'access-revoked': { sessionId: string | null; except?: string };
  /** Key: user id. */
  'conversation-changed': { conversationId: string };
  /** Key: user id. */
  'conversation-deleted': { conversationId: string };
  /** Key: file id. */
  'file-changed': Record<string, never>;
  /** Key: instance id. Its journal is read by another one. */
  'journal-read': { by: string };
  /** Key: "all". How far the pull of a model is, whose id is in it. */
  'model-pull': PullState;
  /** Key: full id of the model. Whoever pulls it stops. */
  'model-pull-cancel': Record<string, never>;
  /** Key: the provider. It has another model now, or one less. */
  'models-changed': Record<string, never>;
  /** Key: id of the instance that makes the turn. */
  'turn-stop': { turnId: string };
};

export type BusTopic = keyof BusMessages;

/** Best effort, at most once, in order per publisher. What must not be missed is also in the database. */
export type Bus = {
  publish<Topic extends BusTopic>(topic: Topic, key: string, message: BusMessages[Topic]): void;
  /** Returns what ends the subscription. */
  subscribe<Topic extends BusTopic>(
    topic: Topic,
    key: string,
    listener: (message: BusMessages[Topic]) => void,
  ): () => void;
  /**
   * Calls the listener when messages of other instances may have been lost: when they can be heard again, and every few
   * seconds while they cannot. `sinceMs`: for how long that may have been. Returns what ends it.
   */
  onGap(listener: (sinceMs: number) => void): () => void;
  /** Resolves when what was subscribed before the call is in force, or cannot be for now. */
  settled(): Promise<void>;
  dispose(): Promise<void>;
};
