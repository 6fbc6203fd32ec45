import type { ChatMessage, ModelWindow } from '../../ports/language-model.ts';
import { shorten } from '../../util/text.ts';
import type { Subject } from './dialect.ts';
import { type AnswerGate, openGate } from './gate.ts';
import type { Judge, Judgement } from './judge.ts';
import type { GuardedTurn, RecordRuling } from './record-ruling.ts';
import type { Ruling, SafetyMode } from './verdict.ts';
import { endOf, piecesOf, sizesIn } from './windows.ts';

export type GuardDependencies = {
  mode: SafetyMode;
  /** Full id of the model that judges. */
  model: string;
  judge: Judge;
  windowOf: (model: string) => ModelWindow | null;
  /** Said in place of what was blocked. */
  refusal: string;
  /** Never rejects. */
  record: RecordRuling;
  warn: (message: string, context: Record<string, unknown>) => void;
};

export type AnswerRequest = {
  question: string;
  show: (kind: 'text' | 'reasoning', text: string) => void;
  /** What is being made is of no use any more. */
  onBlocked: () => void;
  signal: AbortSignal;
};

/** What stands between one turn and its model, and between its answer and its readers. */
export type TurnGuard = {
  /** Throws only when `signal` aborts. */
  judgePrompt(prompt: { history: ChatMessage[]; question: string }, signal: AbortSignal): Promise<Ruling>;
  openGate(request: AnswerRequest): AnswerGate;
  /** What is said in place of what was blocked. */
  refusal(): string;
};

export type Guard = {
  /** All that decides how it judges: an answer that is kept was judged so. */
  readonly key: string;
  begin(turn: GuardedTurn): TurnGuard;
};

/** Counts up when what a guard is told changes. */
const FORMAT = 1;

/** What is said where nobody has found anything wrong with it. */
export const UNCHECKED = 'This could not be checked for safety, so there is no answer. Try again in a moment.';

/** Where what cannot be judged passes: so often a turn waits for a guard that is away, and not for each of its parts. */
const PATIENCE = 2;

/** Messages that a prompt is understood by. */
const CONTEXT_MESSAGES = 4;
/** In UTF-16 units, of the question that an answer is understood by. */
const SHOWN_QUESTION = 1_000;

/** Has a model judge what people ask and what they are answered. */
export function createGuard(deps: GuardDependencies): Guard {
  const { mode, model, judge, record } = deps;
  let isFailing = false;

  function rulingOf({ verdict }: Judgement): Ruling {
    if (verdict === 'safe') return 'safe';
    return mode === 'strict' || verdict === 'unsafe' ? 'blocked' : 'unsure';
  }

  /** Warns once when the guard goes, not for every turn. */
  function watchOver({ verdict, reason }: Judgement): void {
    const fails = verdict === 'unreachable';
    if (fails && !isFailing) {
      const effect = mode === 'strict' ? 'Everything is refused' : 'Nothing is judged';
      deps.warn(`The safety guard does not answer. ${effect} until it does.`, { model, reason });
    }
    isFailing = fails;
  }

  function begin(turn: GuardedTurn): TurnGuard {
    const sizes = sizesIn(deps.windowOf(model)?.tokens ?? null);
    let isUnsure = false;
    let failures = 0;
    let refusal = deps.refusal;

    async function rule(subject: Subject, signal: AbortSignal): Promise<Ruling> {
      if (failures >= PATIENCE) return 'unsure';
      const judgement = await judge(subject, signal);
      const ruling = rulingOf(judgement);
      watchOver(judgement);
      if (ruling === 'unsure' && judgement.verdict === 'unreachable') failures += 1;
      if (ruling === 'blocked' && judgement.verdict === 'unreachable') refusal = UNCHECKED;
      // Of what was let through, once for a turn; a long answer would fill the log.
      if (ruling === 'blocked' || (ruling === 'unsure' && !isUnsure)) {
        await record(turn, { ...judgement, ruling, judged: subject.judged, mode, model });
      }
      isUnsure ||= ruling === 'unsure';
      return ruling;
    }

    return {
      async judgePrompt({ history, question }, signal) {
        const before = contextOf(history, sizes.context);
        let ruling: Ruling = 'safe';
        for (const text of piecesOf(question, sizes.text)) {
          const judged = await rule({ judged: 'input', before, text }, signal);
          if (judged === 'blocked') return judged;
          if (judged === 'unsure') ruling = judged;
        }
        return ruling;
      },
      openGate({ question, show, onBlocked, signal }) {
        const asked = shorten(question, SHOWN_QUESTION);
        return openGate({
          show,
          onBlocked,
          holdsBack: mode === 'strict',
          judge: (before, text, inner) => rule({ judged: 'output', question: asked, before, text }, inner),
          endOf: (text) => endOf(text, sizes.context),
          most: sizes.text,
          signal,
        });
      },
      refusal: () => refusal,
    };
  }

  return { key: JSON.stringify([FORMAT, mode, model]), begin };
}

/** The newest messages, each with its share of the room. */
function contextOf(history: ChatMessage[], tokens: number): ChatMessage[] {
  const newest = history.slice(-CONTEXT_MESSAGES);
  const share = Math.floor(tokens / CONTEXT_MESSAGES);
  return newest.map(({ role, content }) => ({ role, content: endOf(content, share) }));
}
