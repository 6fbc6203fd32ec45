import { isTerminal, type TurnEvent } from '@colloquy/sdk';
import { messageOf } from '../api/api-error.ts';
import type { Store } from '../util/store.ts';
import { createLiveAnswer, type LiveAnswer } from './live-answer.ts';
import { settled, type ThreadMessage } from './thread-message.ts';
import type { ThreadDependencies, ThreadState } from './thread-state.ts';

type Started = Extract<TurnEvent, { __typename: 'TurnStarted' }>['turn'];
type Retrieved = Extract<TurnEvent, { __typename: 'TurnRetrieved' }>;

export type WatchOptions = {
  turnId?: string;
  /** The server has taken the prompt. */
  onTaken?: () => void;
  /** It has not. */
  onRefused?: (error: unknown) => void;
};

/** Shows the answer of one turn at a time in a thread, from its placeholder to its end. */
export function createAnswerWatch(deps: ThreadDependencies, store: Store<ThreadState>) {
  let current: AbortController | null = null;

  const messages = () => store.get().path.messages;

  function replace(key: string, message: Parameters<typeof settled>[0]): void {
    const { path } = store.get();
    const next = path.messages.map((shown) => (shown.key === key ? settled(message, shown) : shown));
    store.set({ path: { ...path, messages: next } });
  }

  /** The placeholders become the server's messages, a new conversation gets its id. */
  function begin(turn: Started, key: string): void {
    const { live, id } = store.get();
    const prompt = messages()[messages().findIndex((message) => message.key === key) - 1];
    replace(key, turn.assistantMessage);
    if (prompt) replace(prompt.key, turn.userMessage);
    if (live) store.set({ live: { ...live, turnId: turn.id } });
    if (id === null) {
      const { id: named } = turn.conversation;
      store.set({ id: named, conversation: deps.find(named) ?? null });
      deps.onNamed(named);
    }
    if (live?.stopping) stop(turn.id);
  }

  /** The message that takes the answer's place says nothing of what could not be looked into. */
  function retrieved({ citations, degraded }: Retrieved, key: string, answer: LiveAnswer): void {
    answer.retrieved(citations);
    if (degraded === null) return;
    const { path } = store.get();
    const next = path.messages.map((shown) => (shown.key === key ? { ...shown, degraded } : shown));
    store.set({ path: { ...path, messages: next } });
  }

  function stop(turnId: string): void {
    deps.client.stopTurn(turnId).catch((error: unknown) => store.set({ fault: messageOf(error) }));
  }

  function leave(): void {
    current?.abort();
    current = null;
    store.get().live?.answer.dispose();
    store.set({ live: null });
  }

  return {
    leave,

    /** Ends the turn's work as soon as the server has begun with it. What there is of the answer is kept. */
    stop(): void {
      const { live } = store.get();
      if (!live || live.stopping) return;
      store.set({ live: { ...live, stopping: true } });
      if (live.turnId) stop(live.turnId);
    },

    /** `open` begins the stream; `shown` is the message that the answer is shown in. */
    async watch(
      open: (options: { signal: AbortSignal }) => AsyncIterable<TurnEvent>,
      shown: ThreadMessage,
      { turnId, onTaken, onRefused }: WatchOptions,
    ): Promise<void> {
      leave();
      current = new AbortController();
      const { signal } = current;
      const answer = createLiveAnswer(shown.content, shown.citations);
      store.set({ live: { key: shown.key, answer, turnId: turnId ?? null, stopping: false } });
      try {
        for await (const event of open({ signal })) {
          if (signal.aborted) return;
          if (event.__typename === 'TurnStarted') {
            onTaken?.();
            begin(event.turn, shown.key);
          } else if (event.__typename === 'TurnRetrieved') retrieved(event, shown.key, answer);
          else if (event.__typename === 'TurnReasoning') answer.reason(event.text);
          else if (event.__typename === 'TurnDelta') answer.append(event.offset, event.text);
          else if (isTerminal(event)) replace(shown.key, event.message);
        }
        if (!signal.aborted) leave();
      } catch (error) {
        if (signal.aborted) return;
        const refused = store.get().live?.turnId === null;
        leave();
        if (refused && onRefused) onRefused(error);
        else store.set({ fault: messageOf(error) });
      }
    },
  };
}
