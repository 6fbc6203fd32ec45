import { AppError } from '../../errors.ts';
import type { Citation, Retrieved, TurnFailure, TurnLogWriter } from '../../ports/event-log.ts';
import type {
  ChatMessage,
  GenerationOptions,
  Grounding,
  ModelPart,
  ModelUsage,
  ModelWindow,
} from '../../ports/language-model.ts';
import type { CachedAnswer } from '../../ports/response-cache.ts';
import { isDatabaseDown } from '../../util/database-errors.ts';
import { cut, storable } from '../../util/text.ts';
import { NOTHING_RETRIEVED, stretchesOf } from '../../util/turn-log.ts';
import { unusedNonce } from '../../util/unused-nonce.ts';
import type { GroundRequest } from '../retrieval/retrieval.ts';
import type { SearchScope } from '../retrieval/scope.ts';
import type { Guard } from '../safety/guard.ts';
import type { AnswerCache } from './answer-cache.ts';
import { fitPrompt } from './fit-prompt.ts';
import { groundedPrompt, textsOf } from './grounded-prompt.ts';
import { passageRoom, withinRoom } from './passage-room.ts';
import type { TurnMessages } from './prompt.ts';
import { isSomething } from './retrieved.ts';
import type { RunnableTurn, TurnPrompt } from './start-turn.ts';
import { titleFrom } from './title.ts';
import type { TurnEnd } from './turn-store.ts';

export type RunDependencies = {
  now: () => Date;
  readMessages: (prompt: TurnPrompt) => Promise<TurnMessages>;
  /** Never fails for what is down: `degraded` says so. Throws when `signal` aborts. */
  ground: (request: GroundRequest, signal: AbortSignal) => Promise<Retrieved>;
  storeRetrieved: (turnId: string, retrieved: Retrieved) => Promise<void>;
  createNonce: () => string;
  streamModel: (
    id: string,
    request: { messages: ChatMessage[]; options: GenerationOptions; grounding?: Grounding; signal: AbortSignal },
  ) => AsyncIterable<ModelPart>;
  /** Null: it reads no prompt. */
  windowOf: (model: string) => ModelWindow | null;
  /** Answers where the chosen one's provider is out of order. Null: none does. */
  fallbackModel: string | null;
  /** The tag of the version of a model that is current now. */
  readVersion: (model: string) => Promise<string | null>;
  answers: AnswerCache;
  maxAnswerCharacters: number;
  /** Judges what is asked and what is answered. Null: nothing does. */
  guard: Guard | null;
  /** For failures that are nobody's input. */
  logError: (error: unknown, turnId: string) => void;
};

/** How an answer is looked up. An empty scope: not at all. */
export type TurnRetrieval = { scope: SearchScope; topK: number | null; rerank: boolean | null };

export type TurnJob = {
  turn: RunnableTurn;
  /** Where it was asked from. */
  ip: string | null;
  prompt: TurnPrompt;
  modelVersion: string | null;
  systemPrompt: string | undefined;
  options: GenerationOptions;
  retrieval: TurnRetrieval;
};

/** Why a running turn is aborted, as the signal's reason. */
export type AbortReason = 'stopped' | 'interrupted';

/** What a run has seen; kept outside of it, because it counts however the run ends. */
type Tally = {
  /** The one that answers: the turn's, or the fallback. */
  model: string;
  promptCharacters: number;
  answerCharacters: number;
  firstTokenMs: number | null;
  usage: ModelUsage | null;
  /** The answer came from the cache. */
  cached: boolean;
  /** Told to the log. */
  isRetrieved: boolean;
  /** What could not be stored when it was found. */
  unstored: Retrieved | undefined;
  /** The title that the prompt has made and, since it is blocked, is not to have. */
  withdrawnTitle: string | undefined;
};

/**
 * Makes the answer: appends every part to the log, and says how it ended. Never throws: a failure is an end too, and
 * the text so far is kept.
 */
export async function runTurn(
  deps: RunDependencies,
  job: TurnJob,
  log: TurnLogWriter,
  signal: AbortSignal,
): Promise<TurnEnd> {
  const tally: Tally = {
    model: job.turn.model,
    promptCharacters: 0,
    answerCharacters: 0,
    firstTokenMs: null,
    usage: null,
    cached: false,
    isRetrieved: false,
    unstored: undefined,
    withdrawnTitle: undefined,
  };
  const end = await runToEnd(deps, job, log, signal, tally);
  // Every turn has the event, also one that ended before anything was found.
  if (!tally.isRetrieved) log.retrieved(NOTHING_RETRIEVED, false);
  return {
    ...end,
    ...(tally.unstored && { unstored: tally.unstored }),
    ...(tally.withdrawnTitle && { withdrawnTitle: tally.withdrawnTitle }),
    // One that has not said a word has not answered.
    ...(tally.model !== job.turn.model && tally.firstTokenMs !== null && { model: tally.model }),
  };
}

async function runToEnd(
  deps: RunDependencies,
  job: TurnJob,
  log: TurnLogWriter,
  signal: AbortSignal,
  tally: Tally,
): Promise<TurnEnd> {
  const { turn } = job;
  try {
    const finishReason = await generate(deps, job, log, signal, tally);
    // The refusal has been shown: a stop that comes now comes too late.
    if (finishReason === 'BLOCKED') {
      return { status: 'BLOCKED', finishReason, usage: usage(deps, turn, tally), error: null };
    }
    if (signal.aborted) return aborted(deps, turn, tally, signal.reason);
    return { status: 'COMPLETE', finishReason, usage: usage(deps, turn, tally), error: null };
  } catch (error) {
    if (signal.aborted) return aborted(deps, turn, tally, signal.reason);
    if (!(error instanceof AppError)) deps.logError(error, turn.id);
    return { status: 'FAILED', finishReason: 'ERROR', usage: usage(deps, turn, tally), error: describe(error) };
  }
}

type GeneratedReason = 'STOP' | 'LENGTH' | 'BLOCKED';

async function generate(
  deps: RunDependencies,
  { turn, ip, prompt, modelVersion, systemPrompt, options, retrieval }: TurnJob,
  log: TurnLogWriter,
  signal: AbortSignal,
  tally: Tally,
): Promise<GeneratedReason> {
  log.start();
  const guard = deps.guard?.begin({ id: turn.id, userId: turn.userId, ip });
  const isLookedUp = retrieval.scope.parts.length > 0;
  if (!isLookedUp) tell(NOTHING_RETRIEVED);
  const { history, question } = await deps.readMessages(prompt);
  // Before anything is looked up: that asks models too.
  const asked = { history, question: allThatIsAsked(question, options) };
  if (guard && (await guard.judgePrompt(asked, signal)) === 'blocked') return refusePrompt();
  let grounding: Grounding | undefined;
  if (isLookedUp) {
    const { userId, model } = turn;
    const contextTokens = roomForPassages(model);
    const retrieved = await deps.ground({ userId, question, history, model, contextTokens, ...retrieval }, signal);
    if (isSomething(retrieved)) await store(retrieved);
    tell(retrieved);
    grounding = { question, ...retrieved };
  }
  const { fallbackModel } = deps;
  try {
    return await answerWith(turn.model, modelVersion);
  } catch (error) {
    const hasBegun = tally.firstTokenMs !== null;
    if (hasBegun || signal.aborted || !fallbackModel || fallbackModel === turn.model || !isOutage(error)) throw error;
    tally.model = fallbackModel;
    grounding &&= withinRoom(grounding, roomForPassages(fallbackModel));
    return await answerWith(fallbackModel, await deps.readVersion(fallbackModel));
  }

  async function answerWith(model: string, version: string | null): Promise<GeneratedReason> {
    const window = deps.windowOf(model);
    const parts = { systemPrompt, history, userTurn: userTurn(deps, question, grounding, options) };
    const messages = await fitPrompt(parts, { window, maxTokens: options.maxTokens, signal });
    tally.promptCharacters = messages.reduce((sum, message) => sum + message.content.length, 0);
    if (signal.aborted) return 'STOP';
    // Whoever asks for another answer to the same prompt does not want the same one.
    const before = messages.slice(0, -1);
    const judged = { guard: deps.guard?.key ?? null };
    const request = { model, modelVersion: version, options, before, question, citations: citations(), ...judged };
    const key = prompt.text === null ? null : deps.answers.keyOf(request);
    const known = key && (await deps.answers.find(key));
    if (known && known.content.length + known.reasoning.length <= deps.maxAnswerCharacters) return replay(known);
    return stream(model, messages, key);
  }

  async function stream(model: string, messages: ChatMessage[], key: string | null): Promise<GeneratedReason> {
    // Ends the model call when the answer is long enough, or blocked, apart from a stop by a person.
    const enough = new AbortController();
    const callSignal = AbortSignal.any([signal, enough.signal]);
    const request = { messages, options, signal: callSignal, ...(grounding && { grounding }) };
    const onBlocked = () => enough.abort('blocked');
    const gate = guard?.openGate({ question, show: log.append, onBlocked, signal });
    const show = gate?.take ?? log.append;
    let end: Extract<ModelPart, { type: 'finish' }> | undefined;
    let isCut = false;
    try {
      for await (const part of deps.streamModel(model, request)) {
        if (part.type === 'finish') {
          end = part;
          tally.usage = part.usage;
          break;
        }
        // What arrives together with the stop is not shown any more.
        if (signal.aborted) break;
        tally.firstTokenMs ??= deps.now().getTime() - turn.createdAt.getTime();
        const room = deps.maxAnswerCharacters - tally.answerCharacters;
        const text = cut(storable(part.text), room);
        show(part.type === 'text-delta' ? 'text' : 'reasoning', text);
        tally.answerCharacters += text.length;
        isCut = part.text.length >= room;
        if (isCut) break;
      }
    } catch (error) {
      // What was said before it failed is kept, as far as it may be shown.
      if (gate && (await gate.close()) === 'blocked' && !signal.aborted) return refuse();
      throw error;
    } finally {
      // With a reason: the default one is an error with a stack, made for every turn.
      enough.abort('ended');
    }
    // Once the model call has ended: the guard may need its place.
    const ruling = gate ? await gate.close() : 'safe';
    if (ruling === 'blocked' && !signal.aborted) return refuse();
    const finishReason = end?.reason === 'length' || isCut ? 'LENGTH' : 'STOP';
    if (end && key && !signal.aborted && ruling === 'safe') {
      deps.answers.keep(key, log.text(), { finishReason, usage: end.usage }, citations());
    }
    return finishReason;
  }

  function refusePrompt(): 'BLOCKED' {
    if (prompt.text !== null) tally.withdrawnTitle = titleFrom(question);
    if (!tally.isRetrieved) tell(NOTHING_RETRIEVED);
    return refuse();
  }

  /** What has been shown stays: a stream takes nothing back. */
  function refuse(): 'BLOCKED' {
    const isFirst = log.text().content === '';
    log.append('text', `${isFirst ? '' : '\n\n'}${guard?.refusal() ?? ''}`);
    return 'BLOCKED';
  }

  function replay({ usage, finishReason, ...answer }: CachedAnswer): CachedAnswer['finishReason'] {
    tally.cached = true;
    tally.usage = usage;
    tally.firstTokenMs = deps.now().getTime() - turn.createdAt.getTime();
    for (const { kind, text } of stretchesOf(answer)) log.append(kind, text);
    tally.answerCharacters = answer.content.length + answer.reasoning.length;
    return finishReason;
  }

  function roomForPassages(model: string): number | undefined {
    return passageRoom(deps.windowOf(model), [question, systemPrompt ?? ''], options);
  }

  function citations(): Citation[] {
    return grounding?.citations ?? [];
  }

  function tell(retrieved: Retrieved): void {
    tally.isRetrieved = true;
    log.retrieved(retrieved, isSomething(retrieved));
  }

  /** Where it fails, the end of the turn stores it: the answer does not wait for it. */
  async function store(retrieved: Retrieved): Promise<void> {
    try {
      await deps.storeRetrieved(turn.id, retrieved);
    } catch (error) {
      deps.logError(error, turn.id);
      tally.unstored = retrieved;
    }
  }
}

/** Another provider may well answer. Not so where the request itself, or what it names, is at fault. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  return error.retryable && (error.code === 'PROVIDER_UNAVAILABLE' || error.code === 'RATE_LIMITED');
}

function userTurn(
  deps: RunDependencies,
  question: string,
  grounding: Grounding | undefined,
  options: GenerationOptions,
): string {
  if (!grounding || grounding.citations.length === 0) return question;
  const nonce = unusedNonce(deps.createNonce, textsOf(grounding.citations));
  return groundedPrompt({ ...grounding, nonce, cite: options.jsonSchema === undefined });
}

/** The model reads the descriptions in a JSON Schema like a prompt. */
function allThatIsAsked(question: string, { jsonSchema }: GenerationOptions): string {
  return jsonSchema === undefined ? question : `${question}\n\n${JSON.stringify(jsonSchema)}`;
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
    cached: tally.cached,
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
