import type { Llama } from '../adapters/models/llama/llama.ts';
import { type Config, environmentSchema } from '../config.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import { readModelId } from '../util/model-id.ts';

export type StartupCheckDependencies = {
  config: Config;
  providers: LanguageModel[];
  llama: Pick<Llama, 'check' | 'faultOf'>;
  info: (message: string) => void;
  warn: (message: string) => void;
  logError: (error: unknown) => void;
};

const LIST_MS = 10_000;
/** The variables that name a model. */
export const NAMING = ['DEFAULT_MODEL', 'FALLBACK_MODEL', 'EMBEDDING_MODEL', 'RERANK_MODEL', 'SAFETY_MODEL'] as const;

/** Says at the start what of the models cannot be used. Nobody waits for it, and nothing depends on it. */
export function checkModels(deps: StartupCheckDependencies): void {
  checkFiles(deps).catch(deps.logError);
  if (deps.config.OLLAMA_STARTUP_CHECK_ENABLED) checkOllama(deps).catch(deps.logError);
  if (deps.config.SAFETY_MODE !== 'disabled') checkGuard(deps).catch(deps.logError);
}

async function checkFiles({ config, llama, warn }: StartupCheckDependencies): Promise<void> {
  for (const line of await llama.check()) warn(line);
  for (const variable of NAMING) {
    const id = config[variable] === undefined ? null : readModelId(config[variable]);
    const fault = id?.provider === 'llama-cpp' ? await llama.faultOf(id.name) : null;
    if (fault !== null) warn(`${variable} ${config[variable]} cannot be used: ${fault}`);
  }
}

/** Without it strict refuses everything and fuzzy judges nothing, so nobody should learn of it from the first prompt. */
async function checkGuard({ config, providers, warn }: StartupCheckDependencies): Promise<void> {
  const { SAFETY_MODE: mode, SAFETY_MODEL: named = '' } = config;
  const id = readModelId(named);
  const provider = providers.find((candidate) => candidate.provider === id?.provider);
  // What is wrong with a file is told of with the other files.
  if (!id || !provider || id.provider === 'llama-cpp') return;
  const effect = mode === 'strict' ? 'everything is refused' : 'nothing is judged';
  try {
    const names = (await provider.listModels(AbortSignal.timeout(LIST_MS))).map(({ name }) => name);
    if (names.includes(id.name) || names.includes(`${id.name}:latest`)) return;
    warn(
      `${id.provider} does not list the model of SAFETY_MODEL ${named}. Without it ${effect} (SAFETY_MODE ${mode}).`,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn(`SAFETY_MODEL ${named} cannot be used now: ${reason} Until it can, ${effect} (SAFETY_MODE ${mode}).`);
  }
}

async function checkOllama({ config, providers, info, warn }: StartupCheckDependencies): Promise<void> {
  const ollama = providers.find(({ provider }) => provider === 'ollama');
  if (!ollama) return;
  // Where nobody has said that there is one, it is no fault that there is none.
  const isUsual = config.OLLAMA_BASE_URL === environmentSchema.shape.OLLAMA_BASE_URL.parse(undefined);
  const isWanted = !isUsual || config.OLLAMA_DEFAULT_MODEL !== undefined;
  try {
    const models = await ollama.listModels(AbortSignal.timeout(LIST_MS));
    const names = models.map(({ name }) => name);
    info(names.length > 0 ? `Ollama has ${names.slice(0, 10).join(', ')}.` : 'Ollama answers, but has no models yet.');
    const wanted = config.OLLAMA_DEFAULT_MODEL;
    if (wanted && !names.includes(wanted) && !names.includes(`${wanted}:latest`)) {
      warn(`Ollama has no model "${wanted}", which OLLAMA_DEFAULT_MODEL names.`);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // Without a password that the address may have.
    if (isWanted) warn(`Ollama at ${new URL(config.OLLAMA_BASE_URL).host} cannot be used: ${reason}`);
  }
}
