import { createHash } from 'node:crypto';
import type { Citation, TurnText } from '../../ports/event-log.ts';
import type { ChatMessage, GenerationOptions } from '../../ports/language-model.ts';
import type { CachedAnswer, ResponseCache } from '../../ports/response-cache.ts';

/** All that decides what a model answers. */
export type AnswerRequest = {
  model: string;
  /** Null: nobody has put one down. */
  modelVersion: string | null;
  options: GenerationOptions;
  /** The system prompt and what was said before, as it is sent. */
  before: ChatMessage[];
  question: string;
  citations: Citation[];
  /** What judges it, and how. Null: nothing does. */
  guard: string | null;
};

export type AnswerCacheDependencies = {
  /** Null: answers are not cached. */
  cache: ResponseCache | null;
  /** Told once when the cache goes, not for every turn. */
  logError: (error: unknown) => void;
};

export type AnswerCache = ReturnType<typeof createAnswerCache>;

/** Counts up when what is hashed, or what is kept, gets another form. */
const FORMAT = 2;

export function createAnswerCache({ cache, logError }: AnswerCacheDependencies) {
  let isFailing = false;

  /** A cache that fails is one that has nothing. */
  async function attempt<Result>(work: () => Promise<Result>, otherwise: Result): Promise<Result> {
    try {
      const result = await work();
      isFailing = false;
      return result;
    } catch (error) {
      if (!isFailing) logError(error);
      isFailing = true;
      return otherwise;
    }
  }

  return {
    /**
     * Null: this answer is not to come from the cache, nor to go there. The client asks for chance (a temperature above
     * 0 and no seed), or the answer costs nothing.
     */
    keyOf(request: AnswerRequest): string | null {
      const { temperature, seed } = request.options;
      if (!cache || request.model.startsWith('builtin/')) return null;
      if (temperature !== undefined && temperature > 0 && seed === undefined) return null;
      return hashOf(request);
    },
    find(key: string): Promise<CachedAnswer | null> {
      return attempt(async () => cache?.get(key) ?? null, null);
    },
    /** Never throws, and is not waited for. */
    keep(key: string, text: TurnText, end: Pick<CachedAnswer, 'finishReason' | 'usage'>, citations: Citation[]): void {
      const { content, reasoning, segments } = text;
      if (content === '') return;
      const fileIds = [...new Set(citations.map(({ passage }) => passage.fileId))];
      attempt(async () => cache?.set(key, { content, reasoning, segments, ...end }, fileIds), undefined);
    },
  };
}

/** Of the passages what the model is told of them. The prompt itself has a word in it that is another one each time. */
function hashOf(request: AnswerRequest): string {
  const { model, modelVersion, options, before, question, citations, guard } = request;
  const given = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const passages = citations.map(({ index, passage }) => [index, passage.fileName, passage.page, passage.text]);
  const messages = before.map(({ role, content }) => [role, content]);
  return createHash('sha256')
    .update(
      JSON.stringify([FORMAT, model, modelVersion, given, messages, question, passages, ...(guard ? [guard] : [])]),
    )
    .digest('base64url');
}
