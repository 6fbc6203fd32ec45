import { LRUCache } from 'lru-cache';
import { AppError } from '../../errors.ts';
import type { Embedder } from '../../ports/embedder.ts';
import { readModelId } from '../../util/model-id.ts';
import type { EmbedderSettings } from './batched-embedder.ts';
import { createLlamaEmbedder, type EmbedHere } from './llama-embedder.ts';
import { createOllamaEmbedder } from './ollama-embedder.ts';
import { createOpenAiEmbedder } from './openai-embedder.ts';

export type CompatibleProvider = { baseUrl: string; apiKey: string | null };

export type Embedders = {
  /** Of the model that files are embedded with from now on. Null: they are not. */
  current: Embedder | null;
  /** Also of a model that files were embedded with earlier. Null: its provider is not configured, or embeds nothing. */
  embedderFor(model: string): Embedder | null;
};

const KEPT_EMBEDDERS = 64;

/** The embedding models of the configured providers, each made when it is first asked for. Throws AppError where `current` cannot be had. */
export function createEmbedders(options: {
  /** EMBEDDING_MODEL. */
  current: string | null;
  ollama: { baseUrl: string } | null;
  openai: CompatibleProvider | null;
  aihub: CompatibleProvider | null;
  /** Computes vectors on this machine. */
  llama: EmbedHere | null;
  settings?: EmbedderSettings | undefined;
}): Embedders {
  const { settings } = options;
  const made = new LRUCache<string, Embedder>({ max: KEPT_EMBEDDERS });

  function make(provider: string, name: string): Embedder | null {
    if (provider === 'ollama' && options.ollama) {
      return createOllamaEmbedder({ name, ...options.ollama, settings });
    }
    if (provider === 'llama-cpp' && options.llama) {
      return createLlamaEmbedder({ name, embed: options.llama, settings });
    }
    const compatible = provider === 'openai' || provider === 'aihub' ? options[provider] : null;
    if (!compatible) return null;
    return createOpenAiEmbedder({ provider: provider as 'openai' | 'aihub', name, ...compatible, settings });
  }

  function embedderFor(model: string): Embedder | null {
    const id = readModelId(model);
    if (!id) return null;
    // Ollama means the same with and without it; files must not be embedded under two names.
    const name = id.provider === 'ollama' ? id.name.replace(/:latest$/, '') : id.name;
    const key = `${id.provider}/${name}`;
    const embedder = made.get(key) ?? make(id.provider, name);
    if (embedder) made.set(key, embedder);
    return embedder;
  }

  const current = options.current === null ? null : embedderFor(options.current);
  if (options.current !== null && !current) throw cannotEmbed(options.current);
  return { current, embedderFor };
}

function cannotEmbed(model: string): AppError {
  const id = readModelId(model);
  const form = 'such as ollama/nomic-embed-text or openai/text-embedding-3-small';
  const needs = {
    ollama: 'needs OLLAMA_BASE_URL',
    openai: 'needs OPENAI_API_KEY or OPENAI_BASE_URL',
    aihub: 'needs AIHUB_BASE_URL',
    'llama-cpp': `cannot be used: this program runs no models itself. Choose another one, ${form}`,
    builtin: `cannot be used: builtin has no embedding model. Choose another one, ${form}`,
  };
  const reason = id ? needs[id.provider] : `is not the name of a model, ${form}`;
  return new AppError({ code: 'BAD_USER_INPUT', message: `EMBEDDING_MODEL ${model} ${reason}.` });
}
