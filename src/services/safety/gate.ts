import type { Ruling } from './verdict.ts';
import { windowLength } from './windows.ts';

type Kind = 'text' | 'reasoning';
type Stretch = { kind: Kind; text: string };

export type GateOptions = {
  /** Shows what is to be shown, in order. */
  show: (kind: Kind, text: string) => void;
  /** Nothing more will be shown: what is being made is of no use. Called once, before `close` resolves. */
  onBlocked: () => void;
  /** strict: what is not judged yet is not shown. Else it is shown at once and judged behind. */
  holdsBack: boolean;
  /** Never throws but when `signal` aborts. `before` was judged. */
  judge: (before: string, text: string, signal: AbortSignal) => Promise<Ruling>;
  /** The end of a text, as much of it as a judgement is told. */
  endOf: (text: string) => string;
  /** Tokens of one judgement. */
  most: number;
  signal: AbortSignal;
};

/** The way of one answer to its readers. */
export type AnswerGate = {
  /** What the model has said, as it comes. Never waits: the judgements run beside. */
  take(kind: Kind, text: string): void;
  /**
   * No more comes. Resolves when all is judged, and shown as far as it is to be, or at once when the turn is aborted: what
   * is held back then is shown to nobody. Never throws.
   */
  close(): Promise<Ruling>;
};

/** UTF-16 units of the first window: the first words come soon. Each that follows is twice as long, to the largest. */
const FIRST_WINDOW = 60;
const LARGEST_WINDOW = 1_200;

/**
 * Judges an answer in windows, one at a time: whatever has come while one was judged is the next, so a slow guard is asked
 * less often, not later and later. Reasoning is judged as well, in the order in which it came.
 */
export function openGate(options: GateOptions): AnswerGate {
  const { show, holdsBack, signal } = options;
  let waiting: Stretch[] = [];
  let waitingLength = 0;
  let wanted = FIRST_WINDOW;
  let before = '';
  let isClosing = false;
  let working: Promise<void> | null = null;
  let ruling: Ruling = 'safe';

  function take(kind: Kind, text: string): void {
    if (ruling === 'blocked' || text === '') return;
    if (!holdsBack) show(kind, text);
    const last = waiting.at(-1);
    if (last?.kind === kind) last.text += text;
    else waiting.push({ kind, text });
    waitingLength += text.length;
    if (!working && waitingLength >= wanted) work();
  }

  function work(): void {
    const done = judgeWaiting().finally(() => {
      if (working === done) working = null;
    });
    // Nobody may be waiting for it when the turn is aborted.
    done.catch(() => {});
    working = done;
  }

  async function judgeWaiting(): Promise<void> {
    while (!signal.aborted) {
      const text = waiting.map((stretch) => stretch.text).join('');
      const length = windowLength(text, { wanted, most: options.most, isLast: isClosing });
      if (length === 0) return;
      const window = text.slice(0, length);
      const stretches = takeWaiting(length);
      wanted = Math.min(wanted * 2, LARGEST_WINDOW);
      const judged = await options.judge(before, window, signal);
      if (signal.aborted) return;
      if (judged === 'blocked') return block();
      if (judged === 'unsure') ruling = 'unsure';
      if (holdsBack) for (const stretch of stretches) show(stretch.kind, stretch.text);
      before = options.endOf(before + window);
    }
  }

  function takeWaiting(length: number): Stretch[] {
    const taken: Stretch[] = [];
    let left = length;
    while (left > 0) {
      const stretch = waiting[0];
      if (!stretch) break;
      const text = stretch.text.slice(0, left);
      left -= text.length;
      taken.push({ kind: stretch.kind, text });
      if (text.length === stretch.text.length) waiting.shift();
      else stretch.text = stretch.text.slice(text.length);
    }
    waitingLength -= length;
    return taken;
  }

  function block(): void {
    ruling = 'blocked';
    waiting = [];
    waitingLength = 0;
    options.onBlocked();
  }

  async function close(): Promise<Ruling> {
    isClosing = true;
    // A judgement that is under way goes on with the rest; one that has just found nothing to do has not seen the end.
    while (ruling !== 'blocked' && waitingLength > 0 && !signal.aborted) {
      if (!working) work();
      await settled(working);
    }
    await settled(working);
    return ruling;
  }

  return { take, close };
}

/** Its only failure is the abort of the turn, which whoever waits looks at himself. */
async function settled(work: Promise<void> | null): Promise<void> {
  await work?.catch(() => {});
}
