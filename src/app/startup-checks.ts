import type { Llama } from '../adapters/models/llama/llama.ts';
import { type Config, environmentSchema } from '../config.ts';
import type { LanguageModel } from '../ports/language-model.ts';

export type StartupCheckDependencies = {
  config: Config;
  providers: LanguageModel[];
  llama: Pick<Llama, 'check'>;
  info: (message: string) => void;
  warn: (message: string) => void;
  logError: (error: unknown) => void;
};

const OLLAMA_MS = 10_000;

/** Says at the start what of the models cannot be used. Nobody waits for it, and nothing depends on it. */
export function checkModels(deps: StartupCheckDependencies): void {
  checkFiles(deps).catch(deps.logError);
  if (deps.config.OLLAMA_STARTUP_CHECK_ENABLED) checkOllama(deps).catch(deps.logError);
}

async function checkFiles({ llama, warn }: StartupCheckDependencies): Promise<void> {
  for (const line of await llama.check()) warn(line);
}

async function checkOllama({ config, providers, info, warn }: StartupCheckDependencies): Promise<void> {
  const ollama = providers.find(({ provider }) => provider === 'ollama');
  if (!ollama) return;
  // Where nobody has said that there is one, it is no fault that there is none.
  const isUsual = config.OLLAMA_BASE_URL === environmentSchema.shape.OLLAMA_BASE_URL.parse(undefined);
  const isWanted = !isUsual || config.OLLAMA_DEFAULT_MODEL !== undefined;
  try {
    const models = await ollama.listModels(AbortSignal.timeout(OLLAMA_MS));
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
