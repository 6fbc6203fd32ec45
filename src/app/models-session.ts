import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { badInput } from '../errors.ts';
import type { ModelStore, PullProgress, RemoteFile } from '../ports/model-store.ts';
import { type CatalogueModel, createModels, type ProviderStatus } from '../services/models/models.ts';
import { type ModelId, parseModelId } from '../util/model-id.ts';
import { createModelStores } from './model-stores.ts';
import { createProviders } from './providers.ts';

/** How far a pull is. */
export type PullStep = PullProgress;

export type ModelsSession = {
  list(): Promise<{ models: CatalogueModel[]; providers: ProviderStatus[] }>;
  pull(model: string, signal: AbortSignal): AsyncIterable<PullProgress>;
  remove(model: string, signal: AbortSignal): Promise<void>;
  files(source: string, signal: AbortSignal): Promise<RemoteFile[]>;
  close(): Promise<void>;
};

/** The models of this machine and of the configured providers, without a server: there need be none yet. */
export function openModelsSession(config: Config): ModelsSession {
  const dataDirectory = resolve(config.DATA_DIR);
  const quiet = () => {};
  const { providers, llama, disposeProviders } = createProviders({ config, dataDirectory, debug: quiet, warn: quiet });
  const models = createModels({ providers, defaultModel: config.DEFAULT_MODEL, now: () => new Date() });
  const stores = createModelStores({ config, dataDirectory, llama });

  function storeOf(model: string): ModelId & { store: ModelStore } {
    const id = parseModelId(model, 'model');
    const store = stores.find(({ provider }) => provider === id.provider);
    if (!store) throw badInput({ model: `Models of ${id.provider} cannot be pulled or removed from here.` });
    return { ...id, store };
  }

  return {
    async list() {
      // Nobody is kept waiting here who would rather have an answer at once.
      await llama.check();
      const [listed, statuses] = await Promise.all([models.list(), models.statuses()]);
      return { models: listed, providers: statuses };
    },
    pull(model, signal) {
      const { name, store } = storeOf(model);
      store.check(name, 'model');
      return store.pull(name, signal);
    },
    async remove(model, signal) {
      const { name, store } = storeOf(model);
      await store.remove(name, signal);
    },
    async files(source, signal) {
      const { name, store, provider } = storeOf(source);
      if (!store.files) throw badInput({ source: `What ${provider} could pull cannot be listed.` });
      return store.files(name, signal);
    },
    async close() {
      models.dispose();
      await disposeProviders();
    },
  };
}
