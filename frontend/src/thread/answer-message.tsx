import type { Rating } from '@colloquy/sdk';
import { memo } from 'react';
import { Cited } from '../citations/cited.tsx';
import { DegradedNote } from '../citations/degraded-note.tsx';
import { SourceList } from '../citations/source-list.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { texts } from '../texts.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import styles from './answer-message.module.css';
import { AnswerState } from './answer-state.tsx';
import { BranchSwitch } from './branch-switch.tsx';
import type { LiveAnswer } from './live-answer.ts';
import { LiveAnswerText } from './live-answer-text.tsx';
import { Reasoning } from './reasoning.tsx';
import type { ThreadMessage } from './thread-message.ts';

type AnswerMessageProps = {
  message: ThreadMessage;
  /** While it is being made. */
  live: LiveAnswer | null;
  isBusy: boolean;
  isLast: boolean;
  onRegenerate: (message: ThreadMessage) => void;
  onGoOn: () => void;
  onRate: (message: ThreadMessage, rating: Rating | null) => void;
  onSwitch: (id: string) => void;
};

/** What a model has said, or is saying. */
export const AnswerMessage = memo(function AnswerMessage(props: AnswerMessageProps) {
  const { message, live, isBusy, isLast, onRegenerate, onGoOn, onRate, onSwitch } = props;
  return (
    <article className={styles.answer} aria-label={texts.thread.assistant} aria-busy={live !== null}>
      <DegradedNote text={message.degraded} />
      {live ? (
        <LiveAnswerText owner={message.key} answer={live} />
      ) : (
        <>
          {message.reasoning && <Reasoning text={message.reasoning} isRunning={false} />}
          <Cited owner={message.key} citations={message.citations}>
            <Markdown text={message.content} />
            <AnswerState
              message={message}
              isBusy={isBusy}
              isLast={isLast}
              onRegenerate={onRegenerate}
              onGoOn={onGoOn}
            />
            <SourceList text={message.content} />
          </Cited>
        </>
      )}
      <div className={styles.actions} data-last={isLast || undefined}>
        <BranchSwitch message={message} isDisabled={isBusy} onSwitch={onSwitch} />
        {!live && (
          <span className={styles.quiet}>
            <CopyButton label={texts.message.copy} text={() => message.content} />
            <IconButton
              icon="regenerate"
              label={texts.message.regenerate}
              size={16}
              disabled={isBusy}
              onClick={() => onRegenerate(message)}
            />
            {(['UP', 'DOWN'] as const).map((rating) => (
              <IconButton
                key={rating}
                icon={rating === 'UP' ? 'thumbUp' : 'thumbDown'}
                label={rating === 'UP' ? texts.message.good : texts.message.bad}
                size={16}
                aria-pressed={message.feedback?.rating === rating}
                onClick={() => onRate(message, message.feedback?.rating === rating ? null : rating)}
              />
            ))}
            <small title={message.usage ? usageOf(message.usage) : undefined}>{nameOf(message.model)}</small>
          </span>
        )}
      </div>
    </article>
  );
});

function usageOf({ totalTokens, durationMs }: NonNullable<ThreadMessage['usage']>): string {
  return texts.message.usage(totalTokens, (durationMs / 1000).toFixed(1));
}

function nameOf(model: string | null): string {
  return model?.slice(model.indexOf('/') + 1) ?? '';
}
