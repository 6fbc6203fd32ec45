import { texts } from '../texts.ts';
import { Icon } from '../ui/icons.tsx';
import styles from './model-picker.module.css';
import type { Model, ModelChoice } from './use-models.ts';

const PROVIDERS: Record<Model['provider'], string> = {
  AIHUB: 'AI Hub',
  BUILTIN: texts.composer.builtin,
  LLAMA_CPP: 'llama.cpp',
  OLLAMA: 'Ollama',
  OPENAI: 'OpenAI',
};

/** Which model answers next. */
export function ModelPicker({ choice }: { choice: ModelChoice }) {
  const { models, shown, choose } = choice;
  if (models.length === 0 && shown === null) return null;
  const providers = [...new Set(models.map(({ provider }) => provider))];
  const isKnown = models.some(({ id }) => id === shown);
  return (
    <label className={styles.picker}>
      <span className="visually-hidden">{texts.composer.model}</span>
      <select value={shown ?? ''} onChange={(event) => choose(event.target.value)} title={shown ?? undefined}>
        {/* One that a conversation was held with and that is not listed (any more). */}
        {!isKnown && shown !== null && <option value={shown}>{shown.slice(shown.indexOf('/') + 1)}</option>}
        {providers.map((provider) => (
          <optgroup key={provider} label={PROVIDERS[provider]}>
            {models
              .filter((model) => model.provider === provider)
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
      <Icon name="left" size={13} />
    </label>
  );
}
