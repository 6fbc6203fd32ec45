import { badInput } from '../../errors.ts';
import type {
  LanguageModel,
  ModelInfo,
  ModelLoad,
  ModelPart,
  ModelRequest,
  ModelWindow,
  ProviderName,
} from '../../ports/language-model.ts';
import { formatModelId, MODEL_ID_FORM, type ModelId, parseModelId, readModelId } from '../../util/model-id.ts';
import { createCatalogue, type ProviderReport } from './catalogue.ts';

export type CatalogueModel = ModelInfo & { id: string; provider: ProviderName; isDefault: boolean };

export type ProviderStatus = {
  provider: ProviderName;
  state: 'OK' | 'DEGRADED' | 'DOWN' | 'DISABLED';
  latencyMs: number | null;
  message: string | null;
  modelCount: number;
  breakerOpen: boolean;
  load: ModelLoad;
};

export type ModelsDependencies = {
  /** The configured ones, in the order in which a default is looked for. */
  providers: LanguageModel[];
  /** What the environment names as default. */
  defaultModel: string | undefined;
  /** What it names for turns whose own provider is out of order. */
  fallbackModel?: string | undefined;
  /** What it names to put passages into order. */
  rerankModel?: string | undefined;
  /** What it names to judge what is asked and answered. */
  safetyModel?: string | undefined;
  now: () => Date;
};

export type Models = ReturnType<typeof createModels>;

/** How to get a provider that is not there; shown to whoever asks for it. */
const SETUP: Record<ProviderName, string> = {
  ollama: 'Set OLLAMA_BASE_URL.',
  openai: 'Set OPENAI_API_KEY (or OPENAI_BASE_URL for a compatible server).',
  aihub: 'Set AIHUB_BASE_URL and AIHUB_API_KEY.',
  'llama-cpp': 'Put a GGUF file into MODELS_DIR, pull one, or name one in MODEL_PATH.',
  builtin: '',
};

const STATUS_ORDER: ProviderName[] = ['ollama', 'openai', 'aihub', 'llama-cpp', 'builtin'];

/** The models that can answer, and which of them does when nobody says. */
export function createModels(deps: ModelsDependencies) {
  const byName = new Map(deps.providers.map((provider) => [provider.provider, provider]));
  const catalogue = createCatalogue(deps.providers, deps.now);
  const configuredDefault = deps.defaultModel ? readConfigured('DEFAULT_MODEL', deps.defaultModel) : null;
  const fallback = deps.fallbackModel ? readConfigured('FALLBACK_MODEL', deps.fallbackModel) : null;
  if (deps.rerankModel) readConfigured('RERANK_MODEL', deps.rerankModel);
  const safety = deps.safetyModel ? readConfigured('SAFETY_MODEL', deps.safetyModel) : null;
  if (safety?.provider === 'builtin') {
    throw badInput({
      SAFETY_MODEL: `SAFETY_MODEL is "${deps.safetyModel}", which reads no prompt and can judge nothing.`,
    });
  }

  /** Throws, naming the variable, for one that could never answer: better at the start than in every turn. */
  function readConfigured(variable: string, id: string): ModelId {
    const parsed = readModelId(id);
    if (!parsed) throw badInput({ [variable]: `${variable} is "${id}". ${MODEL_ID_FORM}` });
    if (byName.has(parsed.provider)) return parsed;
    throw badInput({
      [variable]: `${variable} is "${id}", but that provider is not configured. ${SETUP[parsed.provider]}`,
    });
  }

  function provider(name: ProviderName, field: string): LanguageModel {
    const found = byName.get(name);
    if (!found) throw badInput({ [field]: `The provider ${name} is not configured on this server. ${SETUP[name]}` });
    return found;
  }

  /** The full id of the model that answers. Throws BAD_USER_INPUT for one that no configured provider can have. */
  async function resolve(id: string | null | undefined, field = 'input.model'): Promise<string> {
    if (!id) return formatModelId(await defaultModel());
    const parsed = parseModelId(id, field);
    provider(parsed.provider, field);
    return formatModelId(parsed);
  }

  /** DEFAULT_MODEL, else that of the first provider that is reachable and has a chat model. */
  async function defaultModel(): Promise<ModelId> {
    if (configuredDefault) return configuredDefault;
    for (const candidate of deps.providers) {
      const report = await catalogue.report(candidate);
      const chat = report.models.filter((model) => !model.embedding);
      // One that cannot list its models, but is told which to use, is as good as reachable only when it answers.
      const name = report.fault ? null : (candidate.defaultModel ?? chat[0]?.name);
      if (name) return { provider: candidate.provider, name };
    }
    return { provider: 'builtin', name: 'extractive' };
  }

  /** All models, or a provider's. A provider that cannot be reached has none; `providers` says why. */
  async function list(only?: ProviderName | null): Promise<CatalogueModel[]> {
    const isDefault = formatModelId(await defaultModel());
    const asked = deps.providers.filter((candidate) => !only || candidate.provider === only);
    const reports = await Promise.all(asked.map((candidate) => catalogue.report(candidate)));
    return reports.flatMap((report, index) =>
      report.models.map((model) => {
        const name = asked[index]?.provider ?? 'builtin';
        const id = formatModelId({ provider: name, name: model.name });
        return { ...model, id, provider: name, isDefault: id === isDefault };
      }),
    );
  }

  async function statuses(): Promise<ProviderStatus[]> {
    return Promise.all(
      STATUS_ORDER.map(async (name): Promise<ProviderStatus> => {
        const found = byName.get(name);
        const report = found && (await catalogue.report(found));
        // Without a file there is nothing that could be out of order.
        const isUnused = name === 'llama-cpp' && report?.models.length === 0 && report.fault === null;
        if (found && report && !isUnused) return describe(found, report);
        return {
          provider: name,
          state: 'DISABLED',
          latencyMs: null,
          message: SETUP[name],
          modelCount: 0,
          breakerOpen: false,
          load: { active: 0, waiting: 0, longestWaitMs: 0 },
        };
      }),
    );
  }

  /** Streams from the model with this full id. */
  function stream(id: string, request: Omit<ModelRequest, 'model'>): AsyncIterable<ModelPart> {
    const { provider: name, name: model } = parseModelId(id, 'model');
    return provider(name, 'model').stream({ ...request, model });
  }

  /** Whether there is such a model, as far as that is known without asking. */
  function isKnown(id: string): boolean {
    const parsed = readModelId(id);
    const found = parsed && byName.get(parsed.provider);
    if (!found) return false;
    const isNamed = [configuredDefault, fallback].some((named) => named && formatModelId(named) === id);
    return isNamed || peeked(found, parsed.name) !== null;
  }

  function peeked(found: LanguageModel, name: string): ModelInfo | null {
    const names = [name, `${name}:latest`];
    return catalogue.peek(found).find((model) => names.includes(model.name)) ?? null;
  }

  /** What the model with this full id has room for, as far as that is known without asking. Null: it reads no prompt. */
  function windowOf(id: string): ModelWindow | null {
    const parsed = readModelId(id);
    const found = parsed && byName.get(parsed.provider);
    if (!found) return null;
    return found.window(parsed.name, peeked(found, parsed.name));
  }

  return {
    resolve,
    defaultModel,
    list,
    statuses,
    stream,
    windowOf,
    isKnown,
    /** Full id. Null: there is none. */
    fallbackModel: fallback && formatModelId(fallback),
    /** As `fallbackModel`. */
    safetyModel: safety && formatModelId(safety),
    /** The provider has another model now, or one less. */
    changed: catalogue.forget,
    dispose: catalogue.dispose,
  };
}

function describe(model: LanguageModel, report: ProviderReport): ProviderStatus {
  const breakerOpen = model.breakerOpen();
  const { latencyMs, fault } = report;
  const state = fault ? 'DOWN' : breakerOpen || report.models.length === 0 ? 'DEGRADED' : 'OK';
  const message = fault ?? (breakerOpen ? 'It failed again and again: calls are refused for a moment.' : null);
  const empty = report.models.length === 0 && !fault ? 'It has no models.' : null;
  return {
    provider: model.provider,
    state,
    latencyMs,
    message: message ?? empty,
    modelCount: report.models.length,
    breakerOpen,
    load: model.load(),
  };
}
