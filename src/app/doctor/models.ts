import { resolve } from 'node:path';
import { type Config, environmentSchema } from '../../config.ts';
import { type CatalogueModel, createModels, type ProviderStatus } from '../../services/models/models.ts';
import { readModelId } from '../../util/model-id.ts';
import { createProviders } from '../providers.ts';
import { NAMING } from '../startup-checks.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** Where each provider is told of, for who has to mend it. */
const VARIABLES: Record<string, string> = {
  ollama: 'OLLAMA_BASE_URL',
  openai: 'OPENAI_BASE_URL and OPENAI_API_KEY',
  aihub: 'AIHUB_BASE_URL and AIHUB_API_KEY',
  'llama-cpp': 'MODEL_PATH and MODELS_DIR',
};

/** The providers, and the models that the settings name. Throws AppError for a setting that stops a start. */
export async function lookAtModels(config: Config): Promise<Finding[]> {
  const quiet = () => {};
  const dataDirectory = resolve(config.DATA_DIR);
  const { providers, llama, disposeProviders } = createProviders({ config, dataDirectory, debug: quiet, warn: quiet });
  const models = createModels({
    providers,
    defaultModel: config.DEFAULT_MODEL,
    fallbackModel: config.FALLBACK_MODEL,
    now: () => new Date(),
  });
  try {
    const broken = await llama.check();
    const [statuses, listed, chosen] = await Promise.all([models.statuses(), models.list(), models.defaultModel()]);
    const { provider, name } = chosen;
    return [
      ...statuses.flatMap((status) => lookAtProvider(config, status)),
      ...broken.map((line) => warn('llama-cpp', line, 'Delete the file, or get it again with `colloquy models pull`.')),
      ...NAMING.flatMap((variable) => lookAtNamed(variable, config[variable], statuses, listed)),
      provider === 'builtin'
        ? warn(
            'model',
            'Nothing but the built-in answerer would answer.',
            'Get a model: `colloquy models pull --help`.',
          )
        : ok('model', `${provider}/${name} answers where nobody says.`),
    ];
  } finally {
    models.dispose();
    await disposeProviders();
  }
}

function lookAtProvider(
  config: Config,
  { provider, state, message, modelCount, latencyMs }: ProviderStatus,
): Finding[] {
  if (provider === 'builtin' || state === 'DISABLED') return [];
  if (state === 'OK') return [ok(provider, `${modelCount} models, ${latencyMs ?? 0} ms`)];
  const isUsual = config.OLLAMA_BASE_URL === environmentSchema.shape.OLLAMA_BASE_URL.parse(undefined);
  // Where nobody has said that there is one, it is no fault that there is none.
  if (provider === 'ollama' && isUsual && state === 'DOWN') return [ok(provider, 'none on this machine')];
  const told = message ?? 'It does not answer.';
  const advice = `Start it, or mend ${VARIABLES[provider]}.`;
  return [state === 'DOWN' ? fail(provider, told, advice) : warn(provider, told, advice)];
}

function lookAtNamed(
  variable: string,
  id: string | undefined,
  statuses: ProviderStatus[],
  listed: CatalogueModel[],
): Finding[] {
  if (id === undefined) return [];
  const parsed = readModelId(id);
  if (!parsed) return [fail(variable, `"${id}" is no id of a model.`, 'Write it as provider/name.')];
  const { provider, name } = parsed;
  const status = statuses.find((one) => one.provider === provider);
  if (!status || status.state === 'DISABLED') {
    return [fail(variable, `${id}: ${provider} is not configured.`, `Set ${VARIABLES[provider] ?? 'another model'}.`)];
  }
  const isThere = listed.some((model) => model.provider === provider && [name, `${name}:latest`].includes(model.name));
  if (isThere) return [ok(variable, `${id} is there.`)];
  if (status.state === 'DOWN') return [fail(variable, `${id}: ${provider} does not answer.`, 'See there.')];
  // Gateways list not all that they have.
  const isSure = provider === 'ollama' || provider === 'llama-cpp';
  const advice = isSure ? `\`colloquy models pull ${id}\`, or name another one.` : 'See whether the name is right.';
  return [(isSure ? fail : warn)(variable, `${provider} does not list "${name}".`, advice)];
}
