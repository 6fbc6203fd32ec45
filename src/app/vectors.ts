import { join } from 'node:path';
import { createEmbedders, type Embedders } from '../adapters/embeddings/embedders.ts';
import type { EmbedHere } from '../adapters/embeddings/llama-embedder.ts';
import { createChromaIndex } from '../adapters/vectors/chroma-index.ts';
import { createChromaServer } from '../adapters/vectors/chroma-server.ts';
import type { Config } from '../config.ts';
import type { VectorIndex } from '../ports/vector-index.ts';

/** The embedding models that the environment gives. Throws AppError where it names one that cannot be had. */
export function createAppEmbedders(config: Config, llama: EmbedHere): Embedders {
  const openai = config.OPENAI_API_KEY || config.OPENAI_BASE_URL;
  return createEmbedders({
    current: config.EMBEDDING_MODEL ?? null,
    ollama: { baseUrl: config.OLLAMA_BASE_URL },
    openai: openai
      ? {
          baseUrl: config.OPENAI_BASE_URL ?? 'https://api.openai.com/v1',
          apiKey: config.OPENAI_API_KEY ?? null,
        }
      : null,
    llama,
    aihub: config.AIHUB_BASE_URL ? { baseUrl: config.AIHUB_BASE_URL, apiKey: config.AIHUB_API_KEY ?? null } : null,
  });
}

/** The Chroma that the environment names, or else one of its own, which nobody waits for. Null without EMBEDDING_MODEL. */
export function openVectors(options: {
  config: Config;
  dataDirectory: string;
  debug: (message: string) => void;
  warn: (message: string) => void;
}): VectorIndex | null {
  const { config, dataDirectory, debug, warn } = options;
  const { CHROMA_URL: url } = config;
  if (!config.EMBEDDING_MODEL) return null;
  if (url) return createChromaIndex({ connect: async () => url });
  const server = createChromaServer({
    folder: join(dataDirectory, 'chroma'),
    cacheFolder: join(dataDirectory, 'cache'),
    debug,
    warn,
  });
  const index = createChromaIndex({ connect: server.url });
  return {
    ...index,
    async dispose() {
      await index.dispose();
      await server.dispose();
    },
  };
}
