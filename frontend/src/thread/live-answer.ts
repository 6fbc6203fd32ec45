import type { Citation } from '../citations/sources.ts';
import { createStore } from '../util/store.ts';
import { createPace, type PaceClock } from './pace.ts';

/** An answer that is being made. */
export type LiveState = {
  content: string;
  reasoning: string;
  phase: 'waiting' | 'reasoning' | 'answering';
  citations: readonly Citation[];
};

const clock: PaceClock = {
  now: () => performance.now(),
  beforeFrame(call) {
    const frame = requestAnimationFrame(call);
    return () => cancelAnimationFrame(frame);
  },
  // From within a frame a timer waits for its layout and its painting.
  afterFrame: (call) => clock.later(call, 0),
  later(call, milliseconds) {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

/**
 * Collects the pieces of an answer and shows them at the pace of the page, however many come. A hidden page has no
 * frames and shows nothing until it is looked at.
 */
export function createLiveAnswer(content: string, citations: readonly Citation[]) {
  const phase = content ? 'answering' : 'waiting';
  const store = createStore<LiveState>({ content, reasoning: '', phase, citations });
  let next = store.get();
  const pace = createPace(() => store.set(next), clock);

  function change(changes: Partial<LiveState>): void {
    next = { ...next, ...changes };
    pace.request();
  }

  return {
    store,
    /** As far as it has come, also what has not been shown yet. */
    latest: (): LiveState => next,
    /** `offset` is where the text begins in the answer: what is known already, after a reload, comes again. */
    append(offset: number, text: string): void {
      const isKnown = offset + text.length <= next.content.length;
      if (isKnown && next.phase === 'answering') return;
      change({ ...(!isKnown && { content: next.content.slice(0, offset) + text }), phase: 'answering' });
    },
    retrieved(citations: readonly Citation[]): void {
      change({ citations });
    },
    reason(text: string): void {
      change({ reasoning: next.reasoning + text, phase: 'reasoning' });
    },
    dispose: pace.stop,
  };
}

export type LiveAnswer = ReturnType<typeof createLiveAnswer>;
