import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { texts } from '../texts/texts.ts';
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

/**
 * The path from the first message to the last, as far as it has been read. All of it is laid out, wherever it is: what is
 * not (`content-visibility`) screen readers are not told of, and the place of what is read would be a guess.
 */
export function MessageList({ thread, model, scroller, onAsk }: MessageListProps) {
  const path = useStore(thread.store, (state) => state.path);
  const live = useStore(thread.store, (state) => state.live);
  const top = useRef<HTMLDivElement>(null);
  const messages = useNewestFirst(path.messages);
  const hasOlder = path.hasOlder && messages.length === path.messages.length;
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
    (message: ThreadMessage, other?: string) => {
      onAsk();
      void thread.regenerate(message, other ?? model);
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

/** More than the tallest window shows. */
const AT_FIRST = 20;
const STEP = 15;
/** Until what has been drawn is painted. */
const PAINTED_MS = 30;

/** A conversation that is opened is there once its end is: the rest of what has been read is drawn above it at once afterwards. */
function useNewestFirst(messages: readonly ThreadMessage[]): readonly ThreadMessage[] {
  const [most, setMost] = useState(AT_FIRST);
  const isOpen = messages.length > 0;
  const isWhole = messages.length <= most;
  useEffect(() => {
    if (!isOpen) return;
    // From then on whatever comes is drawn when it comes.
    if (isWhole) return setMost(Number.POSITIVE_INFINITY);
    const timer = setTimeout(() => setMost(most + STEP), PAINTED_MS);
    return () => clearTimeout(timer);
  }, [isOpen, isWhole, most]);
  return isWhole ? messages : messages.slice(-most);
}

/** What is read stays where it is when earlier messages come in above it. */
function useKeptPlace(scroller: RefObject<HTMLElement | null>, messages: readonly ThreadMessage[]): void {
  const first = messages[0]?.key;
  const shown = useRef(first);
  const before = useRef<{ article: Element; top: number } | null>(null);
  if (shown.current !== first) {
    // Before React changes the page: afterwards nobody can tell.
    const grownAbove = messages.some(({ key }) => key === shown.current);
    const article = grownAbove ? scroller.current?.querySelector('article') : null;
    before.current = article ? { article, top: article.getBoundingClientRect().top } : null;
  }
  useLayoutEffect(() => {
    shown.current = first;
    const element = scroller.current;
    if (element && before.current?.article.isConnected) {
      element.scrollTop += before.current.article.getBoundingClientRect().top - before.current.top;
    }
    before.current = null;
  }, [scroller, first]);
}
