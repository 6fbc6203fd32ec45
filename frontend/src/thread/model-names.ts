import type { Provider } from '@colloquy/sdk';
import { texts } from '../texts/texts.ts';

const NAMES: Record<Exclude<Provider, 'BUILTIN'>, string> = {
  AIHUB: 'AI Hub',
  LLAMA_CPP: 'llama.cpp',
  OLLAMA: 'Ollama',
  OPENAI: 'OpenAI',
};

export const providerName = (provider: Provider): string =>
  provider === 'BUILTIN' ? texts.models.builtin : NAMES[provider];

const EXTRACTIVE = 'builtin/extractive';

/** A model's id without its provider; what is no model is called by what it does. */
export const modelName = (id: string): string =>
  id === EXTRACTIVE ? texts.models.extractive : id.slice(id.indexOf('/') + 1);
