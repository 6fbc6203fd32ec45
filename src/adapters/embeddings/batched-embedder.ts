import { LRUCache } from 'lru-cache';
import { AppError } from '../../errors.ts';
import type { Embedder } from '../../ports/embedder.ts';
import { type Delay, delay as wait } from '../../util/delay.ts';
import type { Faults } from '../../util/provider-fault.ts';
import { cut } from '../../util/text.ts';
import { type CallLimits, createEmbeddingCalls, type EmbeddingBreaker } from './embedding-calls.ts';
import { InputTooLong } from './input-too-long.ts';
import { traitsOf } from './model-traits.ts';
import { createSlots } from './slots.ts';
import { unitVector } from './unit-vector.ts';

export type EmbedderSettings = {
  documents?: Partial<CallLimits>;
  queries?: Partial<CallLimits>;
  breaker?: EmbeddingBreaker;
  delay?: Delay;
  random?: () => number;
};

export type EmbedderOptions = {
  /** Full id. */
  model: string;
  /** What the provider calls it. */
  name: string;
  faults: Faults;
  /** What one request may hold. */
  batch: { texts: number; characters: number };
  /** One request: a vector for each text, in order, as the provider gives it. Throws ProviderFault or InputTooLong. */
  request(texts: string[], signal: AbortSignal): Promise<unknown[]>;
  settings?: EmbedderSettings | undefined;
};

/** Nobody waits for a file as people wait for an answer. */
const DOCUMENTS: CallLimits = { deadlineMs: 120_000, retries: 4, longestRetryAfterMs: 60_000 };
const QUERIES: CallLimits = { deadlineMs: 10_000, retries: 1, longestRetryAfterMs: 2_000 };
const BREAKER: EmbeddingBreaker = { failures: 3, openMs: 10_000 };

/** At a time. Files never take the places of questions. */
const DOCUMENT_REQUESTS = 2;
const QUERY_REQUESTS = 8;
const KEPT_QUESTIONS = 500;
/** Longer ones are rare, and would make the bound on their number none on memory. */
const LONGEST_KEPT_QUESTION = 4_000;
/** What is refused as too long is cut in half, until it is as short as this. */
const SHORTEST_CUT = 100;
/** Providers refuse an empty text, or give no vector for it. */
const IN_PLACE_OF_NOTHING = '.';

/** All that the embedders of different providers have in common: everything but the request. */
export function createBatchedEmbedder(options: EmbedderOptions): Embedder {
  const { model, name, faults, batch, request, settings = {} } = options;
  const traits = traitsOf(name);
  const { delay = wait, random = Math.random, breaker = BREAKER } = settings;
  const limits = {
    document: { ...DOCUMENTS, ...settings.documents },
    query: { ...QUERIES, ...settings.queries },
  };
  const slots = { document: createSlots(DOCUMENT_REQUESTS), query: createSlots(QUERY_REQUESTS) };
  const call = createEmbeddingCalls({ faults, breaker, delay, random });
  const questions = new LRUCache<string, Float32Array>({ max: KEPT_QUESTIONS });

  async function ask(texts: string[], signal: AbortSignal): Promise<Float32Array[]> {
    const answer = await request(texts, signal);
    const vectors = answer.map(unitVector).filter((vector) => vector !== null);
    const [first] = vectors;
    if (vectors.length !== texts.length || vectors.some(({ length }) => length !== first?.length)) {
      throw faults.malformed();
    }
    return vectors;
  }

  async function embedBatch(
    texts: string[],
    purpose: 'document' | 'query',
    signal: AbortSignal | undefined,
  ): Promise<Float32Array[]> {
    try {
      return await slots[purpose](signal, () => call(limits[purpose], signal, (inner) => ask(texts, inner)));
    } catch (error) {
      if (!(error instanceof InputTooLong)) throw error;
    }
    const [only = ''] = texts;
    if (texts.length === 1) {
      if (only.length <= SHORTEST_CUT) throw tooLong();
      return embedBatch([cut(only, Math.floor(only.length / 2))], purpose, signal);
    }
    const middle = Math.ceil(texts.length / 2);
    const begin = await embedBatch(texts.slice(0, middle), purpose, signal);
    return [...begin, ...(await embedBatch(texts.slice(middle), purpose, signal))];
  }

  async function embedAll(texts: string[], purpose: 'document' | 'query', signal: AbortSignal | undefined) {
    const prefix = purpose === 'document' ? traits.documentPrefix : traits.queryPrefix;
    const batches = batchesOf(
      texts.map((text) => prefix + (text.trim() === '' ? IN_PLACE_OF_NOTHING : text)),
      batch,
    );
    const ended = new AbortController();
    const inner = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
    try {
      const vectors = await Promise.all(batches.map((part) => embedBatch(part, purpose, inner)));
      return vectors.flat();
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      // What others of these are still doing is of no use any more.
      ended.abort();
    }
  }

  function tooLong(): AppError {
    return new AppError({ code: 'PROVIDER_UNAVAILABLE', message: `${model} refuses even short texts as too long.` });
  }

  return {
    model,
    countTokens: null,
    maxTokens: traits.maxTokens,
    async embed(texts, purpose, signal) {
      signal?.throwIfAborted();
      if (purpose === 'document') return embedAll(texts, purpose, signal);
      const unknown = [...new Set(texts)].filter((text) => !questions.has(text));
      const made = new Map<string, Float32Array>();
      const vectors = unknown.length > 0 ? await embedAll(unknown, purpose, signal) : [];
      for (const [index, vector] of vectors.entries()) {
        const text = unknown[index] ?? '';
        made.set(text, vector);
        if (text.length <= LONGEST_KEPT_QUESTION) questions.set(text, vector);
      }
      // Copies: what is kept is nobody's to change.
      return texts.map((text) => Float32Array.from(made.get(text) ?? questions.get(text) ?? []));
    },
  };
}

/** By their number and by their characters; a longer text goes alone. */
function batchesOf(texts: string[], most: { texts: number; characters: number }): string[][] {
  const batches: string[][] = [];
  let room = 0;
  for (const text of texts) {
    const current = batches.at(-1);
    if (current && current.length < most.texts && text.length <= room) current.push(text);
    else {
      batches.push([text]);
      room = most.characters;
    }
    room -= text.length;
  }
  return batches;
}
