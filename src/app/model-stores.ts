import { createHubStore } from '../adapters/models/hub/hub-store.ts';
import type { Llama } from '../adapters/models/llama/llama.ts';
import { createOllamaStore } from '../adapters/models/ollama-store.ts';
import type { Config } from '../config.ts';
import type { ModelStore } from '../ports/model-store.ts';
import { delay } from '../util/delay.ts';
import { modelsFolder } from './providers.ts';

const HUB = 'https://huggingface.co';

/** Where models come from. */
export function createModelStores(options: { config: Config; dataDirectory: string; llama: Llama }): ModelStore[] {
  const { config, dataDirectory, llama } = options;
  return [
    createHubStore({
      folder: modelsFolder(config, dataDirectory),
      endpoint: config.HF_ENDPOINT ?? HUB,
      token: config.HF_TOKEN ?? null,
      delay,
      pathOf: llama.pathOf,
      brokenBy: llama.brokenBy,
      unload: llama.unload,
    }),
    createOllamaStore({ baseUrl: config.OLLAMA_BASE_URL }),
  ];
}
