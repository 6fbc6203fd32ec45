import { AppError } from '../../errors.ts';
import type { GenerationOptions } from '../../ports/language-model.ts';
import { withDeadline } from '../../util/deadline.ts';
import { unusedNonce } from '../../util/unused-nonce.ts';
import type { Complete } from '../retrieval/complete.ts';
import { dialectOf, guardMessages, type Subject, textsOf } from './dialect.ts';
import { readVerdict, type SafetyMode, type Verdict } from './verdict.ts';

export type Judgement = {
  verdict: Verdict | 'unreachable';
  categories: string | null;
  /** Why it could not be had, for the operator. */
  reason: string | null;
};

/** Throws only when `signal` aborts. */
export type Judge = (subject: Subject, signal: AbortSignal) => Promise<Judgement>;

export type JudgeDependencies = {
  mode: SafetyMode;
  /** Full id. */
  model: string;
  complete: Complete;
  createNonce: () => string;
  /** For one judgement, its wait for a place included. */
  deadlineMs: number;
};

/** A verdict is a word or two; one that thinks aloud first has some room for it. */
const MOST_CHARACTERS = 8_000;

/** Asks the guard's model. */
export function createJudge({ mode, model, complete, createNonce, deadlineMs }: JudgeDependencies): Judge {
  const dialect = dialectOf(model);
  // The same text has the same verdict, where the model can do that.
  let options: GenerationOptions = { temperature: 0 };

  return async (subject, signal) => {
    const messages = guardMessages(dialect, subject, unusedNonce(createNonce, textsOf(subject)));
    const ask = (inner: AbortSignal, chosen: GenerationOptions) =>
      complete(model, { messages, options: chosen, maxCharacters: MOST_CHARACTERS, signal: inner });
    try {
      const answer = await withDeadline(deadlineMs, signal, async (inner) => {
        try {
          return await ask(inner, options);
        } catch (error) {
          if (options.temperature === undefined || !isRefused(error)) throw error;
          // Some models take no temperature but their own.
          const said = await ask(inner, {});
          options = {};
          return said;
        }
      });
      return { ...readVerdict(mode, answer, dialect.form), reason: null };
    } catch (error) {
      signal.throwIfAborted();
      // Its provider has a filter of its own, which would not even let the guard read it.
      if (error instanceof AppError && error.code === 'BLOCKED') {
        return { verdict: 'unsafe', categories: null, reason: "The filter of the guard's provider refused it." };
      }
      return {
        verdict: 'unreachable',
        categories: null,
        reason: error instanceof Error ? error.message : String(error),
      };
    }
  };
}

function isRefused(error: unknown): boolean {
  return error instanceof AppError && error.code === 'BAD_USER_INPUT';
}
