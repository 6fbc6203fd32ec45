import { type ReactNode, useSyncExternalStore } from 'react';
import { Cited } from '../citations/cited.tsx';
import { GuardedMarkdown } from '../markdown/guarded-markdown.tsx';
import { texts } from '../texts/texts.ts';
import styles from './answer-text.module.css';
import type { LiveAnswer } from './live-answer.ts';
import { Reasoning } from './reasoning.tsx';
import type { ThreadMessage } from './thread-message.ts';

type AnswerTextProps = {
  message: ThreadMessage;
  /** While it is being made: then this is the one part of the page that is drawn for every frame. */
  live: LiveAnswer | null;
  /** What stands below an answer that has ended. */
  children: ReactNode;
};

/** The text of an answer. It stays the same elements when the answer ends: nothing is drawn anew then. */
export function AnswerText({ message, live, children }: AnswerTextProps) {
  const state = useSyncExternalStore(live?.store.subscribe ?? NEVER, () => live?.store.get() ?? null);
  const { reasoning, citations, content } = state ?? message;
  const phase = state?.phase ?? null;
  return (
    <>
      {reasoning && (
        <Reasoning text={reasoning} isRunning={phase === 'reasoning'} milliseconds={live ? null : message.reasonedMs} />
      )}
      {phase === 'waiting' && (
        <p className={styles.waiting}>
          <span className="visually-hidden">{texts.thread.waiting}</span>
          <i />
          <i />
          <i />
          {citations.length > 0 && <small>{texts.sources.found(citations.length)}</small>}
        </p>
      )}
      <Cited owner={message.key} citations={citations}>
        {(content || !live) && <GuardedMarkdown text={content} streaming={live !== null} />}
        {!live && children}
      </Cited>
    </>
  );
}

const NEVER = () => () => {};
