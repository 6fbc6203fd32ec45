import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { LanguageModel, ModelRequest } from '../../ports/language-model.ts';
import { createPlaces } from '../../util/places.ts';
import { createFaults } from '../../util/provider-fault.ts';
import { createChatCompletionDecoder } from './chat-completion-decoder.ts';
import { openHttpStream, type StreamSource } from './http-stream.ts';
import { knownWindow } from './known-windows.ts';
import type { ModelLimits } from './model-limits.ts';
import { listOpenAiModels } from './openai-list.ts';
import { type BreakerSettings, createResilience } from './resilience.ts';
import { isStrictSchema } from './strict-schema.ts';

export type OpenAiModelOptions = {
  provider: 'openai' | 'aihub';
  /** Such as `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey: string | null;
  defaultModel: string | null;
  /** Context window of models of which neither the provider nor we know it. */
  contextTokens?: number | undefined;
  /** Answers at a time. */
  concurrency?: number | undefined;
  limits: ModelLimits;
  breaker?: BreakerSettings;
  delay?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  random?: () => number;
};

/** More turns than one process runs at once: the pool must never be what makes one wait. */
const MOST_SOCKETS = 4096;
const MOST_IDLE_SOCKETS = 256;
const DEFAULT_CONTEXT_TOKENS = 32_768;

/** OpenAI's reasoning models know the limit by its newer name only, also behind a gateway. */
const REASONING_MODEL = /(^|\/)(o\d|gpt-5)/;

function requestBody({ model, messages, options }: ModelRequest, official: boolean): string {
  const { temperature, topP, topK, maxTokens, seed, stop, jsonSchema } = options;
  const newerLimit = official || REASONING_MODEL.test(model);
  return JSON.stringify({
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    stream_options: { include_usage: true },
    temperature,
    top_p: topP,
    // OpenAI refuses what it does not know; vLLM, llama.cpp and gateways take it.
    top_k: official ? undefined : topK,
    [newerLimit ? 'max_completion_tokens' : 'max_tokens']: maxTokens,
    seed,
    stop: stop && stop.length > 0 ? stop : undefined,
    response_format: jsonSchema && {
      type: 'json_schema',
      json_schema: { name: 'answer', schema: jsonSchema, strict: isStrictSchema(jsonSchema) },
    },
  });
}

/** Models of OpenAI, or of any server that speaks its chat completions API. */
export function createOpenAiModel(options: OpenAiModelOptions): LanguageModel {
  const { provider, apiKey, defaultModel, limits, contextTokens = DEFAULT_CONTEXT_TOKENS } = options;
  const places = createPlaces(provider, options.concurrency ?? Number.POSITIVE_INFINITY);
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const url = new URL(`${baseUrl}/chat/completions`);
  const official = url.hostname === 'api.openai.com';
  const faults = createFaults(provider, [apiKey ?? '', url.host]);
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
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    ...(apiKey && { authorization: `Bearer ${apiKey}` }),
  };

  return {
    provider,
    defaultModel,
    stream(request) {
      const source: StreamSource = {
        url,
        headers,
        body: requestBody(request, official),
        model: request.model,
        createDecoder: (queue) => createChatCompletionDecoder(queue, faults, request.model),
      };
      return resilience.stream(
        (attempt) => openHttpStream({ source, agent, limits, faults, ...attempt }),
        request.signal,
      );
    },
    listModels: (signal) =>
      listOpenAiModels({ baseUrl, apiKey, official, faults, timeoutMs: limits.connectMs, signal }),
    window: (model, info) => ({ tokens: info?.contextWindow ?? knownWindow(model) ?? contextTokens, count: null }),
    breakerOpen: resilience.breakerOpen,
    load: places.load,
    async dispose() {
      agent.destroy();
    },
  };
}
