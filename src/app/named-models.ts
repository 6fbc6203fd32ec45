import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import { createModels, type Models } from '../services/models/models.ts';
import { createProviders } from './providers.ts';
import { createAppEmbedders } from './vectors.ts';

/** The models, with those that the settings name. Throws AppError, naming the variable, for one that can never answer. */
export function createNamedModels(config: Config, providers: LanguageModel[], now: () => Date): Models {
  return createModels({
    providers,
    defaultModel: config.DEFAULT_MODEL,
    fallbackModel: config.FALLBACK_MODEL,
    rerankModel: config.RERANK_MODEL,
    safetyModel: config.SAFETY_MODE === 'disabled' ? undefined : config.SAFETY_MODEL,
    now,
  });
}

/** As a start would, and leaves nothing open: for whoever starts others. */
export async function refuseNamedModels(config: Config): Promise<void> {
  const quiet = () => {};
  const dataDirectory = resolve(config.DATA_DIR);
  const { providers, llama, disposeProviders } = createProviders({ config, dataDirectory, debug: quiet, warn: quiet });
  try {
    createNamedModels(config, providers, () => new Date()).dispose();
    createAppEmbedders(config, llama.embed);
  } finally {
    await disposeProviders();
  }
}
