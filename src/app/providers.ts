import { join, resolve } from 'node:path';
import { createBuiltinModel } from '../adapters/models/builtin.ts';
import { createLlama, type Llama } from '../adapters/models/llama/llama.ts';
import { createOllamaModel } from '../adapters/models/ollama.ts';
import { createOpenAiModel } from '../adapters/models/openai.ts';
import type { Config } from '../config.ts';
import type { LanguageModel } from '../ports/language-model.ts';

export type ProviderDependencies = {
  config: Config;
  dataDirectory: string;
  debug: (message: string) => void;
  warn: (message: string) => void;
};

export type Providers = {
  /** In the order in which a default model is looked for. */
  providers: LanguageModel[];
  llama: Llama;
  disposeProviders: () => Promise<void>;
};

const SECOND_MS = 1_000;

/** The sources of models that the environment gives. */
export function createProviders(deps: ProviderDependencies): Providers {
  const { config } = deps;
  const llama = createAppLlama(deps);
  const remote = createRemoteProviders(config);
  // A file that is named is meant to be used; one that lies there is used where nothing else is.
  const chosen = config.MODEL_PATH ? [llama, ...remote] : [...remote, llama];
  const providers = [...chosen, createBuiltinModel()];
  return {
    providers,
    llama,
    disposeProviders: async () => {
      await Promise.all(providers.map((provider) => provider.dispose()));
    },
  };
}

function limitsOf(config: Config) {
  return {
    connectMs: config.MODEL_CONNECT_TIMEOUT_SECONDS * SECOND_MS,
    firstTokenMs: config.MODEL_FIRST_TOKEN_TIMEOUT_SECONDS * SECOND_MS,
    idleMs: config.MODEL_IDLE_TIMEOUT_SECONDS * SECOND_MS,
    totalMs: config.MODEL_TOTAL_TIMEOUT_SECONDS * SECOND_MS,
    retries: config.MODEL_RETRIES,
  };
}

export function modelsFolder(config: Config, dataDirectory: string): string {
  return resolve(config.MODELS_DIR ?? join(dataDirectory, 'models'));
}

function createAppLlama({ config, dataDirectory, debug, warn }: ProviderDependencies): Llama {
  return createLlama({
    modelPath: config.MODEL_PATH ? resolve(config.MODEL_PATH) : null,
    folder: modelsFolder(config, dataDirectory),
    settings: {
      threads: config.MODEL_N_THREADS || null,
      contextTokens: config.MODEL_N_CTX,
      gpu: config.MODEL_GPU,
      chatFormat: config.MODEL_CHAT_FORMAT ?? null,
      places: config.MODEL_PARALLEL,
    },
    limits: limitsOf(config),
    idleMs: config.MODEL_IDLE_UNLOAD_SECONDS * SECOND_MS || null,
    mostLoaded: config.MODEL_MAX_LOADED,
    environment: config.nativeEnvironment,
    debug,
    warn,
  });
}

function createRemoteProviders(config: Config): LanguageModel[] {
  const limits = limitsOf(config);
  const providers: LanguageModel[] = [
    createOllamaModel({
      baseUrl: config.OLLAMA_BASE_URL,
      defaultModel: config.OLLAMA_DEFAULT_MODEL ?? null,
      contextTokens: config.OLLAMA_NUM_CTX,
      concurrency: config.OLLAMA_CONCURRENCY || undefined,
      limits: {
        ...limits,
        ...(config.OLLAMA_TIMEOUT_SECONDS && { firstTokenMs: config.OLLAMA_TIMEOUT_SECONDS * SECOND_MS }),
      },
    }),
  ];
  const contextTokens = config.MODEL_CONTEXT_WINDOW;
  if (config.OPENAI_API_KEY || config.OPENAI_BASE_URL) {
    providers.push(
      createOpenAiModel({
        provider: 'openai',
        baseUrl: config.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
        apiKey: config.OPENAI_API_KEY ?? null,
        defaultModel: config.OPENAI_DEFAULT_MODEL ?? null,
        contextTokens,
        concurrency: config.OPENAI_CONCURRENCY || undefined,
        limits,
      }),
    );
  }
  if (config.AIHUB_BASE_URL) {
    providers.push(
      createOpenAiModel({
        provider: 'aihub',
        baseUrl: config.AIHUB_BASE_URL,
        apiKey: config.AIHUB_API_KEY ?? null,
        defaultModel: config.AIHUB_DEFAULT_MODEL ?? null,
        contextTokens,
        concurrency: config.AIHUB_CONCURRENCY || undefined,
        limits,
      }),
    );
  }
  return providers;
}
