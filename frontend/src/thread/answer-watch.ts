import { isTerminal, type TurnEvent } from '@colloquy/sdk';
import { texts } from '../texts/texts.ts';
import type { Store } from '../util/store.ts';
import { createLiveAnswer, type LiveAnswer } from './live-answer.ts';
import { settled, type ThreadMessage } from './thread-message.ts';
import { faultOf, type ThreadDependencies, type ThreadState } from './thread-state.ts';

type Started = Extract<TurnEvent, { __typename: 'TurnStarted' }>['turn'];
type Retrieved = Extract<TurnEvent, { __typename: 'TurnRetrieved' }>;

export type WatchOptions = {
  turnId?: string;
  /** The server has taken the prompt. */
  onTaken?: () => void;
  /** It has not. */
  onRefused?: (error: unknown) => void;
};

/** Shows the answer of one turn at a time in a thread, from its placeholder to its end. `reload` begins anew after a fault. */
export function createAnswerWatch(deps: ThreadDependencies, store: Store<ThreadState>, reload: () => void) {
  let current: AbortController | null = null;

  const messages = () => store.get().path.messages;

  function change(key: string, changed: (shown: ThreadMessage) => ThreadMessage): void {
    const { path } = store.get();
    const next = path.messages.map((shown) => (shown.key === key ? changed(shown) : shown));
    store.set({ path: { ...path, messages: next } });
  }

  function replace(key: string, message: Parameters<typeof settled>[0]): void {
    change(key, (shown) => settled(message, shown));
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
    if (degraded !== null) change(key, (shown) => ({ ...shown, degraded }));
  }

  function stop(turnId: string): void {
    deps.client.stopTurn(turnId).catch((error: unknown) => {
      const { live } = store.get();
      // One that has ended meanwhile need not be stopped any more.
      if (live?.turnId === turnId) store.set({ live: { ...live, stopping: false }, fault: faultOf(error) });
    });
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
      let reasoningSince: number | null = null;
      store.set({ live: { key: shown.key, answer, turnId: turnId ?? null, stopping: false } });
      try {
        for await (const event of open({ signal })) {
          if (signal.aborted) return;
          if (event.__typename === 'TurnStarted') {
            onTaken?.();
            begin(event.turn, shown.key);
          } else if (event.__typename === 'TurnRetrieved') retrieved(event, shown.key, answer);
          else if (event.__typename === 'TurnReasoning') {
            reasoningSince ??= performance.now();
            answer.reason(event.text);
          } else if (event.__typename === 'TurnDelta') {
            // What was begun elsewhere, or before a reload, comes all at once: it says nothing of the time.
            if (reasoningSince !== null && !turnId) {
              const reasonedMs = performance.now() - reasoningSince;
              change(shown.key, (message) => ({ ...message, reasonedMs }));
            }
            reasoningSince = null;
            answer.append(event.offset, event.text);
          } else if (isTerminal(event)) replace(shown.key, event.message);
        }
        if (!signal.aborted) leave();
      } catch (error) {
        if (signal.aborted) return;
        const refused = store.get().live?.turnId === null;
        // What has been read of it stays where it is.
        const { content, reasoning } = answer.latest();
        change(shown.key, (message) => ({ ...message, content, reasoning: reasoning || message.reasoning }));
        leave();
        if (refused && onRefused) onRefused(error);
        else store.set({ fault: faultOf(error, { label: texts.sidebar.retry, run: reload }) });
      }
    },
  };
}
