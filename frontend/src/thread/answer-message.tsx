import { memo } from 'react';
import { DegradedNote } from '../citations/degraded-note.tsx';
import { SourceList } from '../citations/source-list.tsx';
import { texts } from '../texts/texts.ts';
import { AnswerActions, type AnswerActionsProps } from './answer-actions.tsx';
import styles from './answer-message.module.css';
import { AnswerState } from './answer-state.tsx';
import { AnswerText } from './answer-text.tsx';
import type { LiveAnswer } from './live-answer.ts';

type AnswerMessageProps = Omit<AnswerActionsProps, 'isLive'> & {
  /** While it is being made. */
  live: LiveAnswer | null;
  onGoOn: () => void;
};

/** What a model has said, or is saying. */
export const AnswerMessage = memo(function AnswerMessage(props: AnswerMessageProps) {
  const { live, onGoOn, ...actions } = props;
  const { message, isBusy, isLast, onRegenerate } = actions;
  return (
    <article className={styles.answer} aria-label={texts.thread.assistant} aria-busy={live !== null}>
      <DegradedNote text={message.degraded} />
      <AnswerText message={message} live={live}>
        <AnswerState message={message} isBusy={isBusy} isLast={isLast} onRegenerate={onRegenerate} onGoOn={onGoOn} />
        <SourceList text={message.content} />
      </AnswerText>
      <AnswerActions {...actions} isLive={live !== null} />
    </article>
  );
});
