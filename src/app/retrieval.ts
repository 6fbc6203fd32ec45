import type { Config } from '../config.ts';
import { createRetrieval, type RetrievalDependencies } from '../services/retrieval/retrieval.ts';

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
