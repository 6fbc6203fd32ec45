import type { ModelInfo } from '../../ports/language-model.ts';
import { errorCode } from '../../util/error-code.ts';
import type { Faults } from '../../util/provider-fault.ts';

/** A model as OpenAI lists it, and what other servers add: vLLM, OpenRouter and Together, llama.cpp. */
type ListedModel = {
  id?: unknown;
  created?: unknown;
  max_model_len?: unknown;
  context_length?: unknown;
  context_window?: unknown;
  meta?: { n_ctx_train?: unknown; size?: unknown } | null;
};

const MOST_MODELS = 2_000;
const EMBEDDING = /embed|(^|[/-])(bge|gte|e5|minilm)-/i;
/** What api.openai.com lists besides models that answer in a chat. */
const NOT_FOR_CHAT =
  /whisper|tts|dall-e|image|sora|moderation|babbage|davinci|realtime|transcribe|audio|instruct|codex|-pro\b|deep-research|computer-use|search/;

const positive = (...values: unknown[]) =>
  values.find((value): value is number => typeof value === 'number' && value > 0) ?? null;

function toModelInfo(model: ListedModel & { id: string }): ModelInfo {
  return {
    name: model.id,
    contextWindow: positive(model.context_length, model.max_model_len, model.context_window, model.meta?.n_ctx_train),
    sizeBytes: positive(model.meta?.size),
    quantization: null,
    embedding: EMBEDDING.test(model.id),
  };
}

/** Small models first, then newer ones: the first is what is used where nobody has chosen. */
function byUse(left: ListedModel, right: ListedModel): number {
  const small = (model: ListedModel) => (/-mini(-|$)/.test(String(model.id)) ? 0 : 1);
  return small(left) - small(right) || Number(right.created ?? 0) - Number(left.created ?? 0);
}

/** The models of `GET /models`. Throws AppError; on abort the signal's reason. */
export async function listOpenAiModels(options: {
  baseUrl: string;
  apiKey: string | null;
  official: boolean;
  faults: Faults;
  timeoutMs: number;
  signal: AbortSignal;
}): Promise<ModelInfo[]> {
  const { baseUrl, apiKey, official, faults, timeoutMs, signal } = options;
  signal.throwIfAborted();
  // Loaded where it is used: a server without a key never pays for it.
  const { default: OpenAI, APIConnectionError, APIError } = await import('openai');
  // Everything is given, so that the client takes nothing from variables of its own.
  const client = new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: timeoutMs,
    logLevel: 'off',
    defaultHeaders: apiKey ? {} : { authorization: null },
  });
  let listed: unknown;
  try {
    // The client's own timeout covers the head of the answer only.
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    listed = (await client.models.list({ signal: deadline })).data;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof APIError && typeof error.status === 'number') throw faults.status(error.status).error;
    if (error instanceof APIConnectionError) {
      const code = errorCode(error);
      throw (code ? faults.connection(code) : faults.connectTimeout(timeoutMs)).error;
    }
    if (error instanceof Error && /abort|timeout/i.test(error.name)) throw faults.connectTimeout(timeoutMs).error;
    throw faults.malformed().error;
  }
  if (!Array.isArray(listed)) throw faults.malformed().error;
  const models = (listed as ListedModel[]).filter(
    (model): model is ListedModel & { id: string } => typeof model?.id === 'string' && model.id !== '',
  );
  const usable = official ? models.filter((model) => !NOT_FOR_CHAT.test(model.id)).sort(byUse) : models;
  return usable.slice(0, MOST_MODELS).map(toModelInfo);
}
