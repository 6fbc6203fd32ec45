import type { Llama } from '../adapters/models/llama/llama.ts';
import type { Config } from '../config.ts';
import { createRetrieval, type RetrievalDependencies } from '../services/retrieval/retrieval.ts';
import { readModelId } from '../util/model-id.ts';

export type AppRetrievalDependencies = Omit<RetrievalDependencies, 'settings'> & {
  config: Config;
};

/** Retrieval as the environment sets it. */
export function createAppRetrieval({ config, ...deps }: AppRetrievalDependencies) {
  return createRetrieval({
    ...deps,
    settings: {
      topK: config.RETRIEVAL_TOP_K,
      contextTokens: config.RETRIEVAL_CONTEXT_TOKENS,
      rewrite: config.QUERY_REWRITE_ENABLED,
      rerank: config.RERANK_ENABLED,
      rerankModel: config.RERANK_MODEL ?? null,
      rerankTopN: config.RERANK_TOP_N,
    },
  });
}

/** Rerankers are models that llama.cpp runs; all others are chat models, and asked in words. */
export function createJudge(llama: Pick<Llama, 'rank' | 'ranks'>): RetrievalDependencies['judge'] {
  return async (model, question, texts, signal) => {
    const id = readModelId(model);
    if (id?.provider !== 'llama-cpp' || !(await llama.ranks(id.name))) return null;
    return llama.rank(id.name, question, texts, signal);
  };
}
