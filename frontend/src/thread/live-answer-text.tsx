import { Cited } from '../citations/cited.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { texts } from '../texts.ts';
import { useStore } from '../util/store.ts';
import type { LiveAnswer } from './live-answer.ts';
import styles from './live-answer-text.module.css';
import { Reasoning } from './reasoning.tsx';

/** The text of an answer that is being made: the one part of the page that is drawn for every frame. */
export function LiveAnswerText({ owner, answer }: { owner: string; answer: LiveAnswer }) {
  const { content, reasoning, phase, citations } = useStore(answer.store, (state) => state);
  return (
    <>
      {reasoning && <Reasoning text={reasoning} isRunning={phase === 'reasoning'} />}
      {phase === 'waiting' && (
        <p className={styles.waiting}>
          <span className="visually-hidden">{texts.thread.waiting}</span>
          <i />
          <i />
          <i />
          {citations.length > 0 && <small>{texts.sources.found(citations.length)}</small>}
        </p>
      )}
      {content && (
        <Cited owner={owner} citations={citations}>
          <Markdown text={content} streaming />
        </Cited>
      )}
    </>
  );
}
