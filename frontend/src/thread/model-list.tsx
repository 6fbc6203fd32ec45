import { ModelsDocument, ProvidersDocument } from '@colloquy/sdk';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { belongsToComposing } from '../keyboard/typing.ts';
import { inPageWords } from '../texts/server-words.ts';
import { texts } from '../texts/texts.ts';
import { Icon } from '../ui/icons.tsx';
import { formatBytes } from '../util/amounts.ts';
import styles from './model-list.module.css';
import { modelName, providerName } from './model-names.ts';
import { chatModels, type Model } from './use-models.ts';

/** From so many on they are searched. */
const MANY = 8;

type ModelListProps = { shown: string | null; onChoose: (id: string) => void };

/** The models that can chat, by provider, as the server knows them now. */
export function ModelList({ shown, onChoose }: ModelListProps) {
  const fresh = { requestPolicy: 'cache-and-network' } as const;
  const [{ data, error }] = useQuery({ query: ModelsDocument, variables: { provider: null }, ...fresh });
  const [{ data: health }] = useQuery({ query: ProvidersDocument, ...fresh });
  const [text, setText] = useState('');
  const [active, setActive] = useState(shown);
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const words = texts.models;
  const models = chatModels(data);
  const isSearched = models.length >= MANY;
  const found = models.filter((model) => matches(model, text));
  const providers = [...new Set(found.map(({ provider }) => provider))];
  // In the order in which they are shown.
  const ordered = providers.flatMap((provider) => found.filter((model) => model.provider === provider));
  const at = ordered.findIndex((model) => model.id === active);
  const activeId = at < 0 ? undefined : `${id}-${at}`;
  const faulty = (health?.providers ?? []).filter(({ state }) => state === 'DOWN' || state === 'DEGRADED');

  // biome-ignore lint/correctness/useExhaustiveDependencies: what has the focus depends on how many there are
  useEffect(() => {
    frame.current?.querySelector<HTMLElement>('[autofocus]')?.focus();
  }, [isSearched, models.length > 0]);

  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);

  function onKeyDown(event: KeyboardEvent) {
    if (belongsToComposing(event.nativeEvent)) return;
    const last = ordered.length - 1;
    const next = { ArrowDown: at >= last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setActive(ordered[next]?.id ?? null);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // What is found alone is meant.
      const chosen = ordered[at] ?? (ordered.length === 1 ? ordered[0] : undefined);
      if (chosen) onChoose(chosen.id);
    }
  }

  const keys = { 'aria-activedescendant': activeId, 'aria-controls': `${id}-list`, onKeyDown, ref: takeFocus };
  return (
    <div ref={frame} className={styles.models}>
      {isSearched && (
        <input
          {...keys}
          type="search"
          role="combobox"
          aria-expanded="true"
          aria-label={words.search}
          placeholder={words.search}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      {faulty.map(({ provider, state, message }) => (
        <p key={provider} className={styles.fault} title={message ? inPageWords(message) : undefined}>
          <Icon name="warning" size={14} />
          {state === 'DOWN' ? words.down(providerName(provider)) : words.degraded(providerName(provider))}
        </p>
      ))}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={words.label}
        className={styles.list}
        {...(isSearched ? { tabIndex: -1 } : { ...keys, tabIndex: 0 })}
      >
        {providers.map((provider) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset groups what is filled in
          <div key={provider} role="group" aria-labelledby={`${id}-${provider}`}>
            <p id={`${id}-${provider}`}>{providerName(provider)}</p>
            {ordered.map((model, index) =>
              model.provider === provider ? (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus, and takes the keys
                // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and takes the keys
                <div
                  key={model.id}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={model.id === shown}
                  data-active={index === at || undefined}
                  onClick={() => onChoose(model.id)}
                >
                  <Icon name={model.id === shown ? 'check' : 'blank'} size={15} />
                  <span className={styles.name}>
                    {modelName(model.id)}
                    <small>{factsOf(model)}</small>
                  </span>
                  {model.isDefault && <small className={styles.badge}>{words.default}</small>}
                </div>
              ) : null,
            )}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p className={styles.note} role="status">
          {models.length > 0 ? words.noneFound : error ? words.failed : data ? words.none : texts.sidebar.loading}
        </p>
      )}
    </div>
  );
}

/** React would give the focus itself, before a popover is shown, and leave the attribute out. */
function takeFocus(element: HTMLElement | null): void {
  element?.setAttribute('autofocus', '');
}

function matches({ id, provider }: Model, text: string): boolean {
  const searched = `${providerName(provider)} ${id} ${modelName(id)}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => searched.includes(word));
}

function factsOf({ sizeBytes, quantization, contextWindow }: Model): string {
  const window = contextWindow === null ? null : texts.models.window(contextWindow);
  return [sizeBytes === null ? null : formatBytes(sizeBytes), quantization, window].filter(Boolean).join(' · ');
}
