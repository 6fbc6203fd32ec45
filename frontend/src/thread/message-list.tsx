import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { texts } from '../texts.ts';
import { useStore } from '../util/store.ts';
import { AnswerMessage } from './answer-message.tsx';
import styles from './message-list.module.css';
import { PromptMessage } from './prompt-message.tsx';
import type { Thread } from './thread.ts';
import type { ThreadMessage } from './thread-message.ts';

type MessageListProps = {
  thread: Thread;
  model: string | null;
  scroller: RefObject<HTMLElement | null>;
  /** Something new is asked: its place is at the end. */
  onAsk: () => void;
};

/** The path from the first message to the last, as far as it has been read. */
export function MessageList({ thread, model, scroller, onAsk }: MessageListProps) {
  const path = useStore(thread.store, (state) => state.path);
  const live = useStore(thread.store, (state) => state.live);
  const top = useRef<HTMLDivElement>(null);
  const { messages, hasOlder } = path;
  const first = messages[0]?.key;
  const isBusy = live !== null;

  useEffect(() => {
    const element = top.current;
    if (!element || !hasOlder) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) void thread.loadOlder();
      },
      { root: scroller.current, rootMargin: '300px 0px' },
    );
    // Anew for every page: an end that stays in view is not told again.
    if (first) observer.observe(element);
    return () => observer.disconnect();
  }, [thread, scroller, hasOlder, first]);

  useKeptPlace(scroller, messages);

  const edit = useCallback(
    (message: ThreadMessage, text: string) => {
      onAsk();
      void thread.edit(message, text, model);
    },
    [thread, model, onAsk],
  );
  const regenerate = useCallback(
    (message: ThreadMessage) => {
      onAsk();
      void thread.regenerate(message, model);
    },
    [thread, model, onAsk],
  );
  const goOn = useCallback(() => {
    onAsk();
    void thread.goOn(model);
  }, [thread, model, onAsk]);
  const switchTo = useCallback((id: string) => void thread.showBranch(id), [thread]);

  return (
    <>
      {hasOlder && (
        <div ref={top} className={styles.older}>
          <button type="button" onClick={() => void thread.loadOlder()}>
            {texts.thread.older}
          </button>
        </div>
      )}
      {messages.map((message, index) =>
        message.role === 'ASSISTANT' ? (
          <AnswerMessage
            key={message.key}
            message={message}
            live={live?.key === message.key ? live.answer : null}
            isBusy={isBusy}
            isLast={index === messages.length - 1}
            onRegenerate={regenerate}
            onGoOn={goOn}
            onRate={thread.rate}
            onSwitch={switchTo}
          />
        ) : (
          <PromptMessage
            key={message.key}
            message={message}
            isBusy={isBusy}
            isUnanswered={index === messages.length - 1}
            onEdit={edit}
            onAnswer={regenerate}
            onSwitch={switchTo}
          />
        ),
      )}
    </>
  );
}

/** What is read stays where it is when earlier messages come in above it. */
function useKeptPlace(scroller: RefObject<HTMLElement | null>, messages: readonly ThreadMessage[]): void {
  const before = useRef<{ first: string | undefined; height: number }>({ first: undefined, height: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const { first, height } = before.current;
    const grownAbove = first !== undefined && messages.findIndex(({ key }) => key === first) > 0;
    if (grownAbove) element.scrollTop += element.scrollHeight - height;
    before.current = { first: messages[0]?.key, height: element.scrollHeight };
  });
}
