import type { Retrieved } from './event-log.ts';

export const PROVIDER_NAMES = ['ollama', 'openai', 'aihub', 'llama-cpp', 'builtin'] as const;
export type ProviderName = (typeof PROVIDER_NAMES)[number];

export type ChatMessage = { role: 'system' | 'user' | 'assistant'; content: string };

/** What the client may choose of a generation. Left out: the model's own default. */
export type GenerationOptions = {
  temperature?: number | undefined;
  topP?: number | undefined;
  topK?: number | undefined;
  maxTokens?: number | undefined;
  seed?: number | undefined;
  stop?: string[] | undefined;
  /** The answer is JSON that holds to this JSON Schema. */
  jsonSchema?: Record<string, unknown> | undefined;
};

export type ModelUsage = { promptTokens: number; completionTokens: number };

/**
 * What a model says, in order. Deltas are never empty and never split a surrogate pair. `finish` comes once, last;
 * `usage` is null where the provider does not count.
 */
export type ModelPart =
  | { type: 'text-delta'; text: string }
  | { type: 'reasoning-delta'; text: string }
  | { type: 'finish'; reason: 'stop' | 'length'; usage: ModelUsage | null };

/**
 * What an answer is to be made from, for a model that reads no prompt; for the others it is in the messages already. No
 * citations: the user's files were searched, and hold nothing that fits.
 */
export type Grounding = Retrieved & { question: string };

export type ModelRequest = {
  /** The model's name at its provider, without the provider. */
  model: string;
  messages: ChatMessage[];
  options: GenerationOptions;
  /** Left out: there is nothing to be looked up for this user. */
  grounding?: Grounding | undefined;
  /** Aborting closes the connection to the provider. */
  signal: AbortSignal;
};

export type ModelInfo = {
  name: string;
  /** In tokens. */
  contextWindow: number | null;
  sizeBytes: number | null;
  quantization: string | null;
  embedding: boolean;
};

/** What one call of a model has room for. */
export type ModelWindow = {
  /** Of prompt and answer together. */
  tokens: number;
  /** How many each text has for the model itself. Null: nobody can tell without asking for an answer. */
  count: ((texts: string[], signal: AbortSignal) => Promise<number[]>) | null;
};

/** What is going on at a source: answers that are made, and answers that wait until one of these has ended. */
export type ModelLoad = { active: number; waiting: number; longestWaitMs: number };

/**
 * One source of models.
 *
 * `stream` throws AppError: PROVIDER_UNAVAILABLE (refused credentials, unknown model, a fault or silence of the
 * provider), RATE_LIMITED (429) or BAD_USER_INPUT (the provider refused the request itself), each with `retryable`.
 * When `signal` aborts, it ends without throwing and without `finish`.
 */
export type LanguageModel = {
  readonly provider: ProviderName;
  /** Used where a turn names no model and this provider is the default one; null: the provider's first chat model. */
  readonly defaultModel: string | null;
  stream(request: ModelRequest): AsyncIterable<ModelPart>;
  /** From what is known already, which `info` is a part of. Null: the model reads no prompt. */
  window(model: string, info: ModelInfo | null): ModelWindow | null;
  /** Throws AppError PROVIDER_UNAVAILABLE with a message for the admin: an address refused, credentials refused. */
  listModels(signal: AbortSignal): Promise<ModelInfo[]>;
  /** True while calls are refused at once because the provider failed again and again. */
  breakerOpen(): boolean;
  load(): ModelLoad;
  dispose(): Promise<void>;
};
