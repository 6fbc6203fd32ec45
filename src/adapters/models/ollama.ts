import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { LanguageModel, ModelRequest } from '../../ports/language-model.ts';
import { createPlaces } from '../../util/places.ts';
import { createFaults } from '../../util/provider-fault.ts';
import { openHttpStream, type StreamSource } from './http-stream.ts';
import type { ModelLimits } from './model-limits.ts';
import { createOllamaDecoder } from './ollama-decoder.ts';
import { createOllamaLister } from './ollama-list.ts';
import { type BreakerSettings, createResilience } from './resilience.ts';

export type OllamaModelOptions = {
  /** Such as `http://127.0.0.1:11434`. */
  baseUrl: string;
  defaultModel: string | null;
  /**
   * Context window that Ollama is to give to each model. By itself it takes a small one, and drops what does not fit
   * without a word.
   */
  contextTokens?: number | undefined;
  /** Answers at a time. */
  concurrency?: number | undefined;
  limits: ModelLimits;
  breaker?: BreakerSettings;
  delay?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  random?: () => number;
};

const MOST_SOCKETS = 4096;
const MOST_IDLE_SOCKETS = 256;
const DEFAULT_CONTEXT_TOKENS = 8_192;

function requestBody({ model, messages, options }: ModelRequest, contextTokens: number): string {
  const { temperature, topP, topK, maxTokens, seed, stop, jsonSchema } = options;
  return JSON.stringify({
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    format: jsonSchema,
    options: {
      num_ctx: contextTokens,
      temperature,
      top_p: topP,
      top_k: topK,
      num_predict: maxTokens,
      seed,
      stop: stop && stop.length > 0 ? stop : undefined,
    },
  });
}

/** Models of an Ollama server. */
export function createOllamaModel(options: OllamaModelOptions): LanguageModel {
  const { defaultModel, limits, contextTokens = DEFAULT_CONTEXT_TOKENS } = options;
  const places = createPlaces('ollama', options.concurrency ?? Number.POSITIVE_INFINITY);
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const url = new URL(`${baseUrl}/api/chat`);
  const faults = createFaults('ollama', [url.host]);
  const resilience = createResilience({
    faults,
    limits,
    places,
    breaker: options.breaker,
    delay: options.delay,
    random: options.random,
  });
  const agent = new (url.protocol === 'https:' ? SecureAgent : Agent)({
    keepAlive: true,
    maxSockets: MOST_SOCKETS,
    maxFreeSockets: MOST_IDLE_SOCKETS,
  });
  const headers = { 'content-type': 'application/json', accept: 'application/x-ndjson' };

  return {
    provider: 'ollama',
    defaultModel,
    stream(request) {
      const source: StreamSource = {
        url,
        headers,
        body: requestBody(request, contextTokens),
        model: request.model,
        createDecoder: (queue) => createOllamaDecoder(queue, faults),
      };
      return resilience.stream(
        (attempt) => openHttpStream({ source, agent, limits, faults, ...attempt }),
        request.signal,
      );
    },
    listModels: createOllamaLister({ baseUrl, faults, timeoutMs: limits.connectMs }),
    window: (_model, info) => ({ tokens: Math.min(info?.contextWindow ?? contextTokens, contextTokens), count: null }),
    breakerOpen: resilience.breakerOpen,
    load: places.load,
    async dispose() {
      agent.destroy();
    },
  };
}
