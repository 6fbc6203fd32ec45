import type { Rating } from '@colloquy/sdk';
import { Suspense, useRef, useState } from 'react';
import { FaultBoundary } from '../app/fault-boundary.tsx';
import { texts } from '../texts/texts.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { lazyPart } from '../util/lazy-part.ts';
import styles from './answer-actions.module.css';
import { AnswerDetails } from './answer-details.tsx';
import { BranchSwitch } from './branch-switch.tsx';
import { ModelPopover } from './model-popover.tsx';
import type { ThreadMessage } from './thread-message.ts';

/** Most answers are not commented on. */
const FeedbackForm = lazyPart(async () => (await import('./feedback-form.tsx')).FeedbackForm);

const RATINGS = ['UP', 'DOWN'] as const;

export type AnswerActionsProps = {
  message: ThreadMessage;
  /** It is being made. */
  isLive: boolean;
  isBusy: boolean;
  isLast: boolean;
  /** `model`: another than the one that is chosen. */
  onRegenerate: (message: ThreadMessage, model?: string) => void;
  /** Whether the server has it. */
  onRate: (message: ThreadMessage, rating: Rating | null, comment?: string | null) => Promise<boolean>;
  onSwitch: (id: string) => void;
};

/** What can be done with an answer, and what is known of it. */
export function AnswerActions(props: AnswerActionsProps) {
  const { message, isLive, isBusy, isLast, onRegenerate, onRate, onSwitch } = props;
  const { feedback } = message;
  const [isCommenting, setCommenting] = useState(false);
  const thumbs = useRef<HTMLSpanElement>(null);
  const words = texts.message;

  function rate(rating: Rating) {
    const isBack = feedback?.rating === rating;
    setCommenting(!isBack);
    void onRate(message, isBack ? null : rating);
  }

  function endComment() {
    setCommenting(false);
    thumbs.current?.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
  }

  return (
    <>
      <div className={styles.actions} data-last={isLast || undefined} data-rated={feedback !== null || undefined}>
        <BranchSwitch message={message} isDisabled={isBusy} onSwitch={onSwitch} />
        {!isLive && (
          <span className={styles.quiet}>
            <CopyButton label={words.copy} text={() => message.content} />
            <span className={styles.again}>
              <IconButton
                icon="regenerate"
                label={words.regenerate}
                size={16}
                disabled={isBusy}
                onClick={() => onRegenerate(message)}
              />
              <ModelPopover
                label={words.regenerateWith}
                shown={message.model}
                onChoose={(model) => onRegenerate(message, model)}
                trigger={(trigger) => (
                  <IconButton
                    {...trigger}
                    icon="unfold"
                    label={words.regenerateWith}
                    size={12}
                    disabled={isBusy}
                    className={styles.with}
                  />
                )}
              />
            </span>
            <span ref={thumbs} className={styles.thumbs}>
              {RATINGS.map((rating) => (
                <IconButton
                  key={rating}
                  icon={rating === 'UP' ? 'thumbUp' : 'thumbDown'}
                  label={rating === 'UP' ? words.good : words.bad}
                  size={16}
                  aria-pressed={feedback?.rating === rating}
                  onClick={() => rate(rating)}
                />
              ))}
            </span>
            <AnswerDetails message={message} />
          </span>
        )}
      </div>
      {feedback && isCommenting && (
        <FaultBoundary isPart>
          <Suspense>
            <FeedbackForm
              key={feedback.rating}
              rating={feedback.rating}
              comment={feedback.comment}
              onClose={endComment}
              onSave={async (comment) => {
                const isSaved = await onRate(message, feedback.rating, comment);
                if (isSaved) endComment();
                return isSaved;
              }}
            />
          </Suspense>
        </FaultBoundary>
      )}
      {feedback?.comment && !isCommenting && (
        <div className={styles.comment}>
          <p dir="auto">{feedback.comment}</p>
          <IconButton icon="edit" label={texts.feedback.edit} size={14} onClick={() => setCommenting(true)} />
        </div>
      )}
    </>
  );
}
