import { AppError } from '../../errors.ts';
import type { TurnFailure, TurnLogWriter } from '../../ports/event-log.ts';
import type { ChatMessage, GenerationOptions, ModelPart, ModelUsage } from '../../ports/language-model.ts';
import { isDatabaseDown } from '../../util/database-errors.ts';
import { cut, storable } from '../../util/text.ts';
import type { RunnableTurn, TurnPrompt } from './start-turn.ts';
import type { TurnEnd } from './turn-store.ts';

export type RunDependencies = {
  now: () => Date;
  buildPrompt: (prompt: TurnPrompt) => Promise<ChatMessage[]>;
  streamModel: (
    id: string,
    request: { messages: ChatMessage[]; options: GenerationOptions; signal: AbortSignal },
  ) => AsyncIterable<ModelPart>;
  maxAnswerCharacters: number;
  /** For failures that are nobody's input. */
  logError: (error: unknown, turnId: string) => void;
};

export type TurnJob = { turn: RunnableTurn; prompt: TurnPrompt; options: GenerationOptions };

/** Why a running turn is aborted, as the signal's reason. */
export type AbortReason = 'stopped' | 'interrupted';

/** What a run has seen; kept outside of it, because it counts however the run ends. */
type Tally = {
  promptCharacters: number;
  answerCharacters: number;
  firstTokenMs: number | null;
  usage: ModelUsage | null;
};

/**
 * Makes the answer: appends every part to the log, and says how it ended. Never throws: a failure is an end too, and
 * the text so far is kept.
 */
export async function runTurn(
  deps: RunDependencies,
  { turn, prompt, options }: TurnJob,
  log: TurnLogWriter,
  signal: AbortSignal,
): Promise<TurnEnd> {
  const tally: Tally = { promptCharacters: 0, answerCharacters: 0, firstTokenMs: null, usage: null };
  try {
    const finishReason = await generate(deps, { turn, prompt, options }, log, signal, tally);
    if (signal.aborted) return aborted(deps, turn, tally, signal.reason);
    return { status: 'COMPLETE', finishReason, usage: usage(deps, turn, tally), error: null };
  } catch (error) {
    if (signal.aborted) return aborted(deps, turn, tally, signal.reason);
    if (!(error instanceof AppError)) deps.logError(error, turn.id);
    return { status: 'FAILED', finishReason: 'ERROR', usage: usage(deps, turn, tally), error: describe(error) };
  }
}

async function generate(
  deps: RunDependencies,
  { turn, prompt, options }: TurnJob,
  log: TurnLogWriter,
  signal: AbortSignal,
  tally: Tally,
): Promise<'STOP' | 'LENGTH'> {
  log.start();
  log.retrieved({ citations: [], degraded: null });
  const messages = await deps.buildPrompt(prompt);
  tally.promptCharacters = messages.reduce((sum, message) => sum + message.content.length, 0);
  if (signal.aborted) return 'STOP';
  // Ends the model call when the answer is long enough, apart from a stop by a person.
  const enough = new AbortController();
  const callSignal = AbortSignal.any([signal, enough.signal]);
  try {
    for await (const part of deps.streamModel(turn.model, { messages, options, signal: callSignal })) {
      if (part.type === 'finish') {
        tally.usage = part.usage;
        return part.reason === 'length' ? 'LENGTH' : 'STOP';
      }
      // What arrives together with the stop is not shown any more.
      if (signal.aborted) break;
      tally.firstTokenMs ??= deps.now().getTime() - turn.createdAt.getTime();
      const room = deps.maxAnswerCharacters - tally.answerCharacters;
      const text = cut(storable(part.text), room);
      log.append(part.type === 'text-delta' ? 'text' : 'reasoning', text);
      tally.answerCharacters += text.length;
      if (part.text.length >= room) return 'LENGTH';
    }
    return 'STOP';
  } finally {
    // With a reason: the default one is an error with a stack, made for every turn.
    enough.abort('ended');
  }
}

function aborted(deps: RunDependencies, turn: RunnableTurn, tally: Tally, reason: AbortReason): TurnEnd {
  const counted = usage(deps, turn, tally);
  if (reason === 'interrupted')
    return { status: 'INTERRUPTED', finishReason: 'ERROR', usage: counted, error: INTERRUPTION };
  return { status: 'STOPPED', finishReason: 'STOPPED', usage: counted, error: null };
}

export const INTERRUPTION: TurnFailure = {
  code: 'UNAVAILABLE',
  message:
    'The server stopped while it was writing this answer. What it had written is kept; regenerate it for a whole one.',
  retryable: true,
};

/** Providers that do not count are estimated at four characters a token. */
const CHARACTERS_PER_TOKEN = 4;

function usage(deps: RunDependencies, turn: RunnableTurn, tally: Tally) {
  return {
    promptTokens: whole(tally.usage?.promptTokens ?? tally.promptCharacters / CHARACTERS_PER_TOKEN),
    completionTokens: whole(tally.usage?.completionTokens ?? tally.answerCharacters / CHARACTERS_PER_TOKEN),
    firstTokenMs: tally.firstTokenMs === null ? null : whole(tally.firstTokenMs),
    durationMs: whole(deps.now().getTime() - turn.createdAt.getTime()),
    cached: false,
  };
}

/** As the database and the graph can hold it: a provider may count anything, and the clock may be set meanwhile. */
function whole(count: number): number {
  return Math.min(Math.max(Math.ceil(count), 0), 2_147_483_647);
}

function describe(error: unknown): TurnFailure {
  if (error instanceof AppError) return { code: error.code, message: error.message, retryable: error.retryable };
  if (isDatabaseDown(error)) {
    return { code: 'UNAVAILABLE', message: 'The database does not answer. Try again in a moment.', retryable: true };
  }
  return {
    code: 'INTERNAL',
    message: 'Something went wrong on the server. The fault has been logged.',
    retryable: true,
  };
}
