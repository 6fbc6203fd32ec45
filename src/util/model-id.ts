import { badInput } from '../errors.ts';
import { PROVIDER_NAMES, type ProviderName } from '../ports/language-model.ts';

export type ModelId = { provider: ProviderName; name: string };

const ALIASES = new Map<string, ProviderName>([
  ['local', 'ollama'],
  ['corporate', 'aihub'],
]);

export const MODEL_ID_FORM = `A model is written provider/name, where provider is one of ${PROVIDER_NAMES.join(', ')}.`;

/** Reads "provider/name"; the name may hold slashes. Null for what is not written so. */
export function readModelId(id: string): ModelId | null {
  const slash = id.indexOf('/');
  const prefix = id.slice(0, Math.max(slash, 0)).trim().toLowerCase();
  const name = id.slice(slash + 1).trim();
  const provider = PROVIDER_NAMES.find((candidate) => candidate === prefix) ?? ALIASES.get(prefix);
  return provider && name !== '' ? { provider, name } : null;
}

/** As `readModelId`. Throws BAD_USER_INPUT, naming `field`. */
export function parseModelId(id: string, field: string): ModelId {
  const parsed = readModelId(id);
  if (!parsed) throw badInput({ [field]: MODEL_ID_FORM });
  return parsed;
}

export function formatModelId(id: ModelId): string {
  return `${id.provider}/${id.name}`;
}
