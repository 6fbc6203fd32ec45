import { AppError } from '../../errors.ts';
import type { Passage, Retrieved } from '../../ports/event-log.ts';
import type { ChatMessage, ModelWindow } from '../../ports/language-model.ts';
import { readModelId } from '../../util/model-id.ts';
import { type FoundChunk, readBeginnings, readChunks } from './chunks.ts';
import { createComplete, type StreamModel } from './complete.ts';
import { passageOf, passagesWithin } from './context.ts';
import { describeFaults, joinSentences, NOT_RERANKED, NOT_SEARCHED } from './degraded.ts';
import { type Candidate, fuse } from './fusion.ts';
import { createLegs, type LegDependencies } from './legs.ts';
import { relevantOf } from './relevance.ts';
import { type Judge, RERANK_CANDIDATES, rerank } from './rerank.ts';
import { rewrite, standsAlone, withQuestionBefore } from './rewrite.ts';
import { readScope, type ScopeRequest, type SearchScope } from './scope.ts';
import { isSmallTalk } from './small-talk.ts';

export type RetrievalSettings = {
  /** Passages of an answer, where the client does not say; with reranking, those that are kept. */
  topK: number;
  rerankTopN: number;
  /** Most that passages may take of a prompt. */
  contextTokens: number;
  rewrite: boolean;
  rerank: boolean;
  /** Null: the model that answers. */
  rerankModel: string | null;
};

export type RetrievalDependencies = LegDependencies & {
  streamModel: StreamModel;
  windowOf: (model: string) => ModelWindow | null;
  /** How well each text answers the question, from 0 to 1, by a model that judges. */
  judge: Judge;
  /** The full id of the model that answers where nobody says. */
  defaultModel: () => Promise<string>;
  settings: RetrievalSettings;
  deadlines?: { rewriteMs?: number; rerankMs?: number };
  logError: (error: unknown, context: Record<string, unknown>) => void;
};

export type SearchRequest = ScopeRequest & { text: string; limit: number; rerank: boolean | null };

export type GroundRequest = {
  userId: string;
  scope: SearchScope;
  question: string;
  /** Before the question, oldest first. */
  history: ChatMessage[];
  /** The model that answers. */
  model: string;
  topK: number | null;
  rerank: boolean | null;
  /** Most that passages may take of the prompt, where that is less than usual. */
  contextTokens?: number | undefined;
};

export type Retrieval = ReturnType<typeof createRetrieval>;

type Looked = { candidates: Candidate[]; degraded: string | null; searched: boolean };

const REWRITE_MS = 6_000;
const RERANK_MS = 20_000;
/** Of a longer text the beginning and the end are looked up: there people say what they want. */
const LONGEST_QUERY = 4_000;

/** Finds what of a user's files belongs to a question. */
export function createRetrieval(deps: RetrievalDependencies) {
  const { sql, settings } = deps;
  const legs = createLegs(deps);
  const complete = createComplete(deps.streamModel);

  async function look(scope: SearchScope, text: string, signal: AbortSignal): Promise<Looked> {
    const { lists, faults } = await legs.find(scope, queryOf(text), signal);
    for (const fault of faults) {
      if (fault.leg !== 'unknown-model') deps.logError(fault.error, { during: 'retrieval', leg: fault.leg });
    }
    const searched = lists.length > 0;
    return { candidates: fuse(lists), degraded: describeFaults(faults, searched), searched };
  }

  /** The chunks in the order that a model gives them; as they are, with a sentence, where none does. */
  async function reranked(
    chunks: FoundChunk[],
    question: string,
    model: string | null,
    signal: AbortSignal,
  ): Promise<{ chunks: FoundChunk[]; degraded: string | null }> {
    if (chunks.length < 2) return { chunks, degraded: null };
    if (!model || !isRealModel(model)) return { chunks, degraded: NOT_RERANKED };
    try {
      const deadlineMs = deps.deadlines?.rerankMs ?? RERANK_MS;
      const windowTokens = deps.windowOf(model)?.tokens ?? null;
      const options = { model, question, deadlineMs, signal, windowTokens };
      return { chunks: await rerank({ complete, judge: deps.judge }, chunks, options), degraded: null };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) deps.logError(error, { during: 'rerank' });
      return { chunks, degraded: NOT_RERANKED };
    }
  }

  /**
   * The best chunks, best first. Throws NOT_FOUND for files and collections that the user may not search, UNAVAILABLE
   * when no leg answers.
   */
  async function search(userId: string, request: SearchRequest, outer?: AbortSignal): Promise<Passage[]> {
    const signal = outer ?? new AbortController().signal;
    try {
      return await searchWith(userId, request, signal);
    } catch (error) {
      // Whoever asked has left: nobody's fault.
      if (signal.aborted) throw unavailable('The search was given up.');
      throw error;
    }
  }

  async function searchWith(userId: string, request: SearchRequest, signal: AbortSignal): Promise<Passage[]> {
    const scope = await readScope(sql, userId, request);
    if (scope.parts.length === 0) return [];
    const { candidates, searched } = await look(scope, request.text, signal);
    if (!searched) throw unavailable('The search does not answer. Try again in a moment.');
    const wantsOrder = request.rerank ?? settings.rerank;
    const wanted = wantsOrder ? Math.max(request.limit, RERANK_CANDIDATES) : request.limit;
    const chunks = await readChunks(sql, userId, candidates, wanted);
    if (!wantsOrder) return chunks.map(passageOf);
    const model = settings.rerankModel ?? (await deps.defaultModel());
    const ordered = await reranked(chunks, request.text, model, signal);
    return ordered.chunks.slice(0, request.limit).map(passageOf);
  }

  /** The question in words that can be looked up without what was said before. */
  async function queryFor({ question, history, model }: GroundRequest, signal: AbortSignal): Promise<string> {
    if (history.length === 0 || standsAlone(question)) return question;
    if (!settings.rewrite || !isRealModel(model)) return withQuestionBefore(history, question);
    try {
      const deadlineMs = deps.deadlines?.rewriteMs ?? REWRITE_MS;
      return await rewrite(complete, { model, history, question, deadlineMs, signal });
    } catch {
      // The turn's own call tells of a model that is down; one that cannot rewrite is no fault.
      signal.throwIfAborted();
      return withQuestionBefore(history, question);
    }
  }

  /**
   * What an answer is to be made from. Never fails for what is down: `degraded` says so. Only an abort of `signal`
   * throws.
   */
  async function ground(request: GroundRequest, signal: AbortSignal): Promise<Retrieved> {
    if (request.scope.parts.length === 0 || isSmallTalk(request.question)) return { citations: [], degraded: null };
    try {
      return await passagesFor(request, signal);
    } catch (error) {
      signal.throwIfAborted();
      deps.logError(error, { during: 'retrieval' });
      return { citations: [], degraded: NOT_SEARCHED };
    }
  }

  async function passagesFor(request: GroundRequest, signal: AbortSignal): Promise<Retrieved> {
    const { userId, scope, model } = request;
    const query = await queryFor(request, signal);
    const { candidates, degraded } = await look(scope, query, signal);
    const wantsOrder = request.rerank ?? settings.rerank;
    const topK = request.topK ?? (wantsOrder ? settings.rerankTopN : settings.topK);
    const read = await readChunks(sql, userId, candidates, Math.max(topK, RERANK_CANDIDATES));
    signal.throwIfAborted();
    const found = scope.named ? read : relevantOf(read, queryOf(query));
    const named = scope.named ? scope.parts.flatMap(({ fileIds }) => fileIds ?? []) : [];
    if (found.length === 0 && named.length > 0) {
      return { citations: numbered(await readBeginnings(sql, userId, named, topK), request), degraded };
    }
    if (!wantsOrder) return { citations: numbered(found.slice(0, topK), request), degraded };
    const ordered = await reranked(found, query, settings.rerankModel ?? model, signal);
    // What the model finds of no use at all is not told to it again.
    const useful = ordered.chunks.filter(({ rerankScore }) => rerankScore !== 0);
    return { citations: numbered(useful.slice(0, topK), request), degraded: joinSentences(degraded, ordered.degraded) };
  }

  function numbered(chunks: FoundChunk[], { contextTokens }: GroundRequest) {
    const budget = Math.min(settings.contextTokens, contextTokens ?? settings.contextTokens);
    return passagesWithin(chunks, budget).map((passage, at) => ({ index: at + 1, passage }));
  }

  return {
    search,
    ground,
    /** What a user may search of what is named. Throws NOT_FOUND. */
    scope: (userId: string, request: ScopeRequest) => readScope(sql, userId, request),
  };
}

function unavailable(message: string): AppError {
  return new AppError({ code: 'UNAVAILABLE', message, retryable: true });
}

/** Not the built-in answerer, which can only quote. */
function isRealModel(model: string): boolean {
  return readModelId(model)?.provider !== 'builtin';
}

function queryOf(text: string): string {
  if (text.length <= LONGEST_QUERY) return text;
  const half = LONGEST_QUERY / 2;
  return `${text.slice(0, half)}\n${text.slice(-half)}`.toWellFormed();
}
