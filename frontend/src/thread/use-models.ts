import { ModelsDocument, type ModelsQuery } from '@colloquy/sdk';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { isString, memory } from '../util/memory.ts';

export type Model = ModelsQuery['models'][number];

export type ModelChoice = {
  models: readonly Model[];
  /** What the next prompt is sent to; null: the server's default. */
  model: string | null;
  /** What it goes to in any case, as far as that is known. */
  shown: string | null;
  /** Whether that is none of those that are there now: its provider is down, or it has been removed. */
  isMissing: boolean;
  /** Whether nothing but the built-in answerer is there. */
  isBare: boolean;
  choose: (model: string) => void;
};

/** Without those that make vectors. */
export const chatModels = (data: ModelsQuery | undefined): Model[] =>
  (data?.models ?? []).filter(({ embedding }) => !embedding);

const CHOICE_KEY = 'colloquy.model';

/** The models that can chat, and the one that is asked: chosen here, else that of the conversation, else the last chosen. */
export function useModels(ofConversation: string | null): ModelChoice {
  const [{ data }, read] = useQuery({ query: ModelsDocument, variables: { provider: null } });
  const [chosen, setChosen] = useState<string | null>(null);
  const models = useMemo(() => chatModels(data), [data]);
  const remembered = memory.read(CHOICE_KEY, isString);
  const known = models.some(({ id }) => id === remembered) ? remembered : null;
  const model = chosen ?? ofConversation ?? known;
  const choose = useCallback((id: string) => {
    memory.write(CHOICE_KEY, id);
    setChosen(id);
  }, []);
  const isBare = models.length > 0 && models.every(({ provider }) => provider === 'BUILTIN');
  useEffect(() => {
    if (!isBare) return;
    // Whoever has set up a model, on this page or elsewhere, comes back to ask it.
    const readAnew = () => read({ requestPolicy: 'network-only' });
    readAnew();
    window.addEventListener('focus', readAnew);
    return () => window.removeEventListener('focus', readAnew);
  }, [isBare, read]);
  const shown = model ?? models.find(({ isDefault }) => isDefault)?.id ?? null;
  return {
    models,
    model,
    shown,
    isMissing: data !== undefined && shown !== null && models.every(({ id }) => id !== shown),
    isBare,
    choose,
  };
}
